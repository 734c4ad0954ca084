"""Records that a broker would not take, found before the first one is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from cli.shared.connection import Connection
from cli.shared.event_file import EventLine, LineFault
from schemas.topics import INPUT_BYTES_MAX

REQUEST_TIMEOUT_S = 10.0
BATCH_HEADER_BYTES = 61
SETTING = "max.message.bytes"


def batch_bytes(key: bytes, value: bytes) -> int:
    """What a broker measures: a batch that holds this record alone, not compressed, without headers."""
    # Attributes, the two distances from the batch's first record, and the count of headers are a byte each.
    record = 4 + _varint_bytes(len(key)) + len(key) + _varint_bytes(len(value)) + len(value)
    return BATCH_HEADER_BYTES + _varint_bytes(record) + record


def _varint_bytes(number: int) -> int:
    # Signed numbers are doubled first, and seven bits go into a byte.
    return max(1, -(-(2 * number).bit_length() // 7))


def above_standard(events: Iterable[EventLine]) -> list[EventLine]:
    """The events that are larger than what the topics are created for."""
    return [event for event in events if _bytes(event) > INPUT_BYTES_MAX]


def size_faults(events: Iterable[EventLine], connection: Connection) -> list[LineFault]:
    """One for each event that its topic does not take as it is; an operator may have let a topic take more."""
    large = above_standard(events)
    if not large or _compresses(connection.properties):
        return []  # How small a record becomes when it is compressed, only the broker sees.
    prefix = connection.names.prefix
    limits = _limits(connection.admin, {prefix + event.topic for event in large})
    faults = []
    for event in large:
        limit = limits.get(prefix + event.topic, INPUT_BYTES_MAX)
        if _bytes(event) > limit:
            faults.append(too_large(event, limit))
    return faults


def too_large(event: EventLine, limit: int = INPUT_BYTES_MAX) -> LineFault:
    """What is wrong with it."""
    found = f"the record has {_bytes(event):,} bytes, and {event.topic} takes at most {limit:,} ({SETTING})"
    return LineFault(event.line, f"{found}; send less in one event")


def _bytes(event: EventLine) -> int:
    return batch_bytes(event.network.encode(), event.value)


def _compresses(properties: Mapping[str, Any]) -> bool:
    return any(properties.get(name, "none") != "none" for name in ("compression.type", "compression.codec"))


def _limits(admin: AdminClient, topics: set[str]) -> dict[str, int]:
    """As the brokers have them; nothing where this user may not ask, for a shop need not be allowed to."""
    resources = [ConfigResource(ResourceType.TOPIC, topic) for topic in sorted(topics)]
    try:
        described = admin.describe_configs(resources, request_timeout=REQUEST_TIMEOUT_S)
        settings = {resource.name: future.result() for resource, future in described.items()}
    except KafkaException:
        return {}
    return {topic: int(str(setting[SETTING].value)) for topic, setting in settings.items()}
