"""What is due when.  Derived from rows alone, so a restart loses no timer."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush

CUT_OFF = "cut_off"
RELEASE = "release"
RETRY = "retry"
UNBLOCK = "unblock"
FORGET = "forget"

NO_BOUND = 2**62

LOOK_AGAIN_AT = 1_000

Timer = tuple[int, str, tuple[str, ...]]
"""(due_ms, kind, id): ties break in that order, never by arrival."""


class Timers:
    """A heap of timers.  One that its row no longer wants is dropped by whoever it wakes.

    That is soon enough for all but the ends of blocks: the others are due within weeks, or with an order that is
    remembered as long.  A block may end in years and be lifted tomorrow, again and again.
    """

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self._block_ends = 0
        """Added since they were last looked at."""

    def add(self, due_ms: int, kind: str, identity: tuple[str, ...]) -> None:
        """Wake `identity` at `due_ms`."""
        heappush(self._heap, (due_ms, kind, identity))

    def add_block_end(
        self, until_ms: int, identity: tuple[str, ...], is_wanted: Callable[[int, tuple[str, ...]], bool]
    ) -> None:
        """As `add`; now and then those ends of blocks leave that `is_wanted` does not know any more.

        They are looked at when there may be as many of them as of all other timers: that costs each one next to
        nothing, and the heap is never more than twice as large as it must be.
        """
        self._block_ends += 1
        if self._block_ends >= max(LOOK_AGAIN_AT, len(self._heap) // 2):
            self._drop_block_ends(is_wanted)
        self.add(until_ms, UNBLOCK, identity)

    def _drop_block_ends(self, is_wanted: Callable[[int, tuple[str, ...]], bool]) -> None:
        """Leave each wanted one once; which timers fire, and in which order, stays as it was."""
        ends = {timer for timer in self._heap if timer[1] == UNBLOCK}
        self._heap = [timer for timer in self._heap if timer[1] != UNBLOCK]
        self._heap += [timer for timer in ends if is_wanted(timer[0], timer[2])]
        heapify(self._heap)
        self._block_ends = 0

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
