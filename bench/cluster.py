"""The broker of a measurement: topics of one partition, preloaded inputs, and a look at what was committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from bench.workload import NETWORK, Workload
from cli.reference.publish import publish_set
from cli.shared.connection import Connection
from infra.kafka.broker import LocalKafka
from infra.reading import PlaceReader
from infra.topics import Topics
from infra.writing import RecordWriter
from schemas.kinds import INVENTORY
from schemas.topics import Names

PARTITIONS = 1
PARTITION = 0
"""One network on one partition: a second partition would be a second network and a second core."""

TIMEOUT_S = 60.0

# Segments as on a busy broker, and a heap that holds its indexes; everything else is the local broker as it is.
BROKER_SETTINGS = {"log.segment.bytes": str(256 * 1024 * 1024)}


class Cluster:
    """One broker; every run has a topic prefix of its own."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def properties(self) -> dict[str, str]:
        """Of any client."""
        return {"bootstrap.servers": self.bootstrap}

    def create_topics(self, prefix: str, wms: Iterable[str]) -> None:
        """All topics under a prefix."""
        Topics(self._admin, self.properties(), Names(prefix)).create_missing(PARTITIONS, wms)

    def delete_topics(self, prefix: str) -> None:
        """Make room: a pair of runs leaves more than a gigabyte."""
        names = [
            name for name in self._admin.list_topics(timeout=TIMEOUT_S).topics if name.startswith(prefix)
        ]
        for future in self._admin.delete_topics(names).values():
            future.result(TIMEOUT_S)

    def set_up(self, prefix: str, workload: Workload) -> None:
        """Reference and stock counts, published but not yet read by a router."""
        self.create_topics(prefix, workload.wms)
        connection = Connection(self.properties(), Names(prefix), PARTITIONS, self._admin)
        publish_set(workload.network(), connection)
        self.preload(prefix, INVENTORY, workload.counts())

    def preload(self, prefix: str, topic: str, values: Iterable[bytes]) -> int:
        """Write records as any source would; returns how many."""
        producer = RecordWriter({**self.properties(), "linger.ms": 20})
        count = 0
        for value in values:
            count += 1
            producer.write(prefix + topic, NETWORK.encode(), value, PARTITION)
        reason = producer.why_not_stored(TIMEOUT_S)
        if reason:
            raise RuntimeError(f"{prefix}{topic} was not preloaded: {reason}")
        return count

    def output_topics(self, prefix: str) -> list[str]:
        """Everything that a router publishes, without the prefix."""
        names = Names(prefix)
        found = []
        for name in self._admin.list_topics(timeout=TIMEOUT_S).topics:
            topic = names.topic_of(name)
            if topic is not None and topic.written_by == "router":
                found.append(topic.name)
        return sorted(found)

    def reader(self, prefix: str) -> Reader:
        return Reader(self.properties(), prefix)


class Reader:
    """Reads topics from where it left off to their present end, read_committed."""

    def __init__(self, properties: dict[str, str], prefix: str) -> None:
        self._prefix = prefix
        self._next: dict[str, int] = {}
        self._consumer = PlaceReader(
            {**properties, "auto.offset.reset": "error", "fetch.message.max.bytes": 8 * 1024 * 1024}
        )

    def read(self, topics: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """(topic without prefix, message) in offset order of each topic."""
        unread = {self._prefix + topic for topic in topics}
        if not unread:
            return
        self._consumer.assign(
            [TopicPartition(topic, PARTITION, self._next.get(topic, 0)) for topic in sorted(unread)]
        )
        while unread:
            messages: list[Any] = self._consumer.consume(10_000, 0.1)
            for message in messages:
                error = message.error()
                if error is None:
                    self._next[message.topic()] = message.offset() + 1
                    yield message.topic().removeprefix(self._prefix), message
                elif error.code() == KafkaError._PARTITION_EOF:
                    unread.discard(message.topic())
                else:
                    raise KafkaException(error)

    def skip(self, topics: Iterable[str]) -> None:
        """Leave out what is there now."""
        for _ in self.read(topics):
            pass

    def close(self) -> None:
        self._consumer.close()


@contextmanager
def local_cluster() -> Iterator[Cluster]:
    """A broker of its own in a directory that goes with it."""
    with (
        TemporaryDirectory(prefix="sluice-bench-") as directory,
        LocalKafka(Path(directory), settings=BROKER_SETTINGS) as kafka,
    ):
        yield Cluster(kafka.bootstrap)
