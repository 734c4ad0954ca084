"""Whoever takes a partition over counts what nobody has counted yet, and nothing again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.metrics import Metrics
from tests.flows.metrics.figures import ALWAYS, SPENT, Counted
from tests.flows.metrics.stories import (
    STOCK,
    TRUCK_GONE,
    dispatched_early,
    never_dispatched,
    one_order,
    planned_when_overdue,
    rejected_after_the_truck,
    units_at_risk,
)
from tests.small_network import ms
from tests.world import counted, placed


@pytest.mark.parametrize(
    "story", [dispatched_early, never_dispatched, units_at_risk], ids=lambda each: each.__name__
)
def test_whoever_takes_over_before_the_truck_leaves_counts_it(story: Callable[[Counted], None]) -> None:
    """Of everything before the take-over the other process has counted, nothing is counted again."""
    alone, relieved = Counted(), Counted()
    story(alone)
    alone.until(TRUCK_GONE)
    due = {name: value for name, value in alone.shown().items() if "due" in name or "on_time" in name
           or "missed" in name or "filled" in name or "at_risk" in name}  # fmt: skip
    until = relieved.until
    relieved.until = lambda moment: None  # type: ignore[method-assign]
    story(relieved)
    relieved.restart()
    until(TRUCK_GONE)
    names = {name.split("{")[0] for name in relieved.shown()} - ALWAYS
    assert names <= {name.split("{")[0] for name in due}
    assert {
        name: value for name, value in relieved.shown().items() if name.split("{")[0] not in ALWAYS
    } == due


def test_what_was_due_long_before_a_take_over_is_not_counted_again() -> None:
    it = Counted()
    never_dispatched(it)
    it.world.now_ms += 3_600_000
    it.restart()
    it.look()
    assert it.value("dispatch_due_total", pool="berlin") == 0
    assert it.value("units_due_total", channel="express") == 0


def test_trucks_that_left_while_nobody_was_there_are_counted_by_whoever_comes() -> None:
    """However long ago that is, and whether or not input has come meanwhile."""
    it = Counted()
    one_order(it)
    it.world.now_ms = ms("2026-03-16 14:30")
    it.restart()
    it.look()
    assert it.value("cutoffs_missed_total", pool="berlin") == 1
    assert it.value("units_due_total", channel="express") == 3


def test_trucks_that_left_just_before_a_take_over_are_counted_by_whoever_comes() -> None:
    """The one before waited for what might still be told of them."""
    it = Counted()
    one_order(it)
    it.commit(*it.world.advance("2026-03-16 14:02"))
    it.send(counted("paris", "lamp", 1, 1))
    it.look()
    assert it.value("dispatch_due_total", pool="berlin") == 0
    it.restart()
    it.until(TRUCK_GONE)
    assert it.value("dispatch_due_total", pool="berlin") == 1


@pytest.mark.parametrize(
    "story", [rejected_after_the_truck, planned_when_overdue], ids=lambda each: each.__name__
)
def test_what_was_judged_before_a_take_over_is_not_judged_again(story: Callable[[Counted], None]) -> None:
    """A restart would flatter the fill of just the orders that had trouble."""
    it = Counted()
    story(it)
    channel = it.world.order("o1").channel
    assert it.value("units_due_total", channel=channel) > 0  # type: ignore[operator]
    it.world.now_ms += 3_600_000
    it.send(counted("london", "lamp", 1, 1))
    it.restart()
    it.until("2026-03-24 12:00")
    assert it.value("units_due_total", channel=channel) == 0
    assert it.value("channel_dispatch_due_total", channel=channel) == 0


def test_trucks_that_left_while_input_waited_are_counted_though_something_was_decided_since() -> None:
    """What has been read is an hour old: nothing is judged beyond it, whatever the clock says."""
    it = Counted()
    one_order(it)
    it.world.now_ms = ms("2026-03-16 14:30")
    it.send(counted("london", "lamp", 1, 1))
    it.metrics.look(0, ms("2026-03-16 13:30"), it.world.now_ms)
    it.restart()
    it.look()
    assert it.value("cutoffs_missed_total", pool="berlin") == 1


def test_where_nobody_has_said_what_was_judged_it_is_counted_from_the_last_decision_on() -> None:
    it = Counted()
    one_order(it)
    it.world.now_ms = ms("2026-03-16 14:30")
    it.metrics = Metrics()
    it.metrics.partition_restored(it.world.partition, 0.1, it.world.now_ms, None)
    it.look()
    assert it.value("cutoffs_missed_total", pool="berlin") == 1


def test_what_was_cancelled_while_it_waited_does_not_bring_the_day_of_judgement_forward() -> None:
    """The lamp's truck has gone; the chair never had a place, so the order is judged when it is overdue."""
    it = Counted()
    it.send(counted("berlin", "lamp", 5, 1), placed("o1", ("lamp", 1), ("chair", 1)))
    it.until("2026-03-17 12:00")
    it.send(("cancel.requested", {"order_id": "o1", "request_id": "r", "lines": {"2": 1}, "reason": "late"}))
    it.until("2026-03-17 12:01")
    assert it.value("units_due_total", channel="web") == 0
    it.restart()
    it.until("2026-03-20 09:00")
    assert it.value("units_due_total", channel="web") == 1


