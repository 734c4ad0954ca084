"""The agenda of a bundle is bounded, and nothing that it leaves for later is forgotten, not even by a crash."""

from __future__ import annotations

import pytest

from operators.bundle import decide_bundle, next_due_ms
from schemas.records import Record
from schemas.rows import OrderRow
from schemas.times import rfc3339
from state.limits import Limits
from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import item, lane, ms, network, pool, with_entities
from tests.world import START, World, counted, placed


def pools_of(world: World, order_id: str) -> list[str]:
    return [shipment.pool for shipment in world.order(order_id).shipments]


@promise("P4")
def test_orders_beyond_the_bound_are_decided_in_the_next_bundles_most_urgent_first() -> None:
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(*(placed(f"w{number}", ("lamp", 1), priority=number) for number in (3, 1, 2)))
    world.send(counted("berlin", "lamp", 2, 10))
    assert pools_of(world, "w1") == ["berlin"]
    assert sorted(world.network.orders.undecided) == ["w2", "w3"]
    assert next_due_ms(world.partition) == world.partition.decided_at_ms, "at once, not at the next record"
    world.restart()
    world.tick()
    assert (pools_of(world, "w2"), pools_of(world, "w3")) == (["berlin"], [])
    world.tick()
    assert not world.network.orders.undecided


def test_a_new_order_takes_nothing_that_an_order_waits_for_whose_turn_is_put_off() -> None:
    """Two lamps come for two that wait, and with them two new orders: the one of a chair is held up by nobody."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "chair", 1, 10), *(placed(waits, ("lamp", 1)) for waits in ("w1", "w2")))
    world.send(counted("berlin", "lamp", 2, 10), placed("lamp", ("lamp", 1)), placed("chair", ("chair", 1)))
    assert (pools_of(world, "w1"), pools_of(world, "chair")) == (["berlin"], ["berlin"])
    assert sorted(world.network.orders.undecided) == ["lamp", "w2"]
    world.restart()
    told = world.tick()
    assert (pools_of(world, "w2"), pools_of(world, "lamp")) == (["berlin"], [])
    assert [(data["order_id"], data["cause"]) for data in told.decisions] == [
        ("w2", "stock_arrived"),
        ("lamp", "order.placed"),
    ]
    assert not world.network.orders.undecided


def test_a_new_order_that_is_put_off_loses_none_of_its_items_to_a_later_one() -> None:
    """It is put off for the lamp; the last chair is its own all the same, for it is the older one."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "chair", 1, 10), *(placed(waits, ("lamp", 1)) for waits in ("w1", "w2")))
    world.send(
        counted("berlin", "lamp", 3, 10), placed("A", ("lamp", 1), ("chair", 1)), placed("B", ("chair", 1))
    )
    assert sorted(world.network.orders.undecided) == ["A", "B", "w2"]
    world.restart()
    world.tick()
    assert (pools_of(world, "A"), pools_of(world, "B")) == (["berlin"], [])
    assert [len(shipment.lines) for shipment in world.order("A").shipments] == [2]


@pytest.mark.parametrize("why", ["pinned", "rejected", "complete"])
def test_whoever_can_do_nothing_with_what_arrives_holds_up_nobody(why: str) -> None:
    """Lamps come to Berlin all day: two orders wait for lamps from elsewhere, or for a rug to go with theirs."""
    world = World(network(), Limits(agenda_orders_max=1))
    lines = [("lamp", 1), ("rug", 1)] if why == "complete" else [("lamp", 1)]
    orders = [
        placed(each, *lines, channel="express", ship_complete=why == "complete") for each in ("w1", "w2")
    ]
    if why == "pinned":
        for _, order in orders:
            order["lines"][0]["pinned_pool"] = "paris"
    world.send(counted("berlin", "lamp", 2 if why == "rejected" else 0, 1), *orders)
    if why == "rejected":
        world.send(*(("shipment.rejected", {"shipment_id": f"{each}/1/1"}) for each in ("w1", "w2")))
        world.tick()
    told = world.send(counted("berlin", "lamp", 5, 10), placed("new", ("lamp", 1)))
    assert [data["order_id"] for data in told.decisions] == ["new"]
    assert not world.network.orders.undecided


