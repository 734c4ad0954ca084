"""A warm copy of one partition that another process decides for: it takes what is committed, as it is committed.

Of the state topics and the journal it reads committed transactions only, so it may be behind, never wrong.  Whether it
is right is checked at the take-over, by the same digest, head and offsets as any restore, and after the fence.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import cast

from flows.port import PortFault
from flows.services import Services
from flows.takeover.restore import Restore
from state.partition import Partition


class Copy:
    """One partition, followed.  Any fault is raised by `step`, and the copy is to be thrown away."""

    def __init__(self, number: int, partitions: int, services: Services) -> None:
        self.number = number
        self.partition = Partition(number, partitions, services.limits)
        self.started_s = services.steady_s()
        self.is_warm = False
        """It has come as far as the owner once, with its routing tables."""
        self._services = services
        self._restore: Restore | None = None
        # The ends of the topics are asked of the broker: beside the flow, which may be deciding for other partitions.
        self._opening: Future[object] = services.background(self._open)
        self._activating: Future[object] | None = None

    def step(self, records_max: int) -> int:
        """Take at most so many records of what is there, without waiting; returns how many."""
        if self._restore is None:
            if not self._opening.done():
                return 0
            self._restore = cast(Restore, self._opening.result())
        if self._activating is not None:
            if not self._activating.done():
                return 0
            self._activating.result()
            self._activating = None
        before = self._restore.records_read
        self._restore.step(records_max, timeout_s=0.0)
        self.partition.pass_timers(records_max)
        if self._restore.has_caught_up:
            if self.partition.is_stale and self.partition.is_whole:
                # A tenth of a second and more with many items: now, so that the take-over need not wait for it.
                self._activating = self._services.background(self.partition.activate)
            else:
                self.is_warm = True
        return self._restore.records_read - before

    def lag(self) -> int:
        """Records that the owner has committed and this copy has not taken."""
        return self._restore.lag() if self._restore is not None else 0

    def settle(self) -> str:
        """Wait for what goes on beside the flow; returns why the copy cannot be used, or nothing."""
        try:
            self._restore = cast(Restore, self._opening.result())
            if self._activating is not None:
                self._activating.result()
        except PortFault as fault:
            return fault.sentence
        return ""

    def taken_over(self) -> Restore:
        """The owner before is fenced and this copy settled: what is left to read."""
        assert self._restore is not None
        self._restore.take_over()
        return self._restore

    def close(self) -> None:
        self._services.background(self._close)

    def _open(self) -> object:
        config = self._services.config
        return Restore(
            self._services.port,
            self.partition,
            self._services.limits,
            config.request_timeout_ms / 1000,
            follows=True,
        )

    def _close(self) -> None:
        cast(Restore, self._opening.result()).close()
