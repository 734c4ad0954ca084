"""The deployment that is looked at: its cluster, its topics, the router's settings, and how to ask for more."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AclOperation,
    AdminClient,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    ConsumerGroupDescription,
    DescribeClusterResult,
    OffsetSpec,
    ResourceType,
    TopicMetadata,
)

from cli.doctor.reaching import Broker, Silence, silences
from cli.doctor.rights import ROLES, Place, Right
from cli.doctor.wire import protocol_of
from flows.config import RunConfig
from infra.committed import committed_offsets
from infra.reading import PlaceReader
from infra.refusal import Refusal, refusal_of
from infra.topics import Topics
from schemas.kinds import INPUT_TOPICS
from schemas.topics import Names, Topic

LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]

NOT_YET = frozenset(
    {
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError._TIMED_OUT,
    }
)
"""What a group's coordinator answers at its very first use, and while it moves: ask again."""
ASK_AGAIN_S = 0.1
TURN_S = 2.0
UNENDING_S = 3_600.0
"""The longest time-out that the client takes, and longer than a look lasts."""

NOT_ANSWERED = frozenset({KafkaError._TIMED_OUT, KafkaError._TIMED_OUT_QUEUE, KafkaError.REQUEST_TIMED_OUT})
"""What the client says of a question whose answer did not come in time."""

Settings = dict[str, dict[str, str]]
"""Settings by the name of the topic or the broker that has them."""


def is_passing(error: KafkaError) -> bool:
    """Not worth ending a look for: it mends itself."""
    return error.retriable() and not error.fatal()


