"""A pool whose records stand before the counts in force is seen: they have no effect, and the pool is not heard of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.metrics.figures import Counted
from tests.small_network import pool
from tests.world import adjusted, counted

MINUTE_MS = 60_000

Events = list[tuple[str, dict[str, Any]]]


def ignored(it: Counted, pool: str = "berlin") -> float | None:
    return it.value("stock_ignored_total", pool=pool)


def heard(it: Counted) -> float | None:
    return it.value("stock_event_timestamp_seconds", pool="berlin")


def a_minute_later(it: Counted, *events: tuple[str, dict[str, Any]]) -> None:
    it.world.now_ms += MINUTE_MS
    it.send(*events)


def in_use() -> Counted:
    """Berlin's sequence has reached 48,211; what it said last was a sale."""
    it = Counted()
    it.send(counted("berlin", "lamp", 10, 48_200), counted("berlin", "chair", 5, 48_210))
    it.send(adjusted("berlin", "lamp", -1, 48_211))
    return it


def test_a_pool_whose_sequence_begins_anew_is_not_heard_of_until_it_goes_on_above_its_last_position() -> None:
    it = in_use()
    last_heard = heard(it)
    for position in range(1, 6):
        a_minute_later(
            it,
            counted("berlin", "lamp", 3, position),
            adjusted("berlin", "chair", -1, position, f"new {position}"),
        )
    assert (ignored(it), heard(it)) == (10, last_heard), "its records come, and none has an effect"
    assert (it.world.stock("berlin", "lamp").on_hand, it.world.stock("berlin", "chair").on_hand) == (9, 5)

    offset = 48_211
    a_minute_later(it, counted("berlin", "lamp", 3, offset + 6))
    assert (ignored(it), heard(it)) == (10, it.world.now_ms / 1000)
    assert it.world.stock("berlin", "lamp").on_hand == 3, "what was sold before the count is in it"
    a_minute_later(it, adjusted("berlin", "lamp", -1, offset + 7))
    assert it.world.stock("berlin", "lamp").on_hand == 2


def test_one_record_far_ahead_makes_its_row_deaf_and_no_other() -> None:
    it = in_use()
    it.send(counted("berlin", "lamp", 9, 10**15))
    a_minute_later(it, counted("berlin", "lamp", 8, 48_220), counted("berlin", "chair", 4, 48_221))
    assert (ignored(it), heard(it)) == (1, it.world.now_ms / 1000)


BLOCK = (
    "stock.blocked",
    {"pool": "berlin", "sku": "lamp", "quantity": 1, "reason": "wet", "document": "Q", "position": 1},
)
ORDINARY: dict[str, Events] = {
    "counted again, where nothing has moved since": [counted("berlin", "chair", 5, 48_210)],
    "a movement told once more, under its document": [adjusted("berlin", "lamp", -1, 48_211)],
    "a movement told once more, with an older position": [
        adjusted("berlin", "lamp", -1, 48_199, "berlin-lamp-48211")
    ],
    "movements out of order": [
        adjusted("berlin", "lamp", -1, 48_214),
        adjusted("berlin", "lamp", -1, 48_212),
    ],
    "a block, wherever it stands": [BLOCK],
    "a block told once more": [BLOCK, BLOCK],
    "an item that was never counted there": [
        counted("berlin", "desk", 7, 1),
        adjusted("berlin", "desk", -1, 2),
    ],
}


@pytest.mark.parametrize("events", ORDINARY.values(), ids=ORDINARY)
def test_what_is_ordinary_is_not_ignored_and_the_pool_is_heard_of(events: Events) -> None:
    it = in_use()
    a_minute_later(it, *events)
    assert (ignored(it), heard(it)) == (0, it.world.now_ms / 1000)


def test_a_late_movement_is_counted_and_does_not_hide_what_came_with_it() -> None:
    it = in_use()
    a_minute_later(it, counted("berlin", "lamp", 8, 48_220), adjusted("berlin", "lamp", -1, 48_215))
    assert (ignored(it), heard(it)) == (1, it.world.now_ms / 1000)


def test_a_duplicate_says_nothing_of_any_pool() -> None:
    it = in_use()
    value = it.world.event(*counted("berlin", "lamp", 3, 1), event_id="once")
    it.commit(it.world.bundle({"inventory": [value]}), it.world.bundle({"inventory": [value]}))
    assert ignored(it) == 1


def test_a_warehouse_whose_mark_never_moves_is_ignored_once_it_says_something_else() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 10, 0))
    last_heard = heard(it)
    a_minute_later(it, counted("berlin", "lamp", 8, 0))
    assert (ignored(it), heard(it)) == (1, last_heard)


def test_what_a_count_had_said_is_not_known_any_more_where_movements_were_folded_into_it() -> None:
    it = in_use()
    for position in range(1, it.world.limits.moves_max + 3):
        it.send(adjusted("berlin", "chair", 1, 48_300 + position))
    a_minute_later(it, counted("berlin", "chair", 5, 48_210))
    assert (ignored(it), heard(it)) == (0, it.world.now_ms / 1000)


def test_a_pool_that_is_paused_is_counted_and_not_waited_for_and_every_pool_begins_at_zero() -> None:
    it = in_use()
    assert ignored(it, "paris") == 0
    it.commit(it.world.apply(pool("berlin", status="paused")))
    it.send(counted("berlin", "lamp", 3, 1))
    assert (ignored(it), heard(it)) == (1, None)
