"""The idempotency window: which inputs took effect, by hash, in the order they did."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice


class Seen:
    """The last `window` accepted inputs: identity hash -> content hash.

    A dict keeps insertion order, so the oldest entries are the first ones; they leave in batches, because one
    removal for each arrival would walk over the holes that earlier removals left.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._batch = max(1, window // 16)
        self.contents: dict[int, int] = {}

    def add(self, identity: int, content: int) -> None:
        """Remember an accepted input."""
        self.contents[identity] = content
        if len(self.contents) >= self._window + self._batch:
            self._forget_oldest()

    def add_all(self, accepted: Iterable[tuple[int, int]]) -> None:
        """Remember many (identity, content) pairs at once, in the order they took effect.

        As if each were added by itself: what is forgotten on the way and accepted again stands at its new place.
        """
        left = iter(accepted)
        while several := dict(islice(left, self._window + self._batch - len(self.contents))):
            self.contents.update(several)
            if len(self.contents) >= self._window + self._batch:
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        for oldest in list(islice(self.contents, self._batch)):
            del self.contents[oldest]
