"""No allowed number of shipments fills everything: find a set that comes close, the rest waits."""

from __future__ import annotations

from operators.plan import INFINITE, Board

PARTIAL_SETS_MAX = 100
"""Sets weighed where none fills everything: what is left waits, and is weighed again when stock comes."""


class Approach:
    """Weighs lanes alone, a set that takes whatever fills most of the rest, and then some sets of each size."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.able = [index for index in range(len(board.lanes.least)) if board.fixed[index] < INFINITE]
        self.units = [board.lanes.units(index) for index in self.able]
        self.fills = [sum(units) for units in self.units]
        self.most = max(self.fills, default=0)

    def weigh(self) -> None:
        """Begin with nothing filled, and come as close as some sets do."""
        board = self.board
        board.unfilled = board.total
        for index, fill in zip(self.able, self.fills, strict=True):
            if board.total - fill <= board.unfilled:
                board.weigh_single(index)
        self._weigh_greedy()
        board.sets_max = min(board.sets_max, board.weighed + PARTIAL_SETS_MAX)
        for size in range(2, min(board.shipments_max, len(self.able)) + 1):
            self._grow((), board.quantities, board.total, 0, size)

    def _grow(
        self, chosen: tuple[int, ...], left: tuple[int, ...], left_sum: int, start: int, more: int
    ) -> None:
        """Weigh the sets of `chosen`, which leave so much, and `more` of the lanes from `start` on."""
        board, fills = self.board, self.fills
        others_most = (more - 1) * self.most
        for at in range(start, len(fills) - more + 1):
            # Bounds of what may be left, the cheap one first.
            if left_sum - fills[at] - others_most > board.unfilled:
                continue
            units = self.units[at]
            if more == 1 and left_sum - sum(map(min, left, units)) > board.unfilled:
                continue
            if not board.has_room():
                return
            index = self.able[at]
            if board.has_pool(chosen, index):
                continue
            if more == 1:
                board.weigh((*chosen, index))
            else:
                board.weighed += 1
                still_left = _less(left, units)
                self._grow((*chosen, index), still_left, sum(still_left), at + 1, more - 1)

    def _weigh_greedy(self) -> None:
        """Add whichever lane fills most of the rest: a good plan early makes the bounds bite."""
        board = self.board
        chosen: tuple[int, ...] = ()
        left = board.quantities
        while any(left) and len(chosen) < board.shipments_max:
            best, gain = -1, 0
            for at, fill in enumerate(self.fills):
                if fill > gain:
                    added = sum(map(min, left, self.units[at]))
                    if added > gain and not board.has_pool(chosen, self.able[at]):
                        best, gain = at, added
            if best < 0:
                break
            chosen = (*chosen, self.able[best])
            left = _less(left, self.units[best])
        if len(chosen) > 1:
            board.weigh(tuple(sorted(chosen)))


def _less(left: tuple[int, ...], units: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([rest - there if rest > there else 0 for rest, there in zip(left, units, strict=True)])
