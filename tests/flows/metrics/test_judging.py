"""Trucks, orders and deliveries are judged when they fall due: once, and by what was promised first."""

from __future__ import annotations

import pytest

from schemas.kinds import FULFILMENT
from tests.flows.metrics.figures import Counted
from tests.flows.metrics.stories import TRUCK_GONE, dispatched, nothing_there, one_order, two_packages
from tests.small_network import cutoff, ms, network, pool, with_entities
from tests.world import counted


def test_an_order_on_two_trucks_is_judged_when_both_have_left_though_the_last_to_leave_was_told_first() -> (
    None
):
    it = Counted(with_entities(network(), pool("paris", pick_minutes=180), cutoff("paris", "16:00")))
    two_packages(it)
    names = {shipment.pool: shipment.shipment_id for shipment in it.world.order("o1").shipments}
    it.send(dispatched(names["berlin"], {"1": 1}))
    it.until(TRUCK_GONE)
    assert it.value("units_due_total", channel="express") == 0
    it.send(dispatched(names["paris"], {"2": 1}))
    it.until("2026-03-16 15:06")
    assert it.value("units_due_total", channel="express") == 2
    assert it.value("units_filled_total", channel="express") == 2
    assert it.value("channel_dispatch_on_time_total", channel="express") == 2


def test_an_order_that_waited_is_due_to_arrive_when_it_is_first_promised() -> None:
    it = Counted()
    nothing_there(it)
    it.until("2026-03-20 09:00")
    it.send(counted("berlin", "lamp", 10, 1))
    it.until("2026-03-21 00:01")
    it.until("2026-03-26 12:00")
    assert it.value("channel_delivery_due_total", channel="web") == 1


def test_an_order_that_is_cancelled_while_it_waits_is_never_due_to_arrive() -> None:
    it = Counted()
    nothing_there(it)
    it.until("2026-03-20 09:00")
    it.send(("cancel.requested", {"order_id": "o1", "request_id": "r", "reason": "changed my mind"}))
    for day in range(21, 31):
        it.until(f"2026-03-{day} 00:01")
    assert it.value("channel_delivery_due_total", channel="web") == 0


@pytest.mark.parametrize("pick_minutes", [10, 180])
def test_a_truck_leaves_when_it_was_planned_to_though_the_time_to_pick_is_changed_meanwhile(
    pick_minutes: int,
) -> None:
    """The pool's figures and the channel's are of the same truck."""
    it = Counted()
    one_order(it)
    it.commit(it.world.apply(pool("berlin", pick_minutes=pick_minutes)))
    it.until("2026-03-16 13:55")
    it.send(dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.until(TRUCK_GONE)
    assert it.value("dispatch_due_total", pool="berlin") == 1
    assert it.value("dispatch_on_time_total", pool="berlin") == 1
    assert it.value("channel_dispatch_due_total", channel="express") == 1
    assert it.value("channel_dispatch_on_time_total", channel="express") == 1
    assert it.value("units_filled_total", channel="express") == 3


def test_nothing_is_judged_beyond_what_input_is_known() -> None:
    it = Counted()
    one_order(it)
    it.commit(*it.world.advance("2026-03-16 13:55"))
    event = it.world.event(*dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.commit(*it.world.advance("2026-03-16 14:30"))
    it.metrics.look(0, ms("2026-03-16 14:02"), it.world.now_ms)
    assert it.value("dispatch_due_total", pool="berlin") == 0
    it.commit(it.world.bundle({FULFILMENT: [event]}))
    it.look()
    assert it.value("dispatch_on_time_total", pool="berlin") == 1
