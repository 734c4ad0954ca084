"""The record that says how many partitions every topic of a prefix has, and in which format an empty one begins."""

from collections.abc import Mapping

import msgspec
from confluent_kafka import Consumer, KafkaError, TopicPartition

from infra.errors import Refused, SluiceError
from infra.reading import PlaceReader
from infra.writing import RecordWriter
from schemas.formats import FORMAT_UNRECORDED

KEY = b"partitions"
TIMEOUT_S = 30.0


class Layout(msgspec.Struct, frozen=True):
    """`format` is that of a partition's first row; a partition with rows says its own."""

    partitions: int
    format: int = FORMAT_UNRECORDED


def write_layout(properties: Mapping[str, str], topic: str, layout: Layout) -> None:
    producer = RecordWriter(properties)
    producer.write(topic, KEY, msgspec.json.encode(layout), 0)
    reason = producer.why_not_stored(TIMEOUT_S)
    if reason:
        raise SluiceError(f"Partition count and format could not be recorded in {topic}: {reason}")


def read_layout(properties: Mapping[str, str], topic: str) -> Layout | None:
    """What is recorded, or None when its topic is empty: a creation that was interrupted."""
    with PlaceReader(properties) as consumer:
        consumer.assign([TopicPartition(topic, 0, 0)])
        return _last(consumer, topic)


def _last(consumer: Consumer, topic: str) -> Layout | None:
    layout = None
    while True:
        message = consumer.poll(TIMEOUT_S)
        if message is None:
            raise SluiceError(f"{topic} could not be read in {TIMEOUT_S:.0f} s")
        error = message.error()
        if error is None:
            if message.key() == KEY and message.value() is not None:
                layout = _decode(topic, message.value() or b"")
        elif error.code() == KafkaError._PARTITION_EOF:
            return layout
        else:
            raise Refused(
                f"{topic} cannot be read: {error.str()}. `sluice doctor` shows what this user may do"
            )


def _decode(topic: str, value: bytes) -> Layout:
    try:
        return msgspec.json.decode(value, type=Layout)
    except msgspec.MsgspecError as error:
        raise SluiceError(f"{topic} holds {value[:80]!r}, which is not a layout record ({error})") from None