def test_a_new_order_that_could_take_nothing_from_who_is_put_off_is_decided_at_once() -> None:
    """All who wait are asked because the reference changed; there is no lamp for any of them."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(*(placed(waits, ("lamp", 1)) for waits in ("w1", "w2")))
    events = world.set_events(lane("berlin", "de", 4_100_000))
    told = world.bundle({"reference": events, "orders": [world.event(*placed("new", ("lamp", 1)))]})
    assert list(world.network.orders.undecided) == ["w2"]
    assert [data["order_id"] for data in told.decisions] == ["new"]


def test_what_the_last_order_of_a_full_agenda_frees_reaches_who_waits_for_it() -> None:
    """P moves to Paris when its truck is gone; W, which must have a lamp from Berlin, gets the one that P leaves."""
    world = World(network(), Limits(agenda_orders_max=1))
    _, waits = placed("W", ("lamp", 1))
    waits["lines"][0]["pinned_pool"] = "berlin"
    world.send(counted("berlin", "lamp", 1, 10), placed("P", ("lamp", 1), destination={"country": "FR"}))
    world.send(("order.placed", waits))
    world.send(counted("paris", "lamp", 1, 10))
    assert (pools_of(world, "P"), pools_of(world, "W")) == (["berlin"], [])
    world.tick("2026-03-16 15:00")
    assert pools_of(world, "P") == ["paris"]
    assert list(world.network.orders.undecided) == ["W"]
    world.tick()
    assert pools_of(world, "W") == ["berlin"]


def test_who_cannot_use_what_arrived_is_not_written_down() -> None:
    """A pallet of lamps for one thousand waiting orders would else rewrite all thousand rows for one lamp."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(*(placed(f"w{number}", ("lamp", 1)) for number in range(5)))
    told = world.send(counted("berlin", "lamp", 1, 10))
    assert pools_of(world, "w0") == ["berlin"]
    assert not world.network.orders.undecided
    assert told.outcome.measures.changed_rows == 3, "the count, the order that got it, its place in the day"


@promise("P6")
def test_a_timer_that_a_restart_would_not_have_changes_no_order() -> None:
    """A block in Paris is ended by hand before its time; two others end later, in one bundle, Berlin's first."""
    world = World(network())
    later = {"until": rfc3339(ms(START) + 3_600_000)}
    block = {"sku": "lamp", "quantity": 1, "reason": "r", "position": 20}
    soon = {**block, "pool": "paris", "document": "c", "until": rfc3339(ms(START) + 60_000)}
    world.send(
        counted("berlin", "lamp", 4, 10),
        counted("paris", "lamp", 4, 10),
        ("stock.blocked", {**block, "pool": "berlin", "document": "a", **later}),
        ("stock.blocked", {**block, "pool": "paris", "document": "b", **later}),
        ("stock.blocked", soon),
        ("stock.unblocked", soon),
    )
    twin = world.restored()
    ended = world.tick(ms(START) + 7_200_000).outcome
    again = decide_bundle(twin, {}, dict(world.offsets), ms(START) + 7_200_000)
    assert [key for topic, key, _, _ in ended.publications if topic == "ledger"] == [
        b'["stock","shop","berlin","lamp","good"]',
        b'["stock","shop","paris","lamp","good"]',
    ]
    assert again.publications == ended.publications
    same_memory(world.partition, twin)


@promise("P6")
def test_an_order_that_was_put_off_when_its_truck_left_is_cancelled_alike_after_a_restart() -> None:
    """The timer of the truck has rung before; after a restart it rings once more."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "lamp", 9, 1))
    world.send(*(placed(order_id, ("lamp", 1)) for order_id in "ABC"))
    missed = ms("2026-03-18 08:00")
    world.tick(missed)
    assert list(world.network.orders.undecided) == ["B", "C"]
    twin = world.restored()
    raw = world.event("cancel.requested", {"order_id": "C", "request_id": "r"})
    record = Record("orders", world.offsets["orders"], missed, b"key", raw)
    cancelled = world.bundle({"orders": [raw]}).outcome
    again = decide_bundle(twin, {"orders": [record]}, dict(world.offsets), missed)
    assert again.publications == cancelled.publications


def test_an_order_that_only_a_full_truck_would_take_in_time_is_weighed_again_when_a_place_comes_free() -> (
    None
):
    """Next day's truck leaves too late for it; the day has two places, and one of them is given back."""
    world = World([entity for entity in network() if entity["kind"] != "lane" or entity["pool"] == "corner"])
    world.send(counted("corner", "lamp", 10, 1), counted("corner", "chair", 10, 1))
    world.send(placed("A", ("chair", 1)), placed("B", ("chair", 1)))
    world.send(placed("C", ("lamp", 1), latest_ship_by="2026-03-16T20:00:00Z"))
    assert world.order("C").shipments == ()
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    world.advance("2026-03-16 12:00")
    assert [shipment.pool for shipment in world.order("C").shipments] == ["corner"]


@promise("P2")
def test_an_order_that_was_placed_in_the_future_is_not_shipped_again_when_it_is_sent_again() -> None:
    """The one that is remembered keeps it from being booked a second time, until it would be too old for that."""
    world = World(network())
    world.send(counted("berlin", "lamp", 100, 1))
    order = placed("A", ("lamp", 2), channel="express", placed_at="2026-03-16T20:00:00Z")
    world.send(order)
    world.send(
        (
            "shipment.dispatched",
            {"shipment_id": "A/1/1", "lines_total": {"1": 2}, "position": 5, "carrier": "post"},
        ),
        ("shipment.delivered", {"shipment_id": "A/1/1"}),
    )
    closed_ms = world.order("A").closed_at_ms
    assert closed_ms == ms("2026-03-16 20:00") + world.limits.closed_grace_ms
    for moment_ms in (closed_ms - 60_000, closed_ms, closed_ms + 60_000):
        world.tick(moment_ms)
        assert world.send(order).instructions == []


