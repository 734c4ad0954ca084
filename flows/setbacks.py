"""Counts a partition's failures in a row, so that what cannot succeed does not go round for ever."""

from __future__ import annotations

from flows.config import RouterConfig


class Setbacks:
    """Failures of each partition; one is forgotten after a time without another.

    A successful commit does not reset the count: after a restore the first small bundle may well pass, and
    the one that cannot pass comes after it, every time.
    """

    def __init__(self, config: RouterConfig) -> None:
        self._max = config.setbacks_max
        self._memory_s = config.setback_memory_ms / 1000
        self._counts: dict[int, tuple[int, float]] = {}

    def note(self, partition: int, now_s: float) -> int:
        """Count one; returns how many in a row that makes."""
        count, last_s = self._counts.get(partition, (0, now_s))
        count = 1 if now_s - last_s > self._memory_s else count + 1
        self._counts[partition] = (count, now_s)
        return count

    def is_too_many(self, count: int) -> bool:
        """The partition is to stop."""
        return count >= self._max

    def forget(self, partition: int) -> None:
        """The partition starts afresh."""
        self._counts.pop(partition, None)
