"""Reads a topic from its beginning to the end that it has now, committed records only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Message, TopicPartition

from cli.connection import Connection
from infra.errors import SluiceError
from schemas.topics import Topic

SILENCE_MAX_S = 30.0
BATCH_RECORDS = 5_000


def read_topic(connection: Connection, topic: Topic, partitions: Sequence[int]) -> Iterator[Message]:
    """Every record of these partitions, each partition in its order; a live topic is left where it ended."""
    name = connection.names.of(topic)
    consumer = _consumer(connection)
    try:
        ends = {partition: _end(consumer, name, partition) for partition in partitions}
        left = {partition for partition, end in ends.items() if end}
        consumer.assign([TopicPartition(name, partition, OFFSET_BEGINNING) for partition in sorted(left)])
        while left:
            # One is waited for and the rest taken as it is: a batch with a time-out waits for all of it.
            first = consumer.poll(SILENCE_MAX_S)
            if first is None:
                raise SluiceError(f"{name} did not answer for {SILENCE_MAX_S:.0f} s")
            for message in [first, *consumer.consume(BATCH_RECORDS, 0)]:
                partition, offset = message.partition() or 0, message.offset() or 0
                error = message.error()
                if error is None:
                    if offset < ends[partition]:
                        yield message
                    if offset + 1 >= ends[partition]:
                        left.discard(partition)
                elif error.code() == KafkaError._PARTITION_EOF:
                    # The last offsets are often control markers, which no client sees.
                    left.discard(partition)
                elif error.fatal() or not error.retriable():
                    raise SluiceError(f"{name} cannot be read: {error.str()}")
    finally:
        consumer.close()


def _consumer(connection: Connection) -> Consumer:
    return Consumer(
        {
            "log_level": 0,
            **connection.properties,
            # Nothing is committed; librdkafka only insists that a group is named.
            "group.id": "sluice-read",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 10,
        }
    )


def _end(consumer: Consumer, name: str, partition: int) -> int:
    found = consumer.get_watermark_offsets(TopicPartition(name, partition), timeout=SILENCE_MAX_S)
    if found is None:
        raise SluiceError(f"{name} partition {partition} did not answer for {SILENCE_MAX_S:.0f} s")
    first, end = found
    return int(end) if end > first else 0
