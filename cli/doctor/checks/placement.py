"""Producers place each record on the partition of its network, and the broker stamps it.

Clients that hash the key otherwise than Java does are the most common mistake of a new producer: their records become
dead letters, or worse, seem to work because two hashes happen to agree. So the latest records are looked at.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct, field

from cli.doctor.deployment import Deployment, is_passing
from cli.doctor.findings import Finding, fail, ok, warn
from cli.words.counting import counted
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS
from schemas.placement import partition_of

NETWORKS_NAMED_MAX = 8
BATCH_RECORDS = 2_000


class _Envelope(Struct):
    """All that is needed of an event here."""

    network: str


_decoder = msgspec.json.Decoder(_Envelope)


class Sample(Struct):
    """What the latest records of one topic look like."""

    records: int = 0
    misplaced: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)
    """Key and network of records on a wrong partition: the partition, an offset there, and the right partition."""
    other_keys: dict[str, str] = field(default_factory=dict)
    """Keys that are not the network's name, with the network that was meant."""
    unreadable: int = 0
    not_stamped: int = 0
    networks: Counter[str] = field(default_factory=Counter)

    def add(self, message: Message, partitions: int) -> None:
        self.records += 1
        self.not_stamped += message.timestamp()[0] != TIMESTAMP_LOG_APPEND_TIME
        key = shown_key(message.key())
        try:
            network = _decoder.decode(message.value() or b"").network
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.unreadable += 1
            return
        self.networks[network] += 1
        actual, right = message.partition() or 0, partition_of(network, partitions)
        if actual != right:
            self.misplaced.setdefault((key, network), (actual, message.offset() or 0, right))
        elif key != network:
            self.other_keys.setdefault(key, network)


def shown_key(key: str | bytes | None) -> str:
    """A key as a person can read it."""
    if key is None:
        return ""
    return key if isinstance(key, str) else key.decode(errors="backslashreplace")


def look(deployment: Deployment) -> Iterator[Finding]:
    """The latest records of what others write."""
    for kind in (ORDERS, INVENTORY, FULFILMENT):
        name = deployment.names.prefix + kind
        if name in deployment.topics:
            # A producer hashes into the partitions that there are; whether there should be as many, `topics` says.
            sample = _sample(deployment, kind, len(deployment.metadata_of(name).partitions))
            yield from findings_of(name, sample, deployment.command)


def findings_of(name: str, sample: Sample, command: Callable[[str], str]) -> Iterator[Finding]:
    """What a sample says."""
    for (key, network), (actual, offset, right) in list(sample.misplaced.items())[:NETWORKS_NAMED_MAX]:
        keyed = f"key {key!r}" if key else "no key"
        yield fail(
            f"{name}/{actual} offset {offset}: a record of network {network!r} with {keyed}, which belongs on "
            f"partition {right}",
            "the network's name as key, hashed as Java's client does (murmur2)",
            "Set partitioner=murmur2_random in the producer if it is built on librdkafka, and key by the network "
            "alone; then send again what routers have refused as dead letters",
            command("dead-letters list --reason wrong_partition"),
        )
    if sample.other_keys:
        key, network = next(iter(sample.other_keys.items()))
        yield warn(
            f"{name}: {counted(len(sample.other_keys), 'key')} other than the network's name, such as {key!r} for "
            f"network {network!r}",
            "the network's name as key",
            "Key by the network alone: another key lands where it must only by luck",
        )
    if sample.unreadable:
        yield warn(
            f"{name}: {sample.unreadable:,} of the latest {sample.records:,} records are no events",
            "JSON with a network",
            "Find who sends them: a router refuses each of them as a dead letter",
            command("dead-letters list"),
        )
    if sample.not_stamped:
        yield warn(
            f"{name}: {sample.not_stamped:,} of the latest {sample.records:,} records carry their producer's time",
            "the broker's time (LogAppendTime), so that ages mean something",
            "Nothing, if the topic's message.timestamp.type has been mended since: new records are stamped",
        )
    if not sample.records:
        yield ok(f"{name}: no records yet")
    elif not sample.misplaced and not sample.other_keys:
        told = ", ".join(
            f"{network} {count:,}" for network, count in sample.networks.most_common(NETWORKS_NAMED_MAX)
        )
        yield ok(
            f"{name}: the latest {sample.records:,} records are where they belong ({told or 'no network named'})"
        )


def _sample(deployment: Deployment, kind: str, partitions: int) -> Sample:
    """The latest records of each partition, those of open transactions too."""
    places = deployment.places([kind])
    starts, ends = deployment.starts(places), deployment.ends(places, stable=False)
    sample = Sample()
    wanted: dict[int, int] = {}
    begin: list[TopicPartition] = []
    for place in places:
        first, end = starts[place.topic, place.partition], ends[place.topic, place.partition]
        if end > first:
            wanted[place.partition] = end
            start = max(first, end - deployment.sample_records)
            begin.append(TopicPartition(place.topic, place.partition, start))
    deadline_s = time.monotonic() + deployment.timeout_s
    with deployment.reader(committed=False) as consumer:
        consumer.assign(begin)
        while wanted and time.monotonic() < deadline_s:
            first_message = consumer.poll(1.0)
            if first_message is None:
                continue
            for message in [first_message, *consumer.consume(BATCH_RECORDS, 0)]:
                _take(message, sample, wanted, partitions)
    if wanted:
        raise TimeoutError
    return sample


def _take(message: Message, sample: Sample, wanted: dict[int, int], partitions: int) -> None:
    partition, offset, error = message.partition() or 0, message.offset() or 0, message.error()
    if error is None:
        if partition in wanted and offset < wanted[partition]:
            sample.add(message, partitions)
        if partition in wanted and offset + 1 >= wanted[partition]:
            del wanted[partition]
    elif error.code() == KafkaError._PARTITION_EOF:
        wanted.pop(partition, None)
    elif not is_passing(error):
        raise KafkaException(error)
