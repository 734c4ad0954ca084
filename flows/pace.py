"""When to begin with the next bundle while the last one's commit is under way.

What is decided while a commit is under way must wait for it, apart from all that arrives meanwhile. Begun too early,
each order waits for two commits; begun only when the commit has ended, each waits for deciding and committing in turn,
and the two add up: the busier the router, the longer both take, without a bound where deciding takes nearly all of its
time. So the next bundle begins when deciding it should end together with the commit.
"""

from __future__ import annotations

WEIGHT = 0.125
"""Of the newest figure in the average."""


class Pace:
    """How long deciding and committing take of late, in seconds."""

    def __init__(self) -> None:
        self._commit_s = 0.0
        self._decide_s = 0.0

    def decided(self, seconds: float) -> None:
        """A bundle was decided and handed over."""
        self._decide_s += WEIGHT * (seconds - self._decide_s)

    def committed(self, seconds: float) -> None:
        """A bundle's commit has ended."""
        self._commit_s += WEIGHT * (seconds - self._commit_s)

    def patience_s(self, since_s: float) -> float:
        """How much longer to wait for a commit that began `since_s` ago."""
        return max(0.0, self._commit_s - self._decide_s - since_s)
