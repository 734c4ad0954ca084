"""What the Kafka client reports by itself: errors by kind, and how far transactions keep records back."""

from __future__ import annotations

from confluent_kafka import KafkaError
from msgspec import Struct, json

STATISTICS_EVERY_MS = 5_000


class BrokerErrors:
    """Counts what clients are told of.  Lost connections mend themselves, so nothing else is done about them."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def note(self, error: KafkaError) -> None:
        """Called by whichever thread serves the client; without a callback errors go to stderr."""
        # The library's own names: a few dozen, so they may be a label.
        name = error.name()
        self.counts[name] = self.counts.get(name, 0) + 1


class _Partition(Struct):
    hi_offset: int = -1
    ls_offset: int = -1


class _Topic(Struct):
    partitions: dict[str, _Partition] = {}


class _Statistics(Struct):
    topics: dict[str, _Topic] = {}


_decode = json.Decoder(_Statistics).decode


class StableGaps:
    """High watermark less last stable offset, from the statistics that the client hands out with a poll."""

    def __init__(self) -> None:
        self._gaps: dict[tuple[str, int], int] = {}

    def note(self, statistics: str) -> None:
        """A new set of statistics; what is not being fetched says nothing."""
        gaps: dict[tuple[str, int], int] = {}
        for name, topic in _decode(statistics).topics.items():
            for number, partition in topic.partitions.items():
                if partition.hi_offset >= 0 and partition.ls_offset >= 0:
                    gaps[name, int(number)] = max(0, partition.hi_offset - partition.ls_offset)
        self._gaps = gaps

    def of(self, topic: str, partition: int) -> int | None:
        """Records that stand behind a transaction that has not ended; None where nothing was fetched."""
        return self._gaps.get((topic, partition))
