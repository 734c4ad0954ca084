"""A Kafka record as the core sees it: no client types, so that replay and simulation use the same code."""

from __future__ import annotations

from msgspec import Struct


class Record(Struct, frozen=True, gc=False):
    """One input record.

    `topic` is the topic's kind (`orders`, not `sluice.orders`); `value` is None for a tombstone;
    `timestamp_ms` is Kafka's own (LogAppendTime).
    """

    topic: str
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
