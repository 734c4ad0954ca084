"""What a consumer group has committed, asked without joining it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Consumer, TopicPartition


def committed_places(
    properties: Mapping[str, Any],
    group: str,
    places: Iterable[TopicPartition],
    timeout_s: float,
    *,
    waits_for_transactions: bool = True,
) -> list[TopicPartition]:
    """What the group has committed of each: its offset, and the note beside it as `metadata`.

    While a transaction with offsets of the group is open there is no such answer yet, and it is waited for.  Whoever
    only looks is told what was committed before, with `waits_for_transactions` false.
    Asked by a client that belongs to the group: librdkafka 2.16 ends the whole process when an administrator's client
    asks while the group's coordinator moves.  Raises `KafkaException`.
    """
    with Consumer(
        {
            "log_level": 0,
            **properties,
            "group.id": group,
            "enable.auto.commit": False,
            # This, too, decides whether offsets of open transactions are waited for.
            "isolation.level": "read_committed" if waits_for_transactions else "read_uncommitted",
            "error_cb": lambda _error: None,
        }
    ) as asking:
        return asking.committed([TopicPartition(each.topic, each.partition) for each in places], timeout_s)


def committed_offsets(
    properties: Mapping[str, Any],
    group: str,
    places: Iterable[TopicPartition],
    timeout_s: float,
    *,
    waits_for_transactions: bool = True,
) -> dict[tuple[str, int], int | None]:
    """The next offset that the group will read, by topic and partition; None where it has never read."""
    found = committed_places(
        properties, group, places, timeout_s, waits_for_transactions=waits_for_transactions
    )
    return {(each.topic, each.partition): offset_of(each) for each in found}


def offset_of(place: TopicPartition) -> int | None:
    """The next offset that the group will read there; None where it has never read."""
    return place.offset if place.offset >= 0 else None
