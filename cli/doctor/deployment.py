"""The deployment that is looked at: its cluster, its topics, the router's settings, and how to ask for more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    DescribeClusterResult,
    OffsetSpec,
    ResourceType,
    TopicMetadata,
)

from cli.doctor.wire import protocol_of
from flows.config import RunConfig
from infra.topics import Topics
from schemas.codec import INPUT_TOPICS
from schemas.topics import Names, Topic

LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]

REFUSAL_S = 2.0

Settings = dict[str, dict[str, str]]
"""Settings by the name of the topic or the broker that has them."""


def is_passing(error: KafkaError) -> bool:
    """Not worth ending a look for: it mends itself, or concerns a group, which is only named and never used."""
    return error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED or (error.retriable() and not error.fatal())


class Deployment:
    """Nothing here writes.  What several checks want is asked for once; each of them may run in its own thread."""

    def __init__(
        self,
        admin: AdminClient,
        properties: Mapping[str, str],
        names: Names,
        config: RunConfig,
        *,
        role: str = "router",
        routers: Iterable[str] = (),
        sample_records: int = 1_000,
        timeout_s: float = 10.0,
    ) -> None:
        self.admin = admin
        self.properties = dict(properties)
        self.names = names
        self.router = config.router
        self.limits = config.limits
        self.role = role
        self.routers = tuple(routers)
        self.sample_records = sample_records
        self.timeout_s = timeout_s

    @property
    def bootstrap(self) -> str:
        return self.properties["bootstrap.servers"]

    @property
    def group(self) -> str:
        """The consumer group's name on the cluster."""
        return self.names.prefix + self.router.group

    @property
    def is_local(self) -> bool:
        """Every broker is on this very machine."""
        nodes = self.cluster.nodes or []
        return all(node.host in {"127.0.0.1", "::1", "localhost"} for node in nodes)

    @property
    def speaks_sasl(self) -> bool:
        """A client must log in before it is answered."""
        return protocol_of(self.properties).startswith("sasl")

    @cached_property
    def cluster(self) -> DescribeClusterResult:
        described: Any = self.admin.describe_cluster(request_timeout=self.timeout_s)
        result: DescribeClusterResult = described.result(self.timeout_s)
        return result

    def refusal(self) -> str:
        """What the client says about its connections: a refused log-in, a certificate; empty if nothing."""
        said: list[str] = []
        general = {KafkaError._ALL_BROKERS_DOWN}
        heard: dict[str, Any] = {
            "log_level": 0,
            "error_cb": lambda error: said.append("" if error.code() in general else error.str()),
        }
        asking = AdminClient(self.properties | heard)
        with suppress(KafkaException):
            asking.list_topics(timeout=min(self.timeout_s, REFUSAL_S))
        asking.poll(0)
        return next(filter(None, said), "")

    @cached_property
    def metadata(self) -> ClusterMetadata:
        listed: ClusterMetadata = self.admin.list_topics(timeout=self.timeout_s)
        return listed

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """The topics of this prefix that exist, by full name."""
        found = {name: self.names.topic_of(name) for name in sorted(self.metadata.topics)}
        return {name: topic for name, topic in found.items() if topic is not None}

    @property
    def rules(self) -> Topics:
        """What `sluice topics` knows of them."""
        return Topics(self.admin, self.properties, self.names)

    @cached_property
    def partitions(self) -> int | None:
        """The partition count that was recorded when the topics were created."""
        return self.rules.recorded_partitions()

    def metadata_of(self, name: str) -> TopicMetadata:
        found: TopicMetadata = self.metadata.topics[name]
        return found

    def places(self, kinds: Iterable[str] = INPUT_TOPICS) -> list[TopicPartition]:
        """Every partition of these topics, as far as they exist."""
        names = [self.names.prefix + kind for kind in kinds]
        return [
            TopicPartition(name, partition)
            for name in names
            if name in self.topics
            for partition in sorted(self.metadata_of(name).partitions)
        ]

    @cached_property
    def broker_settings(self) -> Settings:
        nodes = [str(node.id) for node in self.cluster.nodes or []]
        return self._settings(ResourceType.BROKER, nodes)

    @cached_property
    def topic_settings(self) -> Settings:
        return self._settings(ResourceType.TOPIC, list(self.topics))

    def _settings(self, kind: ResourceType, names: list[str]) -> Settings:
        if not names:
            return {}
        resources = [ConfigResource(kind, name) for name in names]
        described: Any = self.admin.describe_configs(resources, request_timeout=self.timeout_s)
        answers: dict[str, dict[str, ConfigEntry]] = {
            resource.name: future.result(self.timeout_s) for resource, future in described.items()
        }
        return {
            name: {entry.name: str(entry.value) for entry in entries.values() if not entry.is_sensitive}
            for name, entries in answers.items()
        }

    def ends(self, places: Iterable[TopicPartition], *, stable: bool) -> dict[tuple[str, int], int]:
        """Where each place ends: for everybody, or for a reader of committed records when `stable`."""
        return self._offsets(
            places,
            LATEST,
            IsolationLevel.READ_COMMITTED if stable else IsolationLevel.READ_UNCOMMITTED,
        )

    def starts(self, places: Iterable[TopicPartition]) -> dict[tuple[str, int], int]:
        """The first offset that retention has left."""
        return self._offsets(places, EARLIEST, IsolationLevel.READ_UNCOMMITTED)

    def _offsets(
        self, places: Iterable[TopicPartition], spec: OffsetSpec, isolation: IsolationLevel
    ) -> dict[tuple[str, int], int]:
        asked = {TopicPartition(place.topic, place.partition): spec for place in places}
        if not asked:
            return {}
        futures: Any = self.admin.list_offsets(
            asked, isolation_level=isolation, request_timeout=self.timeout_s
        )
        return {
            (place.topic, place.partition): future.result(self.timeout_s).offset
            for place, future in futures.items()
        }

    @contextmanager
    def reader(self, *, committed: bool) -> Iterator[Consumer]:
        """A consumer that commits nothing and joins no group; librdkafka only insists that one is named."""
        consumer = Consumer(
            {
                "log_level": 0,
                **self.properties,
                "group.id": "sluice-doctor",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed" if committed else "read_uncommitted",
                "auto.offset.reset": "earliest",
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 10,
                "error_cb": lambda _error: None,
            }
        )
        try:
            yield consumer
        finally:
            consumer.close()
