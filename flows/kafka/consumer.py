"""A member of the consumer group on confluent-kafka: what it is assigned starts paused."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from flows.kafka.faults import port_fault
from flows.kafka.reports import BrokerErrors, StableGaps
from flows.kafka.settings import Settings
from flows.port import Place, PlaceFault, Places, Polled, PortFault, Remedy
from schemas.records import Record

CLOSE_WAIT_S = 1.0
FENCES_MAX = 3
FENCES_WITHIN_S = 60.0
"""So often within so long it is another process of the same name: each of the two shuts the other out at once."""


class KafkaConsumer:
    """See `flows.port.GroupConsumer`."""

    def __init__(self, settings: Settings, prefix: str, errors: BrokerErrors) -> None:
        self._prefix = prefix
        self._kinds: dict[str, str] = {}
        self._owned: Places = []
        self._positions: dict[Place, int] = {}
        """Of what was started: librdkafka's own ones (2.16) stay where they were when reading goes back."""
        self._fetched: set[Place] = set()
        """Of which something was polled since they were started: until then the client knows an end of before."""
        self._on_revoke: Callable[[Places], None] = lambda _places: None
        self._join: Callable[[], None] = lambda: None
        self._membership: Any = None
        self._fenced_s: list[float] = []
        self._warnings: list[str] = []
        self._gaps = StableGaps()
        self._errors = errors
        # Where a fetch has found the end is told, which is how a position comes past the markers there.
        ours = {"enable.partition.eof": True, "error_cb": errors.note, "stats_cb": self._gaps.note}
        self._settings = settings | ours
        self._consumer = Consumer(self._settings)

    def subscribe(
        self, topics: Sequence[str], on_assign: Callable[[Places], None], on_revoke: Callable[[Places], None]
    ) -> None:
        self._kinds = {self._prefix + topic: topic for topic in topics}
        self._on_revoke = on_revoke

        def assigned(consumer: Any, given: list[TopicPartition]) -> None:
            if consumer is not self._consumer:
                return  # It is being closed, and another one has asked the group.
            # Offset 0 stands for nothing: while paused nothing is fetched, and `start_at` comes before resuming.
            consumer.assign([TopicPartition(each.topic, each.partition, 0) for each in given])
            consumer.pause(given)
            self._positions.clear()
            self._fetched.clear()
            self._membership = None
            self._owned = [self._place(each) for each in given]
            on_assign(self._owned)

        def revoked(consumer: Any, _taken: list[TopicPartition]) -> None:
            if consumer is self._consumer:
                self._give_back()
            consumer.unassign()

        def lost(consumer: Any, taken: list[TopicPartition]) -> None:
            self._warnings.append(
                "has lost its place in the consumer group: Kafka has not answered for session_timeout_ms, or this "
                "process has stood still; what it had may go to others until it has joined again"
            )
            revoked(consumer, taken)

        def join() -> None:
            self._consumer.subscribe(list(self._kinds), on_assign=assigned, on_revoke=revoked, on_lost=lost)

        self._join = join
        join()

    def rejoin(self) -> None:
        try:
            # Subscribing again, to the same topics, first revokes everything in the next poll.
            self._join()
        except KafkaException as raised:
            if raised.args[0].code() != KafkaError._FATAL:
                raise port_fault(raised, "join the consumer group again") from raised
            self._heed_final(raised.args[0])

    def poll(self, timeout_s: float, records_max: int) -> Polled:
        try:
            messages = self._consumer.consume(1, timeout_s)
            if messages and records_max > 1:
                messages += self._consumer.consume(records_max - 1, 0)
        except KafkaException as raised:
            raise port_fault(raised, "read from Kafka") from raised
        records: list[tuple[int, Record]] = []
        faults: list[PlaceFault] = []
        final: KafkaError | None = None
        reached: dict[tuple[str, int], int] = {}
        kinds = self._kinds
        message: Any
        for message in messages:
            error = message.error()
            if error is not None:
                # A message's error never says of itself that it is fatal; its code does.
                if error.code() == KafkaError._FATAL:
                    final = error
                elif error.code() == KafkaError._PARTITION_EOF:
                    reached[kinds[message.topic()], message.partition()] = message.offset()
                else:
                    faults += self._faults(error, message)
                continue
            record = Record(
                kinds[message.topic()],
                message.offset(),
                message.timestamp()[1],
                message.key(),
                message.value(),
            )
            number = message.partition()
            records.append((number, record))
            reached[record.topic, number] = record.offset + 1
        for at, position in reached.items():
            place = Place(*at)
            # What was taken away within this poll has none any more.
            if place in self._positions:
                self._positions[place] = position
                self._fetched.add(place)
        if final is not None:
            self._heed_final(final)
        warnings, self._warnings = self._warnings, []
        return Polled(records, faults, warnings)

    def start_over(self) -> None:
        """The old client is closed beside the flow: where the broker is away nobody knows how long that takes.

        A static member does not leave when it closes, so its name keeps its place.
        """
        old, self._consumer = self._consumer, Consumer(self._settings)
        if self._owned:
            self._give_back()
        closing = threading.Thread(target=_close, args=(old,), name="closing", daemon=True)
        closing.start()
        # It mostly takes no time, and what it has on the way must not come after the new one's.
        closing.join(CLOSE_WAIT_S)
        self._join()

    def _heed_final(self, final: KafkaError) -> None:
        """Join with a new client where this one was shut out of the group; raises where another process does it.

        One that shut itself out looks the same. Once its session has timed out librdkafka 2.16 has no member id any
        more, and yet sends heartbeats under its static name until the flow comes to give back what it owned. A broker
        that was away and still knows the session takes them for another process's (librdkafka issue 3437). And where a
        broker stood still it finds two questions to join of the same client when it goes on: answering the second one
        it fences the member that it made for the first one.
        """
        self._errors.note(final)
        now_s = time.monotonic()
        if self._consumer.memberid():
            self._fenced_s = [at_s for at_s in self._fenced_s if now_s - at_s < FENCES_WITHIN_S] + [now_s]
        if len(self._fenced_s) >= FENCES_MAX:
            raise PortFault(
                Remedy.REJOIN,
                "could not stay in the consumer group: another process has joined it under the same name; give each an "
                f"instance of its own ({final.str()})",
            )
        self._warnings.append(
            f"the consumer group has shut this member out, joins again with a new client: {final.str()}"
        )
        self.start_over()

    def _give_back(self) -> None:
        self._membership = None
        self._positions.clear()
        taken, self._owned = self._owned, []
        self._on_revoke(taken)

    def _faults(self, error: KafkaError, message: Any) -> list[PlaceFault]:
        """Passing trouble mends itself; what concerns one place is told."""
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
            self._positions[place] = offset
            self._fetched.discard(place)
            self._consumer.seek(there)
            self._consumer.resume([there])
            # librdkafka 2.16 does not wake its fetching thread when a place is resumed, only when it is sought: without
            # this the first record comes a second later.
            self._consumer.seek(there)
        except KafkaException as error:
            raise port_fault(error, f"read {place} from offset {offset}") from error

    def pause(self, places: Places) -> None:
        for place in places:
            self._positions.pop(place, None)
        # A place that was just revoked is not paused any more, and needs not be.
        with suppress(KafkaException):
            self._consumer.pause(self._named(places))

    def position(self, place: Place) -> int | None:
        return self._positions.get(place)

    def end_last_seen(self, place: Place) -> int | None:
        if place not in self._fetched:
            return None
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


def _close(consumer: Consumer) -> None:
    with suppress(KafkaException, RuntimeError):
        consumer.close()
