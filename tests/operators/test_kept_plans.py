"""A plan that is weighed again and stays as it was keeps its name; what the reference says of it anew is taken over."""

from __future__ import annotations

from schemas.rows import SENT
from state.limits import Limits
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
