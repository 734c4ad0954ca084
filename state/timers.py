"""What is due when.  Derived from rows alone, so a restart loses no timer."""

from __future__ import annotations

from heapq import heappop, heappush

CUT_OFF = "cut_off"
RELEASE = "release"
RETRY = "retry"
UNBLOCK = "unblock"
FORGET = "forget"

NO_BOUND = 2**62

Timer = tuple[int, str, tuple[str, ...]]
"""(due_ms, kind, id): ties break in that order, never by arrival."""


class Timers:
    """A heap of timers.  One that its row no longer wants is dropped by whoever it wakes."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []

    def add(self, due_ms: int, kind: str, identity: tuple[str, ...]) -> None:
        """Wake `identity` at `due_ms`."""
        heappush(self._heap, (due_ms, kind, identity))

    def due(self, now_ms: int, timers_max: int = NO_BOUND) -> list[Timer]:
        """Take out all that is due, each once, in order; at most so many."""
        fired: list[Timer] = []
        while self._heap and self._heap[0][0] <= now_ms and len(fired) < timers_max:
            timer = heappop(self._heap)
            if not fired or fired[-1] != timer:
                fired.append(timer)
        return fired

    def next_ms(self) -> int | None:
        """When the next timer is due; it may turn out to be stale."""
        return self._heap[0][0] if self._heap else None
