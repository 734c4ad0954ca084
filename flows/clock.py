"""The wall clock, believed only while it advances with the monotonic one.

Promises hang on `now`: a clock that jumps would release or withdraw orders that nobody touched.  So a jump is
refused and raised, and at the start this machine must agree with the broker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from infra.errors import SluiceError


class ClockFault(SluiceError):
    """This machine's clock cannot be believed."""


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _steady_ms() -> int:
    # Where there is one, the clock that goes on while the machine sleeps: waking up is not a jump.
    source = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(source) // 1_000_000


class Reading(NamedTuple):
    """The wall clock, and the steady one before and after it: the process may be stopped between any two of them."""

    before_ms: int
    wall_ms: int
    after_ms: int


class Clock:
    """Wall time in milliseconds, checked at each reading."""

    def __init__(
        self,
        jump_ms_max: int,
        wall_ms: Callable[[], int] = _wall_ms,
        steady_ms: Callable[[], int] = _steady_ms,
    ) -> None:
        self._jump_ms_max = jump_ms_max
        self._wall_ms = wall_ms
        self._steady_ms = steady_ms
        self._last = self._read()

    def wall_ms(self) -> int:
        """The wall clock as it is: good enough for a metric."""
        return self._wall_ms()

    def now_ms(self) -> int:
        """The wall clock; raises `ClockFault` when it jumped since the last reading."""
        # Compared with the last reading, not with the first: slow correction by the time service is welcome.
        last, now = self._last, self._read()
        passed_ms = now.wall_ms - last.wall_ms
        jump_ms = passed_ms - nearest(passed_ms, now.before_ms - last.after_ms, now.after_ms - last.before_ms)
        if abs(jump_ms) > self._jump_ms_max:
            raise ClockFault(
                f"this machine's clock jumped by {jump_ms / 1000:+.1f} s (at most "
                f"{self._jump_ms_max / 1000:.1f} s is believed); check its time service, then start "
                "the router again"
            )
        self._last = now
        return now.wall_ms

    def _read(self) -> Reading:
        before_ms = self._steady_ms()
        wall_ms = self._wall_ms()
        return Reading(before_ms, wall_ms, self._steady_ms())


def nearest(moment_ms: int, earliest_ms: int, latest_ms: int) -> int:
    """Of a span of time, the moment that is nearest to this one."""
    return max(earliest_ms, min(moment_ms, latest_ms))


def require_agreement(ours_ms: int, theirs_ms: int, whose: str, difference_ms_max: int) -> None:
    """Raise `ClockFault` when two clocks are further apart than the bound."""
    difference_ms = ours_ms - theirs_ms
    if abs(difference_ms) > difference_ms_max:
        raise ClockFault(
            f"this machine's clock is {difference_ms / 1000:+.1f} s from {whose} (at most "
            f"{difference_ms_max / 1000:.1f} s is believed); check both time services, then start "
            "the router again"
        )
