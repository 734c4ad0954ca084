"""Creates every topic, and finds everything about existing ones that would break a promise.

Comparing the topics with each other does not show that somebody grew all of them alike, so their partition count is
recorded once, in the `layout` topic, before anything else exists.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigEntry, ConfigResource, OffsetSpec, ResourceType

from infra.errors import ConfigurationError, Refused, SluiceError
from infra.layout import Layout, read_layout, write_layout
from infra.partition_count import layout_to_record, migration
from infra.topic_creation import REQUEST_TIMEOUT_S, create_topics, existing_topics, replication_of
from infra.topic_settings import Fault, setting_faults
from schemas.topics import FIXED, LAYOUT, Names, Topic, all_topics, allocations


class Topics:
    """The topics under one prefix of one cluster."""

    def __init__(self, admin: AdminClient, properties: Mapping[str, str], names: Names) -> None:
        self._admin = admin
        self._properties = properties
        self._names = names

    def recorded_partitions(self) -> int | None:
        """The partition count that was chosen for this prefix, or None when its topics do not exist yet."""
        layout = self.recorded_layout()
        return None if layout is None else layout.partitions

    def recorded_layout(self) -> Layout | None:
        """What was recorded for this prefix, or None when its topics do not exist yet."""
        if self._names.of(LAYOUT) not in self._existing():
            return None
        return read_layout(self._properties, self._names.of(LAYOUT))

    def record_format(self, in_force: int) -> None:
        """Let partitions that have no state yet begin in this format."""
        layout = self.recorded_layout()
        if layout is not None:
            write_layout(self._properties, self._names.of(LAYOUT), Layout(layout.partitions, in_force))

    def create_missing(self, partitions: int | None = None, wms: Iterable[str] = ()) -> list[str]:
        """Create what does not exist yet, and return its names; a partition count other than before is refused."""
        existing = self._existing()
        count = self._settle_partitions(partitions, existing)
        missing = [topic for topic in all_topics(wms) if self._names.of(topic) not in self._existing()]
        self._create(missing, count)
        created = [topic for topic in all_topics(wms) if self._names.of(topic) not in existing]
        return [self._names.of(topic) for topic in created]

    def ensure_wms_topic(self, wms: str) -> bool:
        """Create the topic of a new warehouse system; True when it was not there yet."""
        topic = allocations(wms)
        if self._names.of(topic) in self._existing():
            return False
        count = self.recorded_partitions()
        if count is None:
            raise SluiceError(
                f"There are no topics under {self._names.prefix!r} yet. Create them with `sluice topics`"
            )
        self._create([topic], count)
        return True

    def verify(self, wms: Iterable[str] = (), partitions: int | None = None) -> list[Fault]:
        """Everything that is wrong, at once. Empty when every topic is as it must be."""
        existing = self._existing()
        recorded = self.recorded_partitions()
        # Topics of warehouse systems that nobody named here carry allocations all the same.
        topics = {self._names.of(topic): topic for topic in all_topics(wms)}
        topics |= {name: found for name in existing if (found := self._names.topic_of(name)) is not None}
        faults = self._layout_faults(recorded, partitions, self._names.of(LAYOUT) in existing)
        settings = self._settings_of([name for name in topics if name in existing])
        written = self._written(self._too_few(topics, existing, recorded))
        replication = replication_of(self._admin)
        for name, topic in topics.items():
            if name not in existing:
                remedy = f"Create it with {self._remedy_command(topic)}"
                faults.append(Fault(name, "topic", "missing", "to exist", remedy))
                continue
            faults += self._partition_faults(name, topic, existing[name], recorded, name in written)
            faults += setting_faults(name, topic, settings[name], replication)
        return faults

    def _settle_partitions(self, wanted: int | None, existing: Mapping[str, int]) -> int:
        """The partition count of this prefix: the recorded one, or what is to be recorded, recorded now."""
        recorded = self.recorded_partitions()
        if recorded is not None:
            if wanted not in {None, recorded}:
                raise ConfigurationError(migration(self._names, recorded, wanted))
            return recorded
        layout = layout_to_record(self._names, wanted, existing)
        if self._names.of(LAYOUT) not in existing:
            self._create([LAYOUT], 1)
        write_layout(self._properties, self._names.of(LAYOUT), layout)
        return layout.partitions

    def _create(self, topics: Sequence[Topic], partitions: int) -> None:
        create_topics(self._admin, self._names, topics, partitions)

    def _existing(self) -> dict[str, int]:
        return existing_topics(self._admin)

    def _settings_of(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
        if not resources:
            return {}
        described: dict[ConfigResource, Future[dict[str, ConfigEntry]]] = self._admin.describe_configs(
            resources, request_timeout=REQUEST_TIMEOUT_S
        )
        try:
            return {
                resource.name: {entry.name: str(entry.value) for entry in future.result().values()}
                for resource, future in described.items()
            }
        except KafkaException as error:
            raise Refused(
                f"The settings of the topics cannot be read: {error.args[0].str()}. `sluice doctor` shows what this "
                "user may do"
            ) from None

    def _layout_faults(self, recorded: int | None, wanted: int | None, exists: bool) -> list[Fault]:
        name = self._names.of(LAYOUT)
        if recorded is None and exists:
            remedy = f"Record it with {self._remedy_command(LAYOUT)}"
            return [Fault(name, "the recorded partition count", "missing", "a number", remedy)]
        if recorded is not None and wanted not in {None, recorded}:
            remedy = migration(self._names, recorded, wanted)
            return [Fault(name, "the recorded partition count", str(recorded), str(wanted), remedy)]
        return []

    def _partition_faults(
        self, name: str, topic: Topic, actual: int, recorded: int | None, is_written: bool
    ) -> list[Fault]:
        expected = 1 if topic.one_partition else recorded
        if expected is None or actual == expected:
            return []
        if actual > expected:
            remedy = (
                "A partition count cannot be taken back: create topics under a new --prefix and move there"
            )
        elif is_written:
            layout = self._names.of(LAYOUT)
            remedy = (
                f"It holds records that were placed for {actual}: growing it would lay a network on two partitions. If "
                f"every other topic has {actual}, the record in {layout} is what is wrong: stop the routers, delete "
                f"{layout} and run {self._remedy_command(LAYOUT)}, which records {actual} again. Otherwise create "
                "topics under a new --prefix and move there"
            )
        else:
            remedy = f"Grow it to {expected} partitions before anything is written to it"
        return [Fault(name, "the partition count", str(actual), str(expected), remedy)]

    def _too_few(
        self, topics: Mapping[str, Topic], existing: Mapping[str, int], recorded: int | None
    ) -> dict[str, int]:
        """Those with fewer partitions than were recorded."""
        placed = {name for name, topic in topics.items() if not topic.one_partition and name in existing}
        return {name: existing[name] for name in placed if recorded is not None and existing[name] < recorded}

    def _written(self, counts: Mapping[str, int]) -> set[str]:
        """Those of these topics that anything was ever written to; one that cannot be asked counts as written."""
        if not counts:
            return set()
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        places = {
            TopicPartition(name, number): latest for name, count in counts.items() for number in range(count)
        }
        futures: dict[TopicPartition, Future[Any]] = self._admin.list_offsets(
            places, request_timeout=REQUEST_TIMEOUT_S
        )
        return {
            place.topic
            for place, future in futures.items()
            if future.exception() is not None or future.result().offset > 0
        }

    def _remedy_command(self, topic: Topic) -> str:
        return f"`sluice topics --prefix {self._names.prefix}" + (
            "`" if topic in FIXED else f" {topic.name.removeprefix('allocations.')}`"
        )
