"""The search for the best plan: an anytime search within a fixed *number* of sets, exact as far as it gets."""

from __future__ import annotations

from msgspec import Struct

from operators.approach import Approach
from operators.cover import weigh_larger, weigh_pairs
from operators.plan import INFINITE, Board, Plan, rarest_of, short_of


class Found(Struct, frozen=True, gc=False):
    """The best plan, some others that fill as much (best first), and whether the best is proved to be it.

    No other lane that costs at least `settled` before any unit could be part of a better plan.
    """

    best: Plan
    others: tuple[Plan, ...]
    proved: bool
    weighed: int
    settled: int


def find(board: Board, others_max: int, alone: bool) -> Found:
    """The best plan from the lanes on the board; `alone` where a single lane could be it.

    Single lanes do not count among the `sets_max`, so the result is never worse than the best of them.
    """
    if board.total:
        weigh_larger(board, weigh_pairs(board, alone))
        if board.cost == INFINITE:
            _weigh_what_is_there(board)
    plans = board.best(others_max)
    best = plans[0] if plans else Plan(board.nowhere + board.total, 0, ())
    is_filled = board.cost < INFINITE and not board.unfilled and not board.nowhere
    settled = board.cost - board.beyond(alone) if is_filled else INFINITE
    return Found(best, tuple(plans[1:]), board.proved, board.weighed, settled)


def _weigh_what_is_there(board: Board) -> None:
    """No set fills everything: ask for what can be filled at all, then for what comes closest to it."""
    lanes = board.lanes
    able = [
        index
        for index, fixed in enumerate(board.fixed)
        if (fixed if fixed >= 0 else board.price(index)) < INFINITE
    ]
    there = [0] * len(board.quantities)
    for index in able:
        there = [units + more for units, more in zip(there, lanes.units(index), strict=True)]
    reachable = tuple(map(min, board.quantities, there))
    if reachable != board.quantities:
        board.nowhere = board.total - sum(reachable)
        board.ask(reachable)
        if board.total:
            lanes.short = [board.everything] * len(lanes.least)
            for index in able:
                lanes.short[index] = short_of(reachable, lanes.units(index))
            lanes.rarest = rarest_of(board.everything, lanes.has)
            weigh_larger(board, weigh_pairs(board, alone=True))
    if board.cost == INFINITE and board.total:
        Approach(board).weigh()
