"""A transactional producer on confluent-kafka."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Producer, TopicPartition

from flows.kafka.faults import port_fault
from flows.kafka.reports import BrokerErrors
from flows.kafka.settings import Settings
from flows.port import Place, PortFault, Remedy

# Delivery reports are served this often while a large bundle is handed over, so that none pile up.
POLL_EVERY_RECORDS = 5_000
TOPICS_TIMEOUT_S = 1.0
INIT_SLICE_S = 1.0


class _GivenUp:
    """In the client's place once the partition is not this process's any more: whatever is asked of it fails."""

    def __getattr__(self, name: str) -> Any:
        raise PortFault(
            Remedy.REJOIN, f"cannot {name.replace('_', ' ')}: the partition was given up meanwhile"
        )

    def __call__(self, *_arguments: Any, **_named: Any) -> Any:
        return self.produce


_GIVEN_UP = _GivenUp()


class KafkaProducer:
    """See `flows.port.TransactionalProducer`."""

    def __init__(
        self, settings: Settings, prefix: str, produce_timeout_s: float, errors: BrokerErrors
    ) -> None:
        self._prefix = prefix
        self._names: dict[str, str] = {}
        self._produce_timeout_s = produce_timeout_s
        self._undelivered: KafkaError | None = None
        self._since_poll = 0
        self._producer: Any = Producer(settings | {"on_delivery": self._on_delivery, "error_cb": errors.note})
        self._produce: Any = self._producer.produce

    def init(self, timeout_s: float) -> None:
        """Waits in slices, the next of which resumes the call: where the partition is given away meanwhile, there is
        none, and the client goes. Otherwise it would fence the next owner as soon as its coordinator is back.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            began_s = time.monotonic()
            left_s = deadline_s - began_s
            try:
                self._producer.init_transactions(min(max(left_s, 0.0), INIT_SLICE_S))
                return
            except KafkaException as error:
                # At the end of a slice it is whatever the coordinator has said last: that it is busy, or not in charge.
                is_end_of_slice = time.monotonic() - began_s > INIT_SLICE_S / 2
                if error.args[0].retriable() and is_end_of_slice and left_s > INIT_SLICE_S:
                    continue
                raise port_fault(error, "fence the previous owner") from error

    def begin(self) -> None:
        self._undelivered = None
        self._names.clear()
        try:
            self._producer.begin_transaction()
        except KafkaException as error:
            raise port_fault(error, "begin a transaction") from error

    def produce(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Any,
    ) -> None:
        name = self._names.get(topic) or self._names.setdefault(topic, self._prefix + topic)
        self._since_poll += 1
        if self._since_poll >= POLL_EVERY_RECORDS:
            self._since_poll = 0
            self._serve(0)
        try:
            if headers is None:
                self._produce(name, value, key, partition)
            else:
                self._produce(name, value, key, partition, headers=headers)
        except BufferError:
            self._produce_when_there_is_room(name, partition, key, value, headers)
        except KafkaException as error:
            raise port_fault(error, f"publish on {topic}") from error

    def _produce_when_there_is_room(
        self, name: str, partition: int, key: bytes | None, value: bytes | None, headers: Any
    ) -> None:
        deadline = time.monotonic() + self._produce_timeout_s
        while time.monotonic() < deadline:
            self._serve(0.01)
            with suppress(BufferError):
                self._produce(name, value, key, partition, headers=headers or [])
                return
        raise PortFault(
            Remedy.ABORT,
            f"could not publish on {name}: the broker took nothing for {self._produce_timeout_s:.0f} s",
        )

    def send_offsets(
        self, offsets: Mapping[Place, int], membership: Any, timeout_s: float, note: str = ""
    ) -> None:
        places = [
            TopicPartition(self._prefix + place.topic, place.partition, at, note)
            for place, at in offsets.items()
        ]
        try:
            self._producer.send_offsets_to_transaction(places, membership, timeout_s)
        except KafkaException as error:
            raise self._fault(error, "add the input offsets to the transaction") from error

    def commit(self, timeout_s: float) -> None:
        try:
            self._producer.commit_transaction(timeout_s)
        except KafkaException as error:
            raise self._fault(error, "commit") from error
        if self._undelivered is not None:
            raise PortFault(
                Remedy.REJOIN, f"a commit passed over an undelivered record: {self._undelivered.str()}"
            )

    def abort(self, timeout_s: float) -> None:
        with suppress(KafkaException):
            self._producer.purge()
        try:
            self._producer.abort_transaction(timeout_s)
        except KafkaException as error:
            raise port_fault(error, "abort") from error

    def broker_time_ms(self, place: Place, timeout_s: float) -> int | None:
        seen: list[int] = []

        def note(error: KafkaError | None, message: Any) -> None:
            kind, moment_ms = message.timestamp()
            if error is None and kind == TIMESTAMP_LOG_APPEND_TIME:
                seen.append(moment_ms)

        self.begin()
        try:
            self._producer.produce(
                self._prefix + place.topic, b"", partition=place.partition, on_delivery=note
            )
            self._producer.flush(timeout_s)
        except KafkaException as error:
            raise port_fault(error, "read the broker's clock") from error
        finally:
            self.abort(timeout_s)
        return seen[0] if seen else None

    def close(self) -> None:
        # The client ends with whoever holds it last: here, or in a call that is under way beside this. It works on
        # until then, and its callbacks hold this object, so without a collector it would never end.
        producer, self._producer, self._produce = self._producer, _GIVEN_UP, _GIVEN_UP
        # Nothing is flushed: what was not committed must not be.  The next `init` of this id ends what is open.
        with suppress(KafkaException, PortFault):
            producer.purge()

    def _serve(self, timeout_s: float) -> None:
        try:
            self._producer.poll(timeout_s)
        except KafkaException as error:
            raise port_fault(error, "publish") from error

    def _on_delivery(self, error: KafkaError | None, _message: Any) -> None:
        if error is not None and error.code() not in {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}:
            self._undelivered = self._undelivered or error

    def _fault(self, error: KafkaException, doing: str) -> PortFault:
        # Lets the delivery reports in, which say more than the call's own error; a fatal one is raised here again.
        with suppress(KafkaException):
            self._producer.poll(0)
        fault = port_fault(error, doing, self._undelivered)
        is_unknown = error.args[0].code() in {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}
        missing = self._missing() if fault.passes or is_unknown else []
        if missing:
            return PortFault(
                Remedy.OPERATOR,
                f"could not {doing}: the topic {missing[0]} does not exist; create it with `sluice topics`",
            )
        return fault

    def _missing(self) -> list[str]:
        """Topics of this transaction that are not there.

        For one that was deleted the client goes on looking, and a commit that waits for it says only that it took too
        long.  All topics are asked for, because asking by name creates one where auto-creation is on.
        """
        try:
            listed: Any = self._producer.list_topics(timeout=TOPICS_TIMEOUT_S)
        except KafkaException:
            return []
        return [name for name in self._names.values() if name not in listed.topics]
