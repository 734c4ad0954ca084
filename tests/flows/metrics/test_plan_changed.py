"""Orders whose plan changed before any warehouse was told: each is judged once, by what its customer was told first."""

from __future__ import annotations

from schemas.rows import PLANNED
from tests.flows.metrics.figures import Counted
from tests.flows.metrics.stories import SCANS_ARE_IN, delivered, dispatched, one_order
from tests.world import counted, placed

OVERDUE = "2026-03-20 09:00"


def planned_elsewhere(it: Counted) -> str:
    """Promised from Berlin for Monday's truck; then its stock is gone, and Paris has some.  The new shipment."""
    it.send(counted("berlin", "lamp", 2, 1), counted("paris", "lamp", 2, 1), placed("o1", ("lamp", 2)))
    it.send(counted("berlin", "lamp", 0, 2))
    it.until("2026-03-16 13:30")
    [shipment] = it.world.order("o1").shipments
    assert shipment.pool == "paris"
    return shipment.shipment_id


def judged(it: Counted) -> dict[str, float | None]:
    names = ("units_due", "units_filled", "channel_dispatch_due", "channel_delivery_due")
    return {name: it.value(f"{name}_total", channel="web") for name in names}


def test_it_is_judged_once_though_another_process_takes_over() -> None:
    alone, relieved = Counted(), Counted()
    for it in (alone, relieved):
        new = planned_elsewhere(it)
        it.until("2026-03-16 13:55")
        it.send(dispatched(new, {"1": 2}, position=9))
        it.until("2026-03-18 01:01")
    before = judged(relieved)
    relieved.world.now_ms += 7_200_000
    relieved.restart()
    for it in (alone, relieved):
        it.until("2026-03-21 12:00")
    assert judged(alone) == {
        name: (before[name] or 0) + (more or 0) for name, more in judged(relieved).items()
    }
    assert judged(alone) == {
        "units_due": 2, "units_filled": 2, "channel_dispatch_due": 1, "channel_delivery_due": 1,
    }  # fmt: skip


def test_units_that_missed_the_trucks_of_the_new_plan_are_not_filled() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 2, 1), placed("o1", ("lamp", 2)))
    it.send(counted("berlin", "lamp", 0, 2), counted("paris", "lamp", 1, 1), counted("london", "lamp", 1, 1))
    it.until("2026-03-17 13:30")
    shipments = it.world.order("o1").shipments
    it.send(*(dispatched(each.shipment_id, {"1": 1}, position=9) for each in shipments))
    it.until(OVERDUE)
    assert (judged(it)["units_due"], judged(it)["units_filled"]) == (2, 0)


def test_a_package_that_left_after_its_own_truck_is_late_though_another_truck_was_later() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 1, 1), counted("london", "chair", 1, 1))
    it.send(placed("o1", ("lamp", 1), ("chair", 1), channel="express"))
    names = {each.pool: (each.shipment_id, each.ship_by_ms) for each in it.world.order("o1").shipments}
    assert names["berlin"][1] < names["london"][1]
    it.until("2026-03-16 14:30")
    it.send(dispatched(names["berlin"][0], {"1": 1}), dispatched(names["london"][0], {"2": 1}))
    it.until("2026-03-16 15:06")
    assert it.value("units_due_total", channel="express") == 2
    assert it.value("units_filled_total", channel="express") == 1


def test_an_order_that_was_planned_anew_for_a_later_day_arrives_late() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 2, 1), placed("o1", ("lamp", 2)))
    it.send(counted("berlin", "lamp", 0, 2))
    it.until("2026-03-17 20:00")
    it.send(counted("paris", "lamp", 2, 1))
    it.until(SCANS_ARE_IN)
    it.until("2026-03-18 13:30")
    [shipment] = it.world.order("o1").shipments
    it.send(dispatched(shipment.shipment_id, {"1": 2}, position=9))
    it.send(delivered(shipment.shipment_id, "2026-03-19T10:00:00Z"))
    it.until(OVERDUE)
    assert it.value("channel_delivery_due_total", channel="web") == 1
    assert it.value("channel_delivery_on_time_total", channel="web") == 0


def test_what_was_promised_and_has_no_package_when_it_should_have_arrived_is_late() -> None:
    """The customer waits for it all the same; no pool and no carrier has it."""
    it = Counted()
    it.send(counted("berlin", "lamp", 2, 1), placed("o1", ("lamp", 2)))
    it.send(counted("berlin", "lamp", 0, 2))
    it.until(OVERDUE)
    assert it.world.order("o1").shipments == ()
    assert it.value("channel_delivery_due_total", channel="web") == 1
    assert it.value("channel_delivery_on_time_total", channel="web") == 0
    assert it.value("delivery_due_by_country_total", country="DE") == 1
    assert "delivery_due_total{berlin}" not in it.shown()
    assert "carrier_delivery_due_total{post}" not in it.shown()


def test_units_that_came_back_and_found_no_other_place_are_one_package_more() -> None:
    it = Counted()
    one_order(it)
    it.send(("shipment.rejected", {"shipment_id": "o1/1/1", "lines": {"1": 2}, "reason": "full"}))
    it.send(dispatched("o1/1/1", {"2": 1}), delivered("o1/1/1", "2026-03-17T10:00:00Z"))
    it.until(SCANS_ARE_IN)
    assert it.value("channel_delivery_due_total", channel="express") == 2
    assert it.value("channel_delivery_on_time_total", channel="express") == 1
    assert it.value("delivery_due_total", pool="berlin") == 1


def test_what_was_cancelled_when_its_promise_was_gone_is_not_due_to_arrive() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 2, 1), placed("o1", ("lamp", 2)))
    it.send(counted("berlin", "lamp", 0, 2))
    it.send(("cancel.requested", {"order_id": "o1", "request_id": "r", "reason": "changed my mind"}))
    it.until(OVERDUE)
    assert it.value("channel_delivery_due_total", channel="web") == 0


def test_what_is_still_only_planned_when_it_should_have_arrived_is_late() -> None:
    it = Counted()
    it.send(placed("o1", ("lamp", 1), deliver_by="2026-03-17T20:00:00Z"))
    it.send(counted("berlin", "lamp", 1, 1))
    it.send(counted("berlin", "lamp", 0, 2))
    it.until("2026-03-17 19:00")
    it.send(counted("berlin", "lamp", 1, 3))
    it.until(SCANS_ARE_IN)
    assert [shipment.state for shipment in it.world.order("o1").shipments] == [PLANNED]
    assert it.value("channel_delivery_due_total", channel="web") == 1
    assert it.value("channel_delivery_on_time_total", channel="web") == 0
