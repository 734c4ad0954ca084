"""Creates topics, and waits until they can be used."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from infra.errors import SluiceError
from infra.topic_settings import REPLICATION_MAX, wanted_settings
from schemas.topics import Names, Topic

REQUEST_TIMEOUT_S = 30.0
SERVED_POLL_S = 0.01
PARTITIONS_AT_ONCE = 5_000
"""Kafka refuses a request for about twice as many, with other words for it."""


def create_topics(admin: AdminClient, names: Names, topics: Sequence[Topic], partitions: int) -> None:
    """Create these with that many partitions, or one where that is the topic's own number; return when they serve.

    One that exists already is left as it is. Raises `SluiceError` when the brokers refuse one, or do not serve it.
    """
    if not topics:
        return
    replication = replication_of(admin)
    wanted = [_new_topic(names, topic, partitions, replication) for topic in topics]
    for part in in_parts(wanted):
        _create(admin, part)
    _wait_until_served(admin, {topic.topic: topic.num_partitions for topic in wanted})


def in_parts(topics: Iterable[NewTopic]) -> Iterator[list[NewTopic]]:
    """As many at a time as Kafka creates by one request."""
    part: list[NewTopic] = []
    partitions = 0
    for topic in topics:
        if part and partitions + topic.num_partitions > PARTITIONS_AT_ONCE:
            yield part
            part, partitions = [], 0
        part.append(topic)
        partitions += topic.num_partitions
    if part:
        yield part


def _create(admin: AdminClient, part: list[NewTopic]) -> None:
    futures: dict[str, Future[None]] = admin.create_topics(part, request_timeout=REQUEST_TIMEOUT_S)
    for name, future in futures.items():
        try:
            future.result()
        except KafkaException as error:
            # Somebody else created it between the look and this request: verify says whether it is right.
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise SluiceError(f"{name} could not be created: {error.args[0].str()}") from None


def existing_topics(admin: AdminClient) -> dict[str, int]:
    """Every topic of the cluster with its partition count."""
    metadata = admin.list_topics(timeout=REQUEST_TIMEOUT_S)
    return {name: len(topic.partitions) for name, topic in metadata.topics.items()}


def replication_of(admin: AdminClient) -> int:
    """Three copies, or as many as there are brokers."""
    return min(REPLICATION_MAX, len(admin.list_topics(timeout=REQUEST_TIMEOUT_S).brokers))


def _new_topic(names: Names, topic: Topic, partitions: int, replication: int) -> NewTopic:
    return NewTopic(
        names.of(topic),
        num_partitions=1 if topic.one_partition else partitions,
        replication_factor=replication,
        config=wanted_settings(topic, replication),
    )


def _wait_until_served(admin: AdminClient, partitions: Mapping[str, int]) -> None:
    """Wait until the topics are listed and a broker answers for every partition of theirs.

    Creation is acknowledged a moment before either. Whoever produces before the leaders know that they lead is
    told "not leader", and librdkafka 2.16 has been seen to lose count of a transaction's sequence numbers over
    it. Asking for a topic's offsets before it is listed would have the client remember for half a minute that
    there is no such topic.
    """
    deadline_s = time.monotonic() + REQUEST_TIMEOUT_S
    while unlisted := partitions.keys() - existing_topics(admin).keys():
        _give_up_after(deadline_s, unlisted, "not listed")
    left = [(name, number) for name, count in partitions.items() for number in range(count)]
    while faults := _unserved(admin, left):
        left = list(faults)
        _give_up_after(deadline_s, {name for name, _ in left}, str(faults[left[0]]))


def _unserved(admin: AdminClient, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], BaseException]:
    """Those that no broker answers for, with the reason."""
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    futures: dict[TopicPartition, Future[Any]] = admin.list_offsets(
        {TopicPartition(name, number): latest for name, number in places},
        request_timeout=REQUEST_TIMEOUT_S,
    )
    faults = {(place.topic, place.partition): future.exception() for place, future in futures.items()}
    return {place: fault for place, fault in faults.items() if fault is not None}


def _give_up_after(deadline_s: float, names: Iterable[str], why: str) -> None:
    """A pause before the next look; raises `SluiceError` when the time is up."""
    if time.monotonic() > deadline_s:
        raise SluiceError(f"{', '.join(sorted(names))}: created, but not to be used: {why}")
    time.sleep(SERVED_POLL_S)
