"""Blocks that end by themselves, read late or told to have ended: they take nothing from anybody else."""

from __future__ import annotations

from typing import Any

from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import network
from tests.world import World, adjusted, counted, placed


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


def test_a_block_is_known_at_its_end_however_much_was_moved_since() -> None:
    """Sales bring a paper each; the block for an hour must not have to end in the place of the one for good."""
    here = world()
    here.send(block(2, "for good", 11), block(1, "for an hour", 12, until="2026-03-16T09:00:00Z"))
    here.send(*(adjusted("berlin", "lamp", 1, 100 + move) for move in range(here.limits.documents_max)))
    here.restart()
    assert here.send(end_of_block(2, "for good", 500)).exceptions == []
    here.advance("2026-03-16 09:30")
    assert here.stock("berlin", "lamp").blocked == 0


@promise("P2")
def test_a_move_is_known_again_however_many_blocks_there_were_since() -> None:
    here = world()
    move = adjusted("berlin", "lamp", 1, 100, "found")
    here.send(move, *(block(1, f"b{number}", 200 + number) for number in range(here.limits.documents_max)))
    here.restart()
    _, again = move
    assert here.send(("stock.adjusted", {**again, "position": 900})).outcome.measures.stale == 1
    assert here.send(block(1, "b0", 901)).outcome.measures.stale == 1


@promise("P3")
def test_an_end_without_a_known_block_says_which_blocks_will_not_end_by_themselves() -> None:
    """Nobody knows any more which of the blocked units it is about: a person does."""
    here = world()
    here.send(block(2, "for good", 11), block(3, "for an hour", 12, until="2026-03-16T09:00:00Z"))
    told = here.send(end_of_block(1, "unheard of", 13))
    [opened] = told.of("exception.opened")
    assert (opened["kind"], opened["pool"], opened["sku"]) == ("unknown_block", "berlin", "lamp")
    assert opened["cause"] == (
        '1 unit was unblocked under "unheard of", of which no block is known: it was taken from what "for an hour" '
        "blocks, of which so much less ends by itself"
    )
    here.advance("2026-03-16 09:30")
    assert here.stock("berlin", "lamp").blocked == 2


@promise("P3")
def test_an_end_without_a_known_block_says_that_it_was_taken_from_blocks_for_good() -> None:
    """What lies in quarantine may be promised from here on: a person must know."""
    here = world()
    here.send(block(3, "for good", 11))
    [opened] = here.send(end_of_block(2, "unheard of", 12)).of("exception.opened")
    assert (opened["kind"], opened["cause"]) == (
        "unknown_block",
        '2 units were unblocked under "unheard of", of which no block is known: they were taken from blocks that do '
        "not end by themselves",
    )
    assert here.send(end_of_block(1, "for good", 13)).exceptions == [], "its own end is no news"
    assert here.stock("berlin", "lamp").blocked == 0


@promise("P3")
def test_an_end_without_a_known_block_says_how_much_it_took_of_either_kind() -> None:
    here = world()
    here.send(block(3, "for good", 11), block(1, "for an hour", 12, until="2026-03-16T09:00:00Z"))
    [opened] = here.send(end_of_block(3, "unheard of", 13)).of("exception.opened")
    assert opened["cause"].endswith(
        'they were taken from what "for an hour" blocks, of which so much less ends by itself, and 2 of them from '
        "blocks that do not end by themselves"
    )


def test_an_end_without_a_known_block_that_leaves_nothing_blocked_for_good_is_no_exception() -> None:
    here = world()
    here.send(block(3, "for an hour", 12, until="2026-03-16T09:00:00Z"))
    assert here.send(end_of_block(1, "unheard of", 13)).exceptions == []
    here.advance("2026-03-16 09:30")
    assert here.stock("berlin", "lamp").blocked == 0
