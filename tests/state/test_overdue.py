"""Timers of a copy pass by, but what an owner would still have to do is never forgotten."""

from __future__ import annotations

from copy import deepcopy

import pytest

from state import overdue
from state.overdue import Overdue, is_wanted
from state.timers import CUT_OFF, RELEASE, Timer
from tests.small_network import network
from tests.world import World, counted, placed

LATER_MS = 2**62


def ordered(*order_ids: str) -> World:
    world = World(network())
    world.send(counted("berlin", "lamp", 50, 10), *(placed(order_id, ("lamp", 1)) for order_id in order_ids))
    return world


def waiting(world: World) -> list[Timer]:
    """All timers, which stay where they are."""
    return deepcopy(world.network.timers).due(LATER_MS)


def test_what_a_row_asks_for_is_wanted_until_the_row_changes() -> None:
    world = ordered("A")
    timers = waiting(world)
    assert {kind for _, kind, _ in timers} == {RELEASE, CUT_OFF}
    assert all(is_wanted(world.network, timer) for timer in timers)
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    assert not any(is_wanted(world.network, timer) for timer in timers)


def test_a_timer_that_is_due_and_wanted_is_given_back() -> None:
    world = ordered("A", "B")
    before = waiting(world)
    passing = Overdue()
    passing.pass_by(world.partition.networks, LATER_MS, LATER_MS)
    assert waiting(world) == []
    passing.give_back(world.partition.networks)
    assert waiting(world) == before


def test_what_is_not_due_stays_and_a_slice_takes_no_more_than_it_may() -> None:
    world = ordered("A", "B")
    before = waiting(world)
    passing = Overdue()
    passing.pass_by(world.partition.networks, before[0][0] - 1, LATER_MS)
    assert waiting(world) == before
    passing.pass_by(world.partition.networks, LATER_MS, 1)
    assert waiting(world) == before[1:]


def test_what_is_kept_is_looked_at_again_and_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "LOOK_AGAIN_AT", 3)
    world = ordered("A")
    passing = Overdue()
    passing.pass_by(world.partition.networks, LATER_MS, LATER_MS)
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r"}), placed("B", ("lamp", 1)))
    passing.pass_by(world.partition.networks, LATER_MS, LATER_MS)
    passing.give_back(world.partition.networks)
    assert {order_id for _, kind, (order_id, *_) in waiting(world) if kind in {RELEASE, CUT_OFF}} == {"B"}
