"""A Kafka, real or simulated, with members and readers: what the port's contract suite works with."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import Producer

from flows.config import RouterConfig
from flows.kafka.confluent_port import ConfluentPort
from flows.port import GroupConsumer, KafkaPort, LogReader, Place, Places
from infra.connect import admin_client
from infra.settings import Settings
from infra.topic_creation import create_topics, existing_topics
from schemas.kinds import DECISIONS, INPUT_TOPICS, JOURNAL
from schemas.topics import FIXED
from tests.simulation.log import SimulatedKafka
from tests.simulation.port import SimulatedPort

PARTITIONS = 2
WAIT_S = 45.0


class World:
    """A Kafka, real or not, and as many processes as a test wants."""

    def port(self, member: str, fetch_wait_ms: int | None = None) -> KafkaPort:
        """Of one process; a fetch waits so long for what is not there yet, by default as the router's."""
        raise NotImplementedError

    def append(self, place: Place, *values: bytes) -> None:
        raise NotImplementedError

    def make_anew(self, topic: str) -> None:
        """Delete the topic and create it again."""
        raise NotImplementedError


class Simulated(World):
    def __init__(self) -> None:
        self._kafka = SimulatedKafka(dict.fromkeys([*INPUT_TOPICS, DECISIONS], PARTITIONS))

    def port(self, member: str, fetch_wait_ms: int | None = None) -> KafkaPort:
        return SimulatedPort(self._kafka, member)

    def append(self, place: Place, *values: bytes) -> None:
        for value in values:
            self._kafka.append(place, b"key", value)

    def make_anew(self, topic: str) -> None:
        self._kafka.make_anew(topic)


class Real(World):
    """`static`: its processes are members under names of their own, as with `instance`."""

    def __init__(
        self, bootstrap: str, prefix: str, *, static: bool = False, session_timeout_ms: int = 6_000
    ) -> None:
        self._static = static
        self._session_timeout_ms = session_timeout_ms
        self._client = {"bootstrap.servers": bootstrap}
        self._prefix = prefix
        settings = Settings(self._client, prefix)
        self._names = settings.names
        self._admin = admin_client(settings, bootstrap)
        # No others: each partition costs the broker some milliseconds.
        self._create(*INPUT_TOPICS, DECISIONS, JOURNAL)

    def port(self, member: str, fetch_wait_ms: int | None = None) -> KafkaPort:
        # Statistics come often, so that nobody waits for them.
        client = self._client | {"statistics.interval.ms": "200"}
        if fetch_wait_ms is not None:
            client["fetch.wait.max.ms"] = str(fetch_wait_ms)
        config = RouterConfig(
            session_timeout_ms=self._session_timeout_ms, instance=member if self._static else ""
        )
        return ConfluentPort(config, client, self._prefix)

    def append(self, place: Place, *values: bytes) -> None:
        producer = Producer(self._client)
        for value in values:
            producer.produce(self._prefix + place.topic, value, b"key", place.partition)
        assert producer.flush(WAIT_S) == 0

    def make_anew(self, topic: str) -> None:
        name = self._prefix + topic
        self._admin.delete_topics([name])[name].result(WAIT_S)
        until(lambda: name not in existing_topics(self._admin))
        self._create(topic)

    def _create(self, *topics: str) -> None:
        create_topics(self._admin, self._names, [each for each in FIXED if each.name in topics], PARTITIONS)


class Member:
    """A consumer, and what the group has told it."""

    def __init__(self, port: KafkaPort) -> None:
        self.consumer: GroupConsumer = port.consumer()
        self.owned: set[Place] = set()
        self.told: list[str] = []
        self.consumer.subscribe(INPUT_TOPICS, self._assigned, self._revoked)

    def _assigned(self, places: Places) -> None:
        self.owned = set(places)
        self.told.append("assigned")

    def _revoked(self, places: Places) -> None:
        self.owned -= set(places)
        self.told.append("revoked")

    def values(self, count: int) -> list[tuple[int, bytes | None]]:
        """Poll until that many records came."""
        found: list[tuple[int, bytes | None]] = []

        def enough() -> bool:
            found.extend((each.offset, each.value) for _, each in self.consumer.poll(0.05, 100).records)
            return len(found) >= count

        until(enough)
        return found

    def nothing(self) -> bool:
        """Several polls in a row bring no record."""
        return not any(self.consumer.poll(0.05, 100).records for _ in range(6))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline


def joined(world: World, name: str) -> Member:
    member = Member(world.port(name))

    def is_assigned() -> bool:
        member.consumer.poll(0.05, 100)
        return bool(member.owned)

    until(is_assigned)
    return member


def read_to_end(reader: LogReader, records_max: int = 100) -> list[bytes | None]:
    values: list[bytes | None] = []

    def ended() -> bool:
        values.extend(record.value for record in reader.read(records_max, 0.02))
        return reader.at_end()

    until(ended)
    return values
