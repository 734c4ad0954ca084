"""A member of the consumer group on confluent-kafka: what it is assigned starts paused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from flows.kafka_faults import port_fault
from flows.kafka_settings import Settings
from flows.kafka_trouble import BrokerErrors, StableGaps
from flows.port import Place, PlaceFault, Places, Polled
from schemas.records import Record


class KafkaConsumer:
    """See `flows.port.GroupConsumer`."""

    def __init__(self, settings: Settings, prefix: str, errors: BrokerErrors) -> None:
        self._prefix = prefix
        self._kinds: dict[str, str] = {}
        self._join: Callable[[], None] = lambda: None
        self._membership: Any = None
        self._gaps = StableGaps()
        self._consumer = Consumer(settings | {"error_cb": errors.note, "stats_cb": self._gaps.note})

    def subscribe(
        self, topics: Sequence[str], on_assign: Callable[[Places], None], on_revoke: Callable[[Places], None]
    ) -> None:
        self._kinds = {self._prefix + topic: topic for topic in topics}

        def assigned(consumer: Any, given: list[TopicPartition]) -> None:
            # Offset 0 stands for nothing: while paused nothing is fetched, and `start_at` comes before
            # resuming.
            consumer.assign([TopicPartition(each.topic, each.partition, 0) for each in given])
            consumer.pause(given)
            self._membership = None
            on_assign([self._place(each) for each in given])

        def revoked(consumer: Any, taken: list[TopicPartition]) -> None:
            self._membership = None
            on_revoke([self._place(each) for each in taken])
            consumer.unassign()

        def join() -> None:
            self._consumer.subscribe(
                list(self._kinds), on_assign=assigned, on_revoke=revoked, on_lost=revoked
            )

        self._join = join
        join()

    def rejoin(self) -> None:
        # Subscribing again, to the same topics, first revokes everything in the next poll.
        self._join()

    def poll(self, timeout_s: float, records_max: int) -> Polled:
        try:
            messages = self._consumer.consume(1, timeout_s)
            if messages and records_max > 1:
                messages += self._consumer.consume(records_max - 1, 0)
        except KafkaException as raised:
            raise port_fault(raised, "read from Kafka") from raised
        records: list[tuple[int, Record]] = []
        faults: list[PlaceFault] = []
        kinds = self._kinds
        message: Any
        for message in messages:
            error = message.error()
            if error is not None:
                faults += self._faults(error, message)
                continue
            record = Record(
                kinds[message.topic()],
                message.offset(),
                message.timestamp()[1],
                message.key(),
                message.value(),
            )
            records.append((message.partition(), record))
        return Polled(records, faults)

    def _faults(self, error: KafkaError, message: Any) -> list[PlaceFault]:
        """Passing trouble mends itself; what concerns one place is told; what ends this client is raised."""
        if error.fatal():
            raise port_fault(KafkaException(error), "stay in the consumer group")
        cut = error.code() in {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}
        refused = error.code() in {
            KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError._BAD_MSG,
        }  # fmt: skip
        if not (cut or refused) or message.topic() not in self._kinds:
            return []
        place = Place(self._kinds[message.topic()], message.partition())
        return [PlaceFault(place, f"{place} cannot be read: {error.str()}", cut)]

    def start_at(self, place: Place, offset: int) -> None:
        there = TopicPartition(self._prefix + place.topic, place.partition, offset)
        try:
            self._consumer.seek(there)
            self._consumer.resume([there])
            # librdkafka 2.16 does not wake its fetching thread when a place is resumed, only when it is sought: without
            # this the first record comes a second later.
            self._consumer.seek(there)
        except KafkaException as error:
            raise port_fault(error, f"read {place} from offset {offset}") from error

    def pause(self, places: Places) -> None:
        # A place that was just revoked is not paused any more, and needs not be.
        with suppress(KafkaException):
            self._consumer.pause(self._named(places))

    def position(self, place: Place) -> int | None:
        offset: int = self._consumer.position(self._named([place]))[0].offset
        return offset if offset >= 0 else None

    def end_last_seen(self, place: Place) -> int | None:
        _low, high = self._consumer.get_watermark_offsets(self._named([place])[0], cached=True)
        return high if high >= 0 else None

    def stable_gap(self, place: Place) -> int | None:
        return self._gaps.of(self._prefix + place.topic, place.partition)

    def membership(self) -> Any:
        # The same from one rebalance to the next, and the group waits for these callbacks in each: asking the client's
        # own thread every time would cost the flow 0.2 ms a bundle.
        if self._membership is None:
            self._membership = self._consumer.consumer_group_metadata()
        return self._membership

    def close(self) -> None:
        self._consumer.close()

    def _place(self, each: TopicPartition) -> Place:
        return Place(self._kinds[each.topic], each.partition)

    def _named(self, places: Places) -> list[TopicPartition]:
        return [TopicPartition(self._prefix + place.topic, place.partition) for place in places]
