"""Tells each partition's router that the upgrade is over, and waits until it has taken that up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec
from confluent_kafka import KafkaException, TopicPartition

from cli.shared.connection import Connection
from infra.errors import SluiceError
from infra.reading import PlaceReader
from infra.writing import RecordWriter
from schemas.codec import decode_row, encode_key
from schemas.formats import FORMAT
from schemas.reference import FormatFinalised, FormatFinalisedEvent
from schemas.rows import HeadRow
from schemas.topics import REFERENCE, ROUTER_STATE

SOURCE = "sluice-finalise"
NO_NETWORK = "*"
"""The envelope names a network; this record is about a partition, and a partition may have none."""
TIMEOUT_S = 30.0


def finalised_event(partition: int, author: str, now: datetime) -> FormatFinalisedEvent:
    """The record of one partition.  Its id is new each time, so that one that came too early can be repeated."""
    stamp_ms = int(now.timestamp() * 1000)
    return FormatFinalisedEvent(
        specversion="1.0",
        source=SOURCE,
        id=f"format/{FORMAT}/partition/{partition}/{stamp_ms}",
        time=now,
        network=NO_NETWORK,
        data=FormatFinalised(partition=partition, format=FORMAT, author=author),
    )


def publish(connection: Connection, partitions: Iterable[int], author: str) -> None:
    """One record on the reference topic for each of these partitions."""
    producer = RecordWriter(connection.properties)
    topic, key, now = connection.names.of(REFERENCE), encode_key(("format", FORMAT)), datetime.now(UTC)
    for partition in partitions:
        value = msgspec.json.encode(finalised_event(partition, author, now))
        producer.write(topic, key, value, partition)
    reason = producer.why_not_stored(TIMEOUT_S)
    if reason:
        raise SluiceError(f"The end of the upgrade could not be sent everywhere: {reason}. Say it again")


class HeadWatch:
    """The journal heads of some partitions from now on."""

    def __init__(self, connection: Connection, partitions: Sequence[int]) -> None:
        name = connection.names.of(ROUTER_STATE)
        self._left = set(partitions)
        self._consumer = PlaceReader({**connection.properties, "auto.offset.reset": "latest"})
        places = [TopicPartition(name, partition) for partition in partitions]
        try:
            for place in places:
                place.offset = self._consumer.get_watermark_offsets(place, timeout=TIMEOUT_S)[1]
        except KafkaException as error:
            self.close()
            raise SluiceError(f"{name} cannot be read: {error.args[0].str()}") from None
        self._consumer.assign(places)

    def close(self) -> None:
        self._consumer.close()

    def left_after(self, wait_s: float) -> set[int]:
        """The partitions that have not written a head in the new format in that time."""
        deadline_s = time.monotonic() + wait_s
        while self._left and (remaining_s := deadline_s - time.monotonic()) > 0:
            message = self._consumer.poll(min(remaining_s, 1.0))
            value = None if message is None or message.error() is not None else message.value()
            if value is not None:
                row = decode_row(value)
                if isinstance(row, HeadRow) and row.format == FORMAT:
                    self._left.discard(row.partition)
        return self._left
