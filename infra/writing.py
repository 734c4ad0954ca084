"""Writing records from a verb: stored once each, and what the broker refuses is told in our own words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from infra.errors import Refused

# A refusal that ends the client is printed by the library whatever its log level is.
_quiet = logging.getLogger("sluice.writing")
_quiet.propagate = False
_quiet.addHandler(logging.NullHandler())

REFUSALS = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)


Report = Callable[[KafkaError | None, Any], None]
"""Called once for each record: why it was not stored, if so, and the record."""


class RecordWriter(Producer):
    """A producer whose records are stored once each, in order."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__({"log_level": 0, **properties, "enable.idempotence": True}, logger=_quiet)
        self._refused: list[KafkaError] = []

    def write(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int,
        on_delivery: Report | None = None,
    ) -> None:
        """As `produce`, but while the queue is full it waits until the broker has taken some of it."""
        while True:
            try:
                self.produce(
                    topic, key=key, value=value, partition=partition, on_delivery=on_delivery or self._note
                )
                self.poll(0)
                return
            except BufferError:
                self.poll(0.1)

    def _note(self, error: KafkaError | None, _message: Any) -> None:
        if error is not None:
            self._refused.append(error)

    def why_not_stored(self, timeout_s: float) -> str:
        """Wait until everything is stored that was written without a report of its own; empty when it is."""
        if self.flush(timeout_s) or self._refused:
            return reason_of(self._refused[0]) if self._refused else f"not acknowledged in {timeout_s:.0f} s"
        return ""

    def poll(self, timeout: float = -1) -> int:
        """Serve the reports of records; raises `Refused` where nothing can be written at all."""
        return _told(super().poll, timeout)

    def flush(self, timeout: float = -1) -> int:
        """Wait until everything is stored, and return what is not; raises `Refused` as `poll` does."""
        return _told(super().flush, timeout)


def _told(action: Callable[[float], int], timeout: float) -> int:
    try:
        return served(action, timeout)
    except KafkaException as fault:
        raise Refused(f"Nothing more was sent: {reason_of(fault.args[0])}") from None


def served(action: Callable[[float], int], timeout: float) -> int:
    """Poll or flush a producer; raises what was raised while it delivered the reports of records.

    The library makes a SystemError of a fault that ends the client, and of a Ctrl-C: then a KafkaException, or a
    KeyboardInterrupt, is raised in its place.
    """
    try:
        return action(timeout)
    except SystemError as error:
        if isinstance(error.__cause__, KafkaException):
            raise error.__cause__ from None
        if error.__cause__ is None:
            # Of a Ctrl-C nothing is left, and of nothing else.
            raise KeyboardInterrupt from None
        raise


def reason_of(error: KafkaError) -> str:
    """Why a record was not taken."""
    if error.code() == KafkaError.CLUSTER_AUTHORIZATION_FAILED:
        # What a broker answers to an idempotent producer whose user may write to no topic at all.
        return "this user may WRITE to no topic. `sluice doctor --role ...` shows what it may do"
    if error.code() in REFUSALS:
        return f"{error.str()}. `sluice doctor --role ...` shows what this user may do"
    return error.str()
