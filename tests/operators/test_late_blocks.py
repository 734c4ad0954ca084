"""Blocks that end by themselves, read late or told to have ended: they take nothing from anybody else."""

from __future__ import annotations

from typing import Any

from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import network
from tests.world import World, counted, placed


def block(
    quantity: int, document: str, position: int, until: str | None = None
) -> tuple[str, dict[str, Any]]:
    data = {"pool": "berlin", "sku": "lamp", "quantity": quantity, "reason": "test", "document": document}
    return "stock.blocked", {**data, "position": position, "until": until}


def end_of_block(quantity: int, document: str, position: int) -> tuple[str, dict[str, Any]]:
    _, data = block(quantity, document, position)
    return "stock.unblocked", data


def world() -> World:
    """Four lamps in Berlin, all of them planned for an order that no warehouse knows of yet."""
    here = World(network())
    here.send(counted("berlin", "lamp", 4, 10), placed("A", ("lamp", 4)))
    return here


def test_a_block_that_is_read_after_its_time_takes_no_promise_away() -> None:
    here = world()
    told = here.send(block(3, "late", 11, until="2026-03-16T07:59:00Z"))
    assert (told.decisions, told.exceptions) == ([], [])
    assert here.stock("berlin", "lamp").blocked == 0
    assert here.send(block(3, "late", 11, until="2026-03-16T07:59:00Z")).outcome.measures.stale == 1, "known"
    same_memory(here.partition, here.restored())


@promise("P1")
def test_the_end_of_a_block_that_was_over_when_it_was_read_ends_no_other_one() -> None:
    here = world()
    here.send(block(2, "other", 11), block(3, "late", 12, until="2026-03-16T07:59:00Z"))
    here.restart()
    assert here.send(end_of_block(3, "late", 13)).exceptions == []
    assert here.stock("berlin", "lamp").blocked == 2


@promise("P1")
def test_the_end_of_a_block_after_its_time_ends_no_other_one() -> None:
    here = world()
    here.send(block(2, "other", 11), block(3, "short", 12, until="2026-03-16T09:00:00Z"))
    here.advance("2026-03-16 09:30")
    here.restart()
    told = here.send(end_of_block(3, "short", 13))
    assert (told.exceptions, told.outcome.measures.stale) == ([], 1)
    assert here.stock("berlin", "lamp").blocked == 2
