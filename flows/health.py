"""Whether this process is alive, and whether it is ready: for whoever restarts it, and for whoever waits for it.

Alive is a router whose flow moves; one that waits for a broker is alive. Ready is one that decides for every partition
it was given, and is not late; one that was given none, because there are more processes than partitions, is ready too.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct

from flows.config import RouterConfig

LIVE = "live"
MEASURING = "measuring its lag"
"""It decides, and how late it is is not known yet."""
COPYING = "copying"
FOLLOWING = "following"
"""Phases of a partition that another process owns: they are told, and nobody waits for them."""


class PartitionHealth(Struct, frozen=True):
    """Where a partition is on its way to deciding, and how late it is."""

    phase: str
    lag_records: int = 0
    lag_seconds: float = 0.0


class Verdict(Struct, frozen=True):
    """The answer to one question; `reasons` are sentences, none when it is yes."""

    ok: bool
    reasons: list[str]
    partitions: dict[str, PartitionHealth]


class Health:
    """Written by the flow after each poll, read by the web server's threads: each write replaces a whole value."""

    def __init__(self, config: RouterConfig, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._steady_s = steady_s
        self._beat_s = steady_s()
        self._is_assigned = False
        self._partitions: dict[int, PartitionHealth] = {}

    def beat(self, partitions: dict[int, PartitionHealth], *, is_assigned: bool) -> None:
        """The flow has polled; these are its partitions.

        `is_assigned` is false until the consumer group has first said which, and again while it deals them out anew.
        """
        self._partitions = partitions
        self._is_assigned = is_assigned
        self._beat_s = self._steady_s()

    def alive(self) -> Verdict:
        """Whether the flow has polled not long ago."""
        silence_s = self._steady_s() - self._beat_s
        reasons = []
        if silence_s * 1000 > self._config.silence_ms_max:
            reasons.append(
                f"the flow has not polled for {silence_s:.0f} s, more than silence_ms_max allows; restart the process"
            )
        return self._verdict(reasons)

    def ready(self) -> Verdict:
        """Whether every partition decides and is within the lag that the configuration allows."""
        reasons = self.alive().reasons
        if not self._is_assigned:
            reasons.append("waits for the consumer group to assign partitions")
        late_s = self._config.ready_lag_ms_max / 1000
        for number, partition in sorted(self._partitions.items()):
            if partition.phase in {COPYING, FOLLOWING}:
                continue
            if partition.phase != LIVE:
                reasons.append(f"partition {number} is {partition.phase}")
            elif partition.lag_seconds > late_s:
                reasons.append(
                    f"partition {number} is {partition.lag_seconds:.0f} s late, with {partition.lag_records:,} records "
                    "to go"
                )
        return self._verdict(reasons)

    def _verdict(self, reasons: list[str]) -> Verdict:
        partitions = {str(number): each for number, each in sorted(self._partitions.items())}
        return Verdict(not reasons, reasons, partitions)