def test_stock_is_heard_of_while_orders_of_before_are_still_looked_through() -> None:
    it = Counted()
    it.send(*STOCK)
    it.restart(catches_up=False)
    it.world.now_ms += 60_000
    told = it.world.send(counted("berlin", "lamp", 5, 2), placed("o1", ("lamp", 2), channel="express"))
    it.metrics.committed(it.world.partition, {}, told.outcome, SPENT, it.world.now_ms)
    it.metrics.add_up()
    assert it.value("stock_event_timestamp_seconds", pool="berlin") == it.world.now_ms / 1000
    assert it.value("orders_total", channel="express") == 0
    it.metrics.partition_gone(0)
    assert it.value("orders_total", channel="express") == 1, "what was committed stays counted"
    assert it.value("stock_event_timestamp_seconds", pool="berlin") is None


def test_stock_is_packed_until_somebody_asks_for_it() -> None:
    it = Counted()
    it.send(*STOCK)
    it.restart()
    assert it.value("packed_rows", partition="0") == 2
    it.send(placed("o1", ("lamp", 1)))
    assert it.value("packed_rows", partition="0") == 1


def test_a_partition_that_comes_back_to_the_same_process_is_judged_from_where_it_was_left() -> None:
    """Its counters go on: what they hold must not be added once more."""
    it = Counted()
    one_order(it)
    it.until("2026-03-16 14:05:20")
    it.world.now_ms += 15_000
    it.metrics.partition_gone(0)
    it.metrics.partition_restored(it.world.partition, 0.1, it.world.now_ms)
    it.look()
    assert it.value("dispatch_due_total", pool="berlin") == 1
    assert it.value("cutoffs_missed_total", pool="berlin") == 1
    assert it.value("units_due_total", channel="express") == 3


def test_what_another_process_has_judged_meanwhile_is_not_judged_again_when_the_partition_comes_back() -> (
    None
):
    it = Counted()
    one_order(it)
    it.metrics.partition_gone(0)
    it.world.now_ms = ms("2026-03-16 15:00")
    it.metrics.partition_restored(it.world.partition, 0.1, it.world.now_ms, it.world.now_ms)
    it.look()
    assert it.value("dispatch_due_total", pool="berlin") == 0


def test_a_truck_that_leaves_before_the_same_process_goes_on_is_not_forgotten() -> None:
    """It was not judged yet when the last bundle was decided: what its warehouse may still tell was waited for."""
    it = Counted()
    one_order(it)
    it.until("2026-03-16 14:04:58")
    it.world.now_ms = ms("2026-03-16 14:05:02")
    it.send(counted("london", "rug", 1, 7))
    it.metrics.partition_gone(0)
    it.world.now_ms += 1_000
    it.metrics.partition_restored(it.world.partition, 0.1, it.world.now_ms)
    it.until("2026-03-16 14:10")
    assert it.value("dispatch_due_total", pool="berlin") == 1
    assert it.value("units_due_total", channel="express") == 3
