"""Reads a topic from its beginning, or a time, to the end that it has now, committed records only."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from cli.shared.connection import Connection
from infra.errors import SluiceError
from infra.reading import SILENCE_MAX_S, PlaceReader, read_until, unreadable
from schemas.topics import Topic

CLOCKS_DIFFER_MS = 60_000
"""The broker's, which stamps, may be behind a router's; by far less, or no router would have decided."""
LEADER_PAUSE_S = 0.05
PASSING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
    }
)
"""Faults that mend themselves: a broker that has just started listens before its partitions have a leader."""


def read_topic(
    connection: Connection, topic: Topic, partitions: Sequence[int], since_ms: int = 0
) -> Iterator[Message]:
    """Every record of these partitions, each partition in its order; a live topic is left where it ended.

    With `since_ms` only those that were written since, and those of the minute before: a month of decisions takes many
    minutes to read.
    """
    name = connection.names.of(topic)
    with PlaceReader({**connection.properties, "auto.offset.reset": "earliest"}) as consumer:
        ends = {number: end for number in partitions if (end := _end(consumer, name, number))}
        starts = _starts(consumer, name, sorted(ends), since_ms)
        consumer.assign(starts)
        yield from read_until(
            consumer, name, {start.partition: ends[start.partition] for start in starts}, PASSING
        )


def _starts(consumer: Consumer, name: str, partitions: Sequence[int], since_ms: int) -> list[TopicPartition]:
    """Where to begin in each partition; those in which nothing has been written since are left out."""
    if not since_ms:
        return [TopicPartition(name, partition, OFFSET_BEGINNING) for partition in partitions]
    try:
        found = consumer.offsets_for_times(
            [
                TopicPartition(name, partition, max(0, since_ms - CLOCKS_DIFFER_MS))
                for partition in partitions
            ],
            timeout=SILENCE_MAX_S,
        )
    except KafkaException as failure:
        raise SluiceError(f"{name} cannot be read: {failure.args[0].str()}") from None
    # Where nothing is so young, the answer is a negative number that stands for the end.
    return [start for start in found if start.offset >= 0]


def _end(consumer: Consumer, name: str, partition: int) -> int:
    """The offset at which the committed records end now; 0 where there are none."""
    deadline = time.monotonic() + SILENCE_MAX_S
    while True:
        try:
            found = consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=SILENCE_MAX_S)
        except KafkaException as failure:
            error = failure.args[0]
            if error.code() not in PASSING or time.monotonic() > deadline:
                raise unreadable(f"{name} partition {partition}", error) from None
            time.sleep(LEADER_PAUSE_S)
        else:
            if found is None:
                raise SluiceError(f"{name} partition {partition} did not answer for {SILENCE_MAX_S:.0f} s")
            first, end = found
            return int(end) if end > first else 0
