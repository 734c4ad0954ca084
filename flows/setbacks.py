"""Counts a partition's failures in a row, so that what cannot succeed does not go round for ever."""

from __future__ import annotations

from flows.config import RouterConfig
from flows.port import PortFault, Remedy

PAUSE_MS_MAX = 10_000
"""Between two attempts: whoever comes back is soon found, and what one attempt may take is shorter than the memory."""


class Setbacks:
    """Failures of each partition; one is forgotten after a time without another.

    A successful commit does not reset the count: after a restore the first small bundle may well pass, and
    the one that cannot pass comes after it, every time.

    What passes by itself is counted apart. However often it comes, a partition that has stopped would need a person
    when Kafka needs none any more; only the pauses grow.
    """

    def __init__(self, config: RouterConfig) -> None:
        self._max = config.setbacks_max
        self._memory_s = config.setback_memory_ms / 1000
        self._pause_ms = config.setback_pause_ms
        self._counts: dict[tuple[int, bool], tuple[int, float]] = {}

    def note(self, partition: int, fault: PortFault, now_s: float) -> int:
        """Count one; returns how many of its sort in a row that makes."""
        sort = partition, fault.passes
        count, last_s = self._counts.get(sort, (0, now_s))
        count = 1 if now_s - last_s > self._memory_s else count + 1
        self._counts[sort] = (count, now_s)
        return count

    def is_too_many(self, count: int, fault: PortFault) -> bool:
        """The partition is to stop."""
        return not fault.passes and count >= self._max

    def pause_s(self, count: int, fault: PortFault) -> float:
        """The wait before the next attempt."""
        if fault.remedy is Remedy.OPERATOR:
            return self._pause_ms / 1000
        if not fault.passes or fault.remedy is Remedy.REJOIN or count == 1:
            return 0.0
        return float(min(self._pause_ms * 2 ** min(count - 2, 20), PAUSE_MS_MAX)) / 1000