def is_unanswered(error: Exception) -> bool:
    """Whether nothing came back in time: neither a refusal nor an answer."""
    if isinstance(error, KafkaException):
        return error.args[0].code() in NOT_ANSWERED
    return isinstance(error, TimeoutError)


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
        wms: str = "",
        routers: Iterable[str] = (),
        sample_records: int = 1_000,
        timeout_s: float = 10.0,
        config_file: Path | None = None,
    ) -> None:
        self.admin = admin
        self.properties = dict(properties)
        self.names = names
        self.router = config.router
        self.limits = config.limits
        self.role = role
        self.wms = wms
        self.routers = tuple(routers)
        self.sample_records = sample_records
        self.timeout_s = timeout_s
        self._config_file = config_file

    @property
    def bootstrap(self) -> str:
        return self.properties["bootstrap.servers"]

    def command(self, verb: str) -> str:
        """`sluice VERB` of this very deployment, to be typed anywhere."""
        words = ["--kafka", self.bootstrap, "--prefix", self.names.prefix]
        if self._config_file is not None:
            words += ["--config", str(self._config_file)]
        return f"sluice {verb} {shlex.join(words)}"

    def kafka_command(self, tool: str, words: str) -> str:
        """`kafka-TOOL.sh WORDS` of Kafka's own tools, which know nothing of our configuration.

        Where a log-in is asked for and none is given they wait until they give up, and do not say for what.
        """
        log_in = "" if protocol_of(self.properties) == "plaintext" else " --command-config admin.properties"
        return f"kafka-{tool}.sh --bootstrap-server {self.bootstrap}{log_in} {words}"

    @property
    def group(self) -> str:
        """The consumer group's name on the cluster."""
        return self.names.prefix + self.router.group

    @property
    def is_local(self) -> bool:
        """Every broker is on this very machine."""
        return all(broker.host in {"127.0.0.1", "::1", "localhost"} for broker in self.brokers)

    @property
    def principal(self) -> str:
        """Who asks, as access rules name him; a certificate or a token names him in its own way."""
        is_named = protocol_of(self.properties).startswith("sasl") and "sasl.username" in self.properties
        return f"User:{self.properties['sasl.username']}" if is_named else "User:NAME"

    @property
    def needs(self) -> list[Right]:
        """What the role must be allowed."""
        return list(ROLES[self.role](Place(self.names, self.group, self.wms)))

    @cached_property
    def cluster(self) -> DescribeClusterResult:
        described: Any = self.admin.describe_cluster(
            include_authorized_operations=True, request_timeout=self.timeout_s
        )
        result: DescribeClusterResult = described.result(self.timeout_s)
        return result

    @property
    def may_everything(self) -> bool:
        """Whoever may alter the cluster may grant himself the rest, so what he does not see is not there."""
        return AclOperation.ALTER in (self.cluster.authorized_operations or ())

    def refusal(self) -> Refusal | None:
        """Why no broker answers; None when one does."""
        return refusal_of(self.properties, self.timeout_s)

    def described_group(self) -> ConsumerGroupDescription:
        """The routers' group as it is now, and what the principal may do with it.

        No question has a time-out of its own, it is only not waited for any longer: librdkafka 2.16 ends the whole
        process when a coordinator can be reached after a question for it has timed out.
        """
        deadline_s = time.monotonic() + self.timeout_s
        while True:
            # In short turns: a question that meets a coordinator's very first use is not answered at all.
            turn_s = min(TURN_S, self.timeout_s)
            asked: Any = self.admin.describe_consumer_groups(
                [self.group], include_authorized_operations=True, request_timeout=UNENDING_S
            )
            try:
                group: ConsumerGroupDescription = asked[self.group].result(turn_s + ASK_AGAIN_S)
                return group
            except TimeoutError:
                if time.monotonic() > deadline_s:
                    raise
            except KafkaException as error:
                if error.args[0].code() not in NOT_YET or time.monotonic() > deadline_s:
                    raise
            time.sleep(ASK_AGAIN_S)

    def committed(self, places: Iterable[TopicPartition]) -> dict[tuple[str, int], int | None]:
        """The next offset that the group will read; None where it has never read.

        As of the last commit: a router that hangs, or was killed, may leave a transaction open for longer than we wait.
        """
        return committed_offsets(
            self.properties, self.group, places, self.timeout_s, waits_for_transactions=False
        )

    @cached_property
    def metadata(self) -> ClusterMetadata:
        listed: ClusterMetadata = self.admin.list_topics(timeout=self.timeout_s)
        return listed

    @property
    def brokers(self) -> list[Broker]:
        """Those that the cluster lists, each with the address that it advertises.

        From the metadata, which any broker that lives tells: the other ways to ask go to one that the cluster names,
        which may be the very one that hangs.
        """
        listed: Iterable[Any] = self.metadata.brokers.values()
        return sorted(
            (Broker(each.id, each.host, each.port) for each in listed), key=lambda broker: broker.id
        )

    @cached_property
    def silences(self) -> dict[int, Silence]:
        """The brokers that do not answer, by number."""
        return silences(self.brokers, self.properties, self.timeout_s)

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
        """Of the brokers that answer."""
        asked: dict[str, Any] = {}
        for broker in self.brokers:
            # Each broker tells of itself alone, so one question cannot be about two of them.
            if broker.id not in self.silences:
                asked |= self._ask_settings(ResourceType.BROKER, [str(broker.id)])
        return self._shown(asked)

    @cached_property
    def topic_settings(self) -> Settings:
        return self._shown(self._ask_settings(ResourceType.TOPIC, list(self.topics)))

    def _ask_settings(self, kind: ResourceType, names: list[str]) -> dict[str, Any]:
        """What will be answered, by name."""
        if not names:
            return {}
        resources = [ConfigResource(kind, name) for name in names]
        asked: Any = self.admin.describe_configs(resources, request_timeout=self.timeout_s)
        return {resource.name: future for resource, future in asked.items()}

    def _shown(self, asked: Mapping[str, Any]) -> Settings:
        """The values that anybody may see, once they are answered."""
        answers: dict[str, dict[str, ConfigEntry]] = {
            name: future.result(self.timeout_s) for name, future in asked.items()
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

    def reader(self, *, committed: bool) -> PlaceReader:
        """A consumer of places that are assigned to it."""
        return PlaceReader(
            {
                **self.properties,
                "isolation.level": "read_committed" if committed else "read_uncommitted",
                "auto.offset.reset": "earliest",
                "error_cb": lambda _error: None,
            }
        )
