"""Exceptions about what the reference does not have: each is opened once for its cause, and closed with that alone."""

from __future__ import annotations

from state.limits import Limits
from tests.promises import promise
from tests.small_network import item, network, with_entities
from tests.world import Told, World, counted, placed


@promise("P3")
def test_an_order_that_is_named_like_a_pool_leaves_the_exception_of_its_stock_alone() -> None:
    """Both are about one SKU that nobody knows; when the order is cancelled, its own exception is over."""
    world = World(network())
    told = world.send(counted("berlin", "new", 4, 10), placed("berlin", ("new", 1)))
    of_stock, of_order = told.of("exception.opened")
    assert (of_stock["pool"], of_order["order_id"]) == ("berlin", "berlin")
    cancelled = world.send(("cancel.requested", {"order_id": "berlin", "request_id": "r"}))
    assert [data["exception_id"] for data in cancelled.of("exception.closed")] == [of_order["exception_id"]]
    closed = world.apply(item("new")).of("exception.closed")
    assert [data["exception_id"] for data in closed] == [of_stock["exception_id"]]
    assert of_stock["exception_id"] != of_order["exception_id"]


@promise("P3")
def test_what_is_sent_back_waits_for_its_item_openly_while_its_decision_is_put_off() -> None:
    """Both orders come back when the item is gone already; one decision a bundle is all that there is time for."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "lamp", 9, 1))
    world.send(*(placed(order_id, ("lamp", 1), channel="express") for order_id in "AB"))
    world.apply(withdraw=(("item", ("lamp",)),))
    told = world.send(*(("shipment.rejected", {"shipment_id": f"{order_id}/1/1"}) for order_id in "AB"))
    assert list(world.network.orders.undecided) == ["B"]
    ids = [f"unknown_item/{order_id}/lamp" for order_id in "AB"]
    assert _ids(told, "opened") == ids
    assert _ids(world.apply(item("lamp")), "closed") == [*ids, "unknown_item_in_stock/berlin/lamp"]


@promise("P3")
def test_what_is_sent_back_and_cancelled_in_one_bundle_closes_only_what_it_opened() -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 9, 1), placed("A", ("lamp", 1), channel="express"))
    world.apply(withdraw=(("item", ("lamp",)),))
    told = world.send(
        ("shipment.rejected", {"shipment_id": "A/1/1"}),
        ("cancel.requested", {"order_id": "A", "request_id": "r"}),
    )
    assert _ids(told, "opened") == _ids(told, "closed") == ["unknown_item/A/lamp"]


@promise("P3")
def test_what_is_sent_back_in_parts_is_told_of_once() -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 9, 1), placed("A", ("lamp", 3), channel="express"))
    world.apply(withdraw=(("item", ("lamp",)),))
    parts = [("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": units}}) for units in (1, 2)]
    assert _ids(world.send(parts[0]), "opened") == ["unknown_item/A/lamp"]
    assert _ids(world.send(parts[1]), "opened") == []


@promise("P3")
def test_a_short_pick_that_no_further_shipment_may_mend_says_so_before_its_decision() -> None:
    """A milder policy comes between the two, and ends what was told."""
    strict = {"kind": "policy", "policy": "at-once", "release": "at-once", "max_shipments": 1}
    world = World(with_entities(network(), strict), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "lamp", 9, 1), counted("paris", "lamp", 9, 1))
    world.send(*(placed(order_id, ("lamp", 2), channel="express") for order_id in "AB"))
    told = world.send(
        *(
            (
                "line.short_picked",
                {"shipment_id": f"{order}/1/1", "line_id": "1", "missing": 1, "position": 5},
            )
            for order in "AB"
        )
    )
    assert list(world.network.orders.undecided) == ["B"]
    assert _ids(told, "opened") == ["shipment_limit/A", "shipment_limit/B"]
    assert _ids(world.apply({**strict, "max_shipments": 2}), "closed") == [
        "shipment_limit/A",
        "shipment_limit/B",
    ]


@promise("P3")
def test_what_is_told_of_two_things_has_two_names_whatever_slashes_they_hold() -> None:
    world = World(network())
    told = world.send(placed("a/b", ("c", 1)), placed("a", ("b/c", 1)))
    ids = _ids(told, "opened")
    assert ids == ["unknown_item//a%2Fb/c", "unknown_item/a//b%2Fc"]
    closed = world.send(("cancel.requested", {"order_id": "a", "request_id": "r"}))
    assert _ids(closed, "closed") == ids[1:]


def _ids(told: Told, how: str) -> list[str]:
    return sorted(data["exception_id"] for data in told.of(f"exception.{how}"))
