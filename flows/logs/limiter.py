"""How many lines of one kind a second may have; what is left out is counted, never forgotten."""

from __future__ import annotations


class Limiter:
    """Lets through a number of lines each second."""

    def __init__(self, lines_per_second: int) -> None:
        self._lines_per_second = lines_per_second
        self._second_began_s = float("-inf")
        self._lines = 0
        self._left_out = 0

    def allows(self, now_s: float) -> bool:
        """Whether one more may be said now; otherwise it counts as left out."""
        if now_s - self._second_began_s >= 1.0:
            self._second_began_s = now_s
            self._lines = 0
        if self._lines < self._lines_per_second:
            self._lines += 1
            return True
        self._left_out += 1
        return False

    def take_left_out(self) -> int:
        """How many were left out since the last call."""
        count, self._left_out = self._left_out, 0
        return count
