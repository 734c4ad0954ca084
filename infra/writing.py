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


class RecordWriter(Producer):
    """A producer whose records are stored once each, in order."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__({"log_level": 0, **properties, "enable.idempotence": True}, logger=_quiet)

    def poll(self, timeout: float = -1) -> int:
        """Serve the reports of records; raises `Refused` where nothing can be written at all."""
        return _told(super().poll, timeout)

    def flush(self, timeout: float = -1) -> int:
        """Wait until everything is stored, and return what is not; raises `Refused` as `poll` does."""
        return _told(super().flush, timeout)


def _told(action: Callable[[float], int], timeout: float) -> int:
    try:
        return action(timeout)
    except (KafkaException, SystemError) as error:
        # What ends the client is raised in the middle of a record's report, which makes a SystemError of it.
        fault = error if isinstance(error, KafkaException) else error.__cause__
        if isinstance(error, SystemError) and fault is None:
            # The library loses a Ctrl-C that comes while it delivers a report, and only that, so nothing is raised.
            raise KeyboardInterrupt from None
        if not isinstance(fault, KafkaException):
            raise
        raise Refused(f"Nothing more was sent: {reason_of(fault.args[0])}") from None


def reason_of(error: KafkaError) -> str:
    """Why a record was not taken."""
    if error.code() == KafkaError.CLUSTER_AUTHORIZATION_FAILED:
        # What a broker answers to an idempotent producer whose user may write to no topic at all.
        return "this user may WRITE to no topic. `sluice doctor --role ...` shows what it may do"
    if error.code() in REFUSALS:
        return f"{error.str()}. `sluice doctor --role ...` shows what this user may do"
    return error.str()
