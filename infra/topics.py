"""Creates every topic, and finds everything about existing ones that would break a promise.

A network's partition is the hash of its name modulo the partition count, so the count may never change under
a prefix: records of one network would lie on two partitions. Comparing the topics with each other does not
show that somebody grew all of them alike, so the count is recorded once, in the `layout` topic, before
anything else exists. Where that record was lost, the topics that are left are what is known of it.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigEntry, ConfigResource, NewTopic, OffsetSpec, ResourceType

from infra.errors import ConfigurationError, Refused, SluiceError
from infra.layout import Layout, read_layout, write_layout
from schemas.formats import FORMAT, FORMAT_UNRECORDED
from schemas.topics import FIXED, LAYOUT, Names, Topic, all_topics, allocations

DEFAULT_PARTITIONS = 8
REQUEST_TIMEOUT_S = 30.0
REPLICATION_MAX = 3
SERVED_POLL_S = 0.01


@dataclass(frozen=True)
class Fault:
    """One thing about one topic that is not as it must be."""

    topic: str
    setting: str
    actual: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.setting} is {self.actual}, expected {self.expected}. {self.remedy}"


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
        """Create what does not exist yet, and return its names; a partition count other than before is
        refused."""
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
        for name, topic in topics.items():
            if name not in existing:
                remedy = f"Create it with {self._remedy_command(topic)}"
                faults.append(Fault(name, "topic", "missing", "to exist", remedy))
                continue
            faults += self._partition_faults(name, topic, existing[name], recorded, name in written)
            faults += _setting_faults(name, topic, settings[name], self._replication())
        return faults

    def _settle_partitions(self, wanted: int | None, existing: Mapping[str, int]) -> int:
        """The partition count of this prefix: the recorded one, or the wanted one, recorded now."""
        recorded = self.recorded_partitions()
        if recorded is not None:
            if wanted not in {None, recorded}:
                raise ConfigurationError(self._migration(recorded, wanted))
            return recorded
        if wanted is not None and wanted < 1:
            raise ConfigurationError(f"--partitions is {wanted}; expected 1 or more")
        found = self._placed(existing)
        count = self._found_partitions(wanted, found) if found else wanted or DEFAULT_PARTITIONS
        if self._names.of(LAYOUT) not in existing:
            self._create([LAYOUT], 1)
        # A record that was lost does not say whether an upgrade was final: the older format is read by either release,
        # and `sluice finalise` raises it.
        in_force = FORMAT_UNRECORDED if found else FORMAT
        write_layout(self._properties, self._names.of(LAYOUT), Layout(count, in_force))
        return count

    def _placed(self, existing: Mapping[str, int]) -> dict[str, int]:
        """The partition count of each topic of this prefix that places records by it."""
        topics = {name: self._names.topic_of(name) for name in existing}
        return {
            name: existing[name]
            for name, topic in topics.items()
            if topic is not None and not topic.one_partition
        }

    def _found_partitions(self, wanted: int | None, found: Mapping[str, int]) -> int:
        """The count that the topics have whose record was lost; only a person can say it where they disagree."""
        counts = set(found.values())
        if wanted in counts:
            return wanted
        if wanted is None and len(counts) == 1:
            return counts.pop()
        named: dict[int, list[str]] = {}
        for name, count in sorted(found.items()):
            named.setdefault(count, []).append(name)
        told = "; ".join(f"{count} for {', '.join(names)}" for count, names in sorted(named.items()))
        asked = "no --partitions was given" if wanted is None else f"--partitions is {wanted}"
        raise ConfigurationError(
            f"{asked}, and the topics under {self._names.prefix!r} exist without the record of their partition count. "
            f"They have: {told}. Say with --partitions which of these they were created for"
        )

    def _migration(self, recorded: int, wanted: int | None) -> str:
        return (
            f"--partitions is {wanted}, but the topics under {self._names.prefix!r} were created for "
            f"{recorded}, and "
            "each network's place was computed from that count. To move to another count: create topics "
            "under a new "
            "--prefix, apply the network directory there, have stock counts and open orders sent there, and "
            "point "
            f"the routers to it. To keep the count, say --partitions {recorded}, or leave it out"
        )

    def _create(self, topics: Sequence[Topic], partitions: int) -> None:
        if not topics:
            return
        wanted = [self._new_topic(topic, 1 if topic.one_partition else partitions) for topic in topics]
        futures: dict[str, Future[None]] = self._admin.create_topics(
            wanted, request_timeout=REQUEST_TIMEOUT_S
        )
        for name, future in futures.items():
            try:
                future.result()
            except KafkaException as error:
                # Somebody else created it between the look and this request: verify says whether it is right.
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise SluiceError(f"{name} could not be created: {error.args[0].str()}") from None
        self._wait_until_served({topic.topic: topic.num_partitions for topic in wanted})

    def _wait_until_served(self, partitions: Mapping[str, int]) -> None:
        """Wait until the topics are listed and a broker answers for every partition of theirs.

        Creation is acknowledged a moment before either. Whoever produces before the leaders know that they lead is
        told "not leader", and librdkafka 2.16 has been seen to lose count of a transaction's sequence numbers over
        it. Asking for a topic's offsets before it is listed would have the client remember for half a minute that
        there is no such topic.
        """
        deadline = time.monotonic() + REQUEST_TIMEOUT_S
        while unlisted := partitions.keys() - self._existing().keys():
            _give_up_after(deadline, unlisted, "not listed")
        left = [(name, number) for name, count in partitions.items() for number in range(count)]
        while faults := self._unserved(left):
            left = list(faults)
            _give_up_after(deadline, {name for name, _ in left}, str(faults[left[0]]))

    def _unserved(self, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], BaseException]:
        """Those that no broker answers for, with the reason."""
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        futures: dict[TopicPartition, Future[Any]] = self._admin.list_offsets(
            {TopicPartition(name, number): latest for name, number in places},
            request_timeout=REQUEST_TIMEOUT_S,
        )
        faults = {(place.topic, place.partition): future.exception() for place, future in futures.items()}
        return {place: fault for place, fault in faults.items() if fault is not None}

    def _new_topic(self, topic: Topic, partitions: int) -> NewTopic:
        replication = self._replication()
        return NewTopic(
            self._names.of(topic), num_partitions=partitions, replication_factor=replication,
            config=wanted_settings(topic, replication),
        )  # fmt: skip

    def _replication(self) -> int:
        """Three copies, or as many as there are brokers."""
        return min(REPLICATION_MAX, len(self._admin.list_topics(timeout=REQUEST_TIMEOUT_S).brokers))

    def _existing(self) -> dict[str, int]:
        """Every topic of the cluster with its partition count."""
        metadata = self._admin.list_topics(timeout=REQUEST_TIMEOUT_S)
        return {name: len(topic.partitions) for name, topic in metadata.topics.items()}

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
            remedy = self._migration(recorded, wanted)
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


def _give_up_after(deadline: float, names: Iterable[str], why: str) -> None:
    """A pause before the next look; raises `SluiceError` when the time is up."""
    if time.monotonic() > deadline:
        raise SluiceError(f"{', '.join(sorted(names))}: created, but not to be used: {why}")
    time.sleep(SERVED_POLL_S)


def wanted_settings(topic: Topic, replication: int) -> dict[str, str]:
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(topic.retention_ms),
        # Retention is a time, never a size: a size would cut what was promised for a time.
        "retention.bytes": "-1",
        "max.message.bytes": str(topic.bytes_max),
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(_min_insync(replication)),
    }


def _min_insync(replication: int) -> int:
    """A transaction is acknowledged by two copies where there are three, so that one may be lost at any
    time."""
    return 2 if replication >= REPLICATION_MAX else 1


# These may be larger than Sluice asks for: an operator who keeps more, or demands more copies, breaks
# nothing.
_AT_LEAST = {"retention.ms", "max.message.bytes", "min.insync.replicas", "retention.bytes"}


def _setting_faults(name: str, topic: Topic, actual: Mapping[str, str], replication: int) -> list[Fault]:
    faults = []
    for setting, expected in wanted_settings(topic, replication).items():
        found = actual.get(setting, "unset")
        if found == expected or (setting in _AT_LEAST and _is_enough(found, expected)):
            continue
        wanted = f"at least {expected}" if setting in _AT_LEAST and expected != "-1" else expected
        remedy = f"Set it on the topic: {setting}={expected}"
        faults.append(Fault(name, setting, found, wanted, remedy))
    return faults


def _is_enough(found: str, expected: str) -> bool:
    """-1 is without limit."""
    if found == "-1":
        return True
    return expected != "-1" and found.isdigit() and int(found) >= int(expected)
