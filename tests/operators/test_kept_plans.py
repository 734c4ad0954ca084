"""A plan that is weighed again and stays as it was keeps its name; what the reference says of it anew is taken over."""

from __future__ import annotations

from typing import Any

from schemas.rows import SENT
from state.limits import Limits
from tests.promises import promise
from tests.small_network import Entity, lane, network, pool
from tests.world import World, counted, placed

HALF_AN_HOUR: Entity = {
    "kind": "policy", "policy": "planned", "release": "before-cut-off", "release_lead_minutes": 30,
}  # fmt: skip


def planned(limits: Limits | None = None, *orders: str) -> World:
    world = World(network(), limits)
    world.send(counted("berlin", "lamp", 10, 1))
    for order_id in orders or ("A",):
        world.send(placed(order_id, ("lamp", 2)))
    return world


def test_the_warehouse_system_that_runs_the_pool_now_is_told() -> None:
    world = planned()
    world.apply(pool("berlin", wms="wms-new"))
    [instruction] = [each for told in world.advance("2026-03-17 08:00") for each in told.instructions]
    assert instruction == ("wms-new", "shipment.requested", "A/1/1")


def test_it_arrives_when_the_carrier_says_now() -> None:
    world = planned()
    world.apply(lane("berlin", "de", 4_000_000, transit_days=4))
    later = world.order("A").promise_current_ms
    world.send(placed("B", ("lamp", 2)))
    assert later == world.order("B").promise_current_ms
    assert world.order("A").shipments[0].shipment_id == "A/1/1"


def test_a_plan_of_which_nothing_is_said_anew_is_not_published_again() -> None:
    world = planned()
    assert world.apply(lane("berlin", "fr", 6_100_000)).of("order.decided") == []


@promise("P4")
def test_nobody_misses_the_truck_because_a_new_lead_came_with_more_orders_than_a_bundle_decides() -> None:
    world = planned(Limits(agenda_orders_max=1), "A", "B", "C")
    release_ms = world.order("A").shipments[0].release_at_ms
    ship_by_ms = world.order("A").shipments[0].ship_by_ms
    world.bundle({"reference": world.set_events(HALF_AN_HOUR)}, release_ms)
    for turn in range(3):
        world.tick(release_ms + 100 * (turn + 1))
    world.advance("2026-03-16 16:00")
    for order_id in "ABC":
        [shipment] = world.order(order_id).shipments
        assert (shipment.state, shipment.ship_by_ms) == (SENT, ship_by_ms)


def cost_micros(shipment: dict[str, Any]) -> int:
    return sum(shipment["cost"].values())


def test_a_plan_that_lost_units_costs_what_the_others_do() -> None:
    """A tenth for each unit, and four for the parcel."""
    world = World(network())
    world.send(counted("berlin", "lamp", 5, 1))
    world.send(placed("A", ("lamp", 5)))
    told = world.send(counted("berlin", "lamp", 2, 2))
    for decision in told.of("order.decided"):
        [shipment] = decision["shipments"]
        assert cost_micros(shipment) == 4_200_000


def test_what_is_left_after_a_cancellation_is_weighed_anew() -> None:
    """Five lamps needed two parcels; two fit into the cheaper one, where the chairs are."""
    world = World(network())
    world.send(
        *(counted(*each, 1) for each in (("berlin", "lamp", 2), ("berlin", "chair", 2), ("paris", "lamp", 3)))
    )
    world.send(placed("A", ("lamp", 5), ("chair", 2)))
    assert len(world.order("A").shipments) == 2
    told = world.send(("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {"1": 3}}))
    [shipment] = told.of("order.decided")[-1]["shipments"]
    assert (shipment["pool"], cost_micros(shipment)) == ("berlin", 4_400_000)


def test_the_last_place_of_a_small_pool_is_dear() -> None:
    world = World(network())
    world.send(counted("corner", "lamp", 10, 1))
    told = [world.send(placed(order_id, ("lamp", 1))) for order_id in "AB"]
    capacity = [each.of("order.decided")[0]["shipments"][0]["cost"].get("capacity", 0) for each in told]
    assert capacity == [0, 3_000_000]


def test_all_that_is_being_asked_back_cannot_be_asked_back_again() -> None:
    """The warehouse has not answered: that is not too late."""
    world = World(network())
    world.send(counted("berlin", "lamp", 10, 1))
    world.send(placed("A", ("lamp", 5), channel="express"))
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r1", "lines": {"1": 1}}))
    told = world.send(("cancel.requested", {"order_id": "A", "request_id": "r2"}))
    assert told.of("order.decided")[0]["why"].get("note", "") == ""
    assert world.send(("cancel.requested", {"order_id": "A", "request_id": "r3"})).exceptions == []


@promise("P3")
def test_a_cancellation_that_names_no_line_is_refused() -> None:
    world = planned()
    told = world.send(("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {}}))
    assert [letter["reason"] for letter in told.dead_letters] == ["invalid_field"]


def test_an_order_that_is_cancelled_with_the_bundle_that_places_it_is_decided_once() -> None:
    world = World(network())
    told = world.send(placed("A", ("lamp", 2)), ("cancel.requested", {"order_id": "A", "request_id": "r"}))
    [decision] = told.of("order.decided")
    assert (decision["cause"], decision["lines"][0]["cancelled"]) == ("cancel.requested", 2)
    assert world.tick().of("order.decided") == []


def test_an_order_that_is_cancelled_in_part_with_the_bundle_that_places_it_is_planned() -> None:
    world = World(network())
    cancel = ("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {"1": 1}})
    told = world.send(counted("berlin", "lamp", 9, 1), placed("A", ("lamp", 2)), cancel)
    assert [decision["cause"] for decision in told.of("order.decided")] == [
        "cancel.requested",
        "order.placed",
    ]
