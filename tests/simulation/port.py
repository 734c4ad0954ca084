"""The flow's client port on a simulated Kafka, with a place to stand for whoever wants to break something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flows.port import (
    Committed,
    GroupConsumer,
    LogReader,
    Place,
    PlaceFault,
    Places,
    Polled,
    PortFault,
    Remedy,
    TransactionalProducer,
)
from schemas.records import Record
from tests.simulation.log import Fenced, IllegalGeneration, SimulatedKafka


class SimulatedPort:
    """Clients of one process; `trouble` is told each step before it happens, and may raise."""

    def __init__(
        self, kafka: SimulatedKafka, member: str, trouble: Callable[[str], None] = lambda _step: None
    ) -> None:
        self._kafka = kafka
        self._member = member
        self._trouble = trouble

    def consumer(self) -> GroupConsumer:
        return SimulatedConsumer(self._kafka, self._member)

    def producer(self, partition: int) -> TransactionalProducer:
        return SimulatedProducer(self._kafka, f"router.{partition}", self._trouble)

    def reader(self, *, follows: bool = False) -> LogReader:
        return SimulatedReader(self._kafka, self._trouble if follows else lambda _step: None)

    def committed(self, places: Places, timeout_s: float) -> Committed:
        notes = [self._kafka.notes.get(place, "") for place in places]
        return Committed(
            {place: self._kafka.committed.get(place) for place in places}, max(notes, default="")
        )

    def watermarks(self, places: Places, timeout_s: float) -> dict[Place, tuple[int, int]]:
        return {place: (self._kafka.low[place], self._kafka.stable_end(place)) for place in places}

    def others(self, timeout_s: float) -> int:
        return len(set(self._kafka.group.members) - {self._member})

    def broker_errors(self) -> Mapping[str, int]:
        return {}

    def topic_ids(self, topics: Iterable[str], timeout_s: float) -> Mapping[str, str]:
        return {topic: self._kafka.topic_ids[topic] for topic in topics}

    def topics(self, timeout_s: float) -> Mapping[str, int]:
        return dict(self._kafka.topics)


class SimulatedConsumer:
    """See `flows.port.GroupConsumer`."""

    def __init__(self, kafka: SimulatedKafka, member: str) -> None:
        self._kafka = kafka
        self._member = member
        self._topics: Sequence[str] = ()
        self._on_assign: Callable[[Places], None] = lambda _places: None
        self._on_revoke: Callable[[Places], None] = lambda _places: None
        self._owned: set[int] | None = None
        self._generation = -1
        self._positions: dict[Place, int] = {}
        self._paused: set[Place] = set()
        self._ends_seen: dict[Place, int] = {}
        self._turn = 0

    def subscribe(
        self, topics: Sequence[str], on_assign: Callable[[Places], None], on_revoke: Callable[[Places], None]
    ) -> None:
        self._topics, self._on_assign, self._on_revoke = topics, on_assign, on_revoke
        self._kafka.group.join(self._member)

    def rejoin(self) -> None:
        self._kafka.group.join(self._member)

    def start_over(self) -> None:
        self.rejoin()

    def poll(self, timeout_s: float, records_max: int) -> Polled:
        if self._topics:
            self._follow_group()
        records: list[tuple[int, Record]] = []
        faults: list[PlaceFault] = []
        places = [place for place in sorted(self._positions) if place not in self._paused]
        # Another place first each time, so that none starves when the bound cuts a poll short.
        self._turn += 1
        for place in places[self._turn % max(1, len(places)) :] + places[: self._turn % max(1, len(places))]:
            if not self._kafka.low[place] <= self._positions[place] <= len(self._kafka.logs[place]):
                faults.append(PlaceFault(place, f"{place} cannot be read", cut=True))
                continue
            self._ends_seen[place] = len(self._kafka.logs[place])
            found, position = self._kafka.read(place, self._positions[place], records_max - len(records))
            self._positions[place] = position
            records += [
                (place.partition, Record(place.topic, offset, each.timestamp_ms, each.key, each.value))
                for offset, each in found
            ]
        return Polled(records, faults)

    def _follow_group(self) -> None:
        group = self._kafka.group
        if group.must_give_back(self._member):
            if self._owned is not None:
                self._on_revoke(self._places(self._owned))
            self._owned = None
            self._positions.clear()
            group.rejoin(self._member)
        share = group.share(self._member)
        if self._owned is None and share is not None:
            self._owned, self._generation = set(share), group.generation
            self._paused = set(self._places(share))
            self._positions = dict.fromkeys(self._paused, 0)
            self._on_assign(self._places(share))

    def _places(self, numbers: set[int]) -> list[Place]:
        return [Place(topic, number) for topic in self._topics for number in sorted(numbers)]

    def start_at(self, place: Place, offset: int) -> None:
        assert place in self._positions, f"{place} is not assigned"
        self._positions[place] = offset
        self._paused.discard(place)
        self._ends_seen.pop(place, None)

    def pause(self, places: Places) -> None:
        self._paused |= set(places)

    def position(self, place: Place) -> int | None:
        return None if place in self._paused else self._positions.get(place)

    def end_last_seen(self, place: Place) -> int | None:
        return self._ends_seen.get(place)

    def stable_gap(self, place: Place) -> int | None:
        return len(self._kafka.logs[place]) - self._kafka.stable_end(place)

    def membership(self) -> Any:
        return self._member, self._generation

    def close(self) -> None:
        if self._owned is not None:
            self._on_revoke(self._places(self._owned))
        self._kafka.group.leave(self._member)


class SimulatedProducer:
    """See `flows.port.TransactionalProducer`."""

    def __init__(self, kafka: SimulatedKafka, transactional_id: str, trouble: Callable[[str], None]) -> None:
        self._kafka = kafka
        self._id = transactional_id
        self._trouble = trouble
        self._epoch = 0
        self._must_commit = False

    def init(self, timeout_s: float) -> None:
        self._trouble("init")
        self._epoch = self._kafka.init(self._id)

    def begin(self) -> None:
        self._trouble("begin")
        self._guarded(lambda: self._kafka.begin(self._id, self._epoch))

    def produce(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None,
    ) -> None:
        self._trouble("produce")
        place = Place(topic, partition)
        self._guarded(lambda: self._kafka.produce(self._id, self._epoch, place, key, value, headers))

    def send_offsets(
        self, offsets: Mapping[Place, int], membership: Any, timeout_s: float, note: str = ""
    ) -> None:
        self._trouble("send_offsets")
        member, generation = membership
        self._guarded(
            lambda: self._kafka.send_offsets(self._id, self._epoch, dict(offsets), member, generation, note)
        )

    def commit(self, timeout_s: float) -> None:
        self._trouble("commit")
        self._guarded(lambda: self._kafka.commit(self._id, self._epoch))
        self._trouble("committed")

    def abort(self, timeout_s: float) -> None:
        self._trouble("abort")
        self._guarded(lambda: self._kafka.abort(self._id, self._epoch))

    def broker_time_ms(self, place: Place, timeout_s: float) -> int | None:
        return self._kafka.now_ms

    def close(self) -> None:
        """As after a crash: what is open stays open until the id is used again."""

    def _guarded(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Fenced:
            raise PortFault(Remedy.REJOIN, "another producer took over") from None
        except IllegalGeneration:
            raise PortFault(Remedy.ABORT, "the group has moved on") from None


class SimulatedReader:
    """See `flows.port.LogReader`."""

    def __init__(self, kafka: SimulatedKafka, trouble: Callable[[str], None]) -> None:
        self._kafka = kafka
        self._trouble = trouble
        self._positions: dict[Place, int] = {}
        self._ends: dict[Place, int] = {}

    def assign(self, starts: Mapping[Place, int]) -> None:
        self._positions = dict(starts)
        self._ends = {place: self._kafka.stable_end(place) for place in starts}

    def read(self, records_max: int, timeout_s: float) -> list[Record]:
        self._trouble("follow")
        records: list[Record] = []
        for place in sorted(self._positions):
            found, self._positions[place] = self._kafka.read(
                place, self._positions[place], records_max - len(records)
            )
            records += [
                Record(place.topic, offset, each.timestamp_ms, each.key, each.value) for offset, each in found
            ]
        return records

    def at_end(self) -> bool:
        return all(self._ends[place] <= at for place, at in self._positions.items())

    def lag(self) -> int:
        return sum(max(0, self._kafka.stable_end(place) - at) for place, at in self._positions.items())

    def close(self) -> None:
        self._positions.clear()