@promise("P3")
def test_an_order_that_was_put_off_for_months_tells_what_became_of_it_before_it_is_forgotten() -> None:
    """Both warehouses reject what their customers no longer want; then the router is away for a long time."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "lamp", 9, 1))
    world.send(*(placed(order_id, ("lamp", 1), channel="express") for order_id in "AB"))
    world.send(*(("cancel.requested", {"order_id": order_id, "request_id": "r"}) for order_id in "AB"))
    world.send(*(("shipment.rejected", {"shipment_id": f"{order_id}/1/1"}) for order_id in "AB"))
    assert list(world.network.orders.undecided) == ["B"]
    twin = world.restored()
    [decision] = world.tick("2026-08-01 08:00").decisions
    assert (decision["order_id"], decision["lines"][0]["cancelled"]) == ("B", 1)
    told_again = decide_bundle(twin, {}, dict(world.offsets), world.now_ms)
    assert told_again.publications == world.publications[-len(told_again.publications) :]
    world.tick()
    assert world.network.orders.rows == {}


def test_an_order_that_was_put_off_is_told_of_its_item_too() -> None:
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(*(placed(order_id, ("new", 1)) for order_id in "ABC"))
    world.apply(lane("berlin", "de", 4_100_000))
    assert world.network.orders.undecided
    closed = world.apply(item("new")).of("exception.closed")
    assert [data["exception_id"] for data in closed] == [f"unknown_item/{order_id}/new" for order_id in "ABC"]


def test_a_day_whose_last_place_is_given_back_is_not_kept() -> None:
    """No order of that day is left that could take its row along when it is forgotten."""
    world = World(network())
    world.send(counted("berlin", "lamp", 2, 1))
    world.send(placed("A", ("lamp", 1)), placed("B", ("lamp", 1), channel="express"))
    [(pool, monday)] = world.network.slots
    world.send(("shipment.rejected", {"shipment_id": "B/1/1"}), counted("berlin", "lamp", 0, 2))
    assert world.network.slots == {}
    same_memory(world.partition, world.restored())
    world.send(counted("berlin", "lamp", 1, 3))
    assert world.network.slots == {(pool, monday): 1}


def test_the_places_of_a_day_are_forgotten_with_its_orders() -> None:
    """Else every pool would keep a row for each day that it has ever worked."""
    world = World(network())
    world.send(counted("berlin", "lamp", 100, 1))
    for order_id in "AB":
        world.send(placed(order_id, ("lamp", 1), channel="express"))
    world.advance("2026-03-17 08:00")
    world.send(placed("C", ("lamp", 1), channel="express"))
    monday, tuesday = sorted(day for _, day in world.network.slots)
    for order_id in "ABC":
        world.send(
            (
                "shipment.dispatched",
                {"shipment_id": f"{order_id}/1/1", "lines_total": {"1": 1}, "position": 5, "carrier": "post"},
            ),
            ("shipment.delivered", {"shipment_id": f"{order_id}/1/1"}),
        )
        world.now_ms += 60_000
    assert world.network.slots == {("berlin", monday): 2, ("berlin", tuesday): 1}
    world.tick(world.order("B").closed_at_ms)
    assert world.network.slots == {("berlin", tuesday): 1}
    world.tick(world.order("C").closed_at_ms)
    assert world.network.slots == {}
    same_memory(world.partition, world.restored())


@pytest.mark.parametrize("agenda_orders_max", [1, 2, 100])
def test_the_most_urgent_orders_keep_their_places_however_many_are_decided_at_a_time(
    agenda_orders_max: int,
) -> None:
    """Six places are taken, one of them by an order that its warehouse knows of; three are left."""
    world = World(
        with_entities(network(), pool("corner", orders_per_day=6)),
        Limits(agenda_orders_max=agenda_orders_max),
    )
    world.send(counted("corner", "lamp", 99, 1))
    world.send(placed("T", ("lamp", 1), priority=9, channel="express"))
    world.send(*(placed(f"P{urgency}", ("lamp", 1), priority=urgency) for urgency in (5, 1, 4, 2, 3)))
    world.apply(pool("corner", orders_per_day=3))
    while world.network.orders.undecided:
        world.restart()
        world.tick()
    days = {order_id: rfc3339(row.shipments[0].ship_by_ms)[8:10] for order_id, row in _orders(world)}
    assert days == {"T": "16", "P1": "16", "P2": "16", "P3": "17", "P4": "17", "P5": "17"}
    same_memory(world.partition, world.restored())


def _orders(world: World) -> list[tuple[str, OrderRow]]:
    return list(world.network.orders.rows.items())
