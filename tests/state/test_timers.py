"""Ends of blocks that were lifted early leave no timers behind, and those that are left fire as if none had."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from random import Random

import pytest
from msgspec.structs import replace

from operators.stock import blocked, new_row, unblocked
from schemas.rows import StockRow
from schemas.times import DAY_MS
from state import timers
from state.limits import Limits
from state.network import Network
from state.packed import PackedStock
from state.timers import CUT_OFF, UNBLOCK, Timer
from tests.promises import promise
from tests.world import NETWORK

LIMITS = Limits()
LATER_MS = 2**62
YEARS_MS = 20 * 365 * DAY_MS
LOOK_EVERY = 500


@dataclass
class Shelf:
    """One stock row that is blocked and unblocked, in a network of its own."""

    network: Network = field(default_factory=lambda: Network(NETWORK, PackedStock({})))
    row: StockRow = field(default_factory=lambda: new_row(NETWORK, "berlin", "lamp", "good"))
    papers: int = 0

    def block(self, until_ms: int) -> str:
        self.papers += 1
        after = blocked(self.row, 2, f"b{self.papers}", until_ms, LIMITS)
        assert after is not None
        self.put(after)
        return f"b{self.papers}"

    def lift(self, paper: str, units: int) -> None:
        self.papers += 1
        self.put(unblocked(self.row, units, paper, self.papers, LIMITS) or self.row)

    def put(self, row: StockRow) -> None:
        self.row = row
        self.network.put(row)


def kept_by(shelf: Shelf) -> int:
    """How many timers there are; taken out one by one, because of several that are equal only one fires."""
    every = deepcopy(shelf.network.timers)
    kept = 0
    while every.due(LATER_MS, 1):
        kept += 1
    return kept


def test_blocks_that_are_lifted_again_and_again_leave_no_timers_for_years() -> None:
    shelf = Shelf()
    shelf.block(YEARS_MS)
    for turn in range(3 * timers.LOOK_AGAIN_AT):
        shelf.lift(shelf.block(YEARS_MS + turn), 2)
        if turn % LOOK_EVERY == 0:
            assert kept_by(shelf) <= 2 * timers.LOOK_AGAIN_AT
    assert (YEARS_MS, UNBLOCK, ("berlin", "lamp", "good")) in shelf.network.timers.due(LATER_MS)


def test_blocks_that_end_on_the_same_day_leave_no_timers_either() -> None:
    """Some day that everybody writes, far away; one block of it is always there."""
    shelf = Shelf()
    shelf.block(YEARS_MS)
    for turn in range(3 * timers.LOOK_AGAIN_AT):
        shelf.lift(shelf.block(YEARS_MS), 2)
        if turn % LOOK_EVERY == 0:
            assert kept_by(shelf) <= 2 * timers.LOOK_AGAIN_AT


def test_the_same_timers_fire_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LOOK_AGAIN_AT", 4)
    chance = Random(1)
    for _ in range(30):
        shelf = Shelf()
        others: list[Timer] = [(chance.randrange(100), CUT_OFF, (f"o{each}",)) for each in range(5)]
        for timer in others:
            shelf.network.timers.add(*timer)
        for _ in range(40):
            paper = shelf.block(chance.randrange(100))
            if chance.random() < 0.8:
                shelf.lift(paper, chance.randrange(1, 3))
        identity = ("berlin", "lamp", "good")
        wanted = {(hold[0], UNBLOCK, identity) for hold in shelf.row.holds}
        fired = shelf.network.timers.due(LATER_MS)
        assert fired == sorted(set(fired)), "each once, in order"
        assert [timer for timer in fired if timer in wanted or timer[1] == CUT_OFF] == sorted(
            wanted | {*others}
        )


@promise("P6")
def test_a_network_that_was_read_back_has_the_same_ends_of_blocks() -> None:
    shelf = Shelf()
    for turn in range(2 * timers.LOOK_AGAIN_AT):
        paper = shelf.block(YEARS_MS + turn)
        if turn % 100:
            shelf.lift(paper, 2)
    back = Network(NETWORK, PackedStock({}))
    back.put(replace(shelf.row))
    ends = [
        timer
        for timer in shelf.network.timers.due(LATER_MS)
        if shelf.network.ends_a_block(timer[0], timer[2])
    ]
    assert ends == back.timers.due(LATER_MS)
