"""When a bundle's records came, by Kafka's time stamp: how old a decision is follows from it."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from operator import attrgetter

from schemas.records import Record

Arrivals = Mapping[str, Mapping[int, int]]
"""How many records of each topic kind came at each millisecond.

The broker stamps whole batches, so a thousand records have a few time stamps only.
"""

_stamp = attrgetter("timestamp_ms")


def arrivals_of(records: Mapping[str, Sequence[Record]]) -> Arrivals:
    """Asked just after the poll, while the records are in the processor's cache."""
    return {topic: Tally(map(_stamp, there)) for topic, there in records.items()}


def record_count(arrivals: Arrivals) -> int:
    """Records of all topics."""
    return sum([sum(stamps.values()) for stamps in arrivals.values()])
