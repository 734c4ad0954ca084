"""Exceptions about what the reference does not have: each is opened once for its cause, and closed with that alone."""

from __future__ import annotations

from typing import Any

import pytest

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
def test_stock_of_two_classes_of_an_unknown_item_is_told_of_once() -> None:
    world = World(network())
    event_type, damaged = counted("berlin", "new", 1, 10)
    told = world.send(counted("berlin", "new", 4, 10), (event_type, {**damaged, "class": "damaged"}))
    assert _ids(told, "opened") == ["unknown_item_in_stock/berlin/new"]
    assert _ids(world.apply(item("new")), "closed") == ["unknown_item_in_stock/berlin/new"]


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
@pytest.mark.parametrize("answer", ["shipment.rejected", "line.short_picked"])
def test_a_line_that_its_only_pool_sends_back_is_told_of_until_it_is_cancelled(answer: str) -> None:
    """Click and collect: the picker does not find it, and no other shop may send it."""
    world = World(network())
    world.send(counted("corner", "lamp", 9, 1), pinned("A", "corner"))
    missing = {"line_id": "1", "missing": 2, "position": 5} if answer == "line.short_picked" else {}
    [opened] = world.send((answer, {"shipment_id": "A/1/1", **missing})).of("exception.opened")
    assert (opened["exception_id"], opened["pool"]) == ("pinned_pool/A/1", "corner")
    assert opened["cause"].endswith('"corner", which has rejected or short-picked it; the line waits')
    assert _ids(world.send(counted("berlin", "lamp", 9, 1)), "opened") == []
    cancelled = world.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    assert _ids(cancelled, "closed") == ["pinned_pool/A/1"]


@promise("P3")
def test_a_line_whose_only_pool_is_withdrawn_is_told_of_until_the_pool_is_back() -> None:
    kept = [entity for entity in network() if "corner" not in (entity.get("pool"), *entity.get("pools", ()))]
    channel = {"kind": "channel", "channel": "web", "policy": "planned"}
    others = [{**channel, "channel": name, "pools": ["berlin"]} for name in ("web", "express")]
    world = World(network())
    world.send(pinned("A", "corner", channel="web"))
    lanes = [("corner", zone, "standard", "post") for zone in ("de", "fr")]
    gone = [
        ("pool", ("corner",)),
        ("cutoff", ("corner", "post", "standard")),
        *(("lane", key) for key in lanes),
    ]
    told = world.apply(*others, withdraw=tuple(gone))
    assert told.of("set.activated"), "nothing else names the pool"
    assert _ids(told, "opened") == ["pinned_pool/A/1"]
    back = [entity for entity in network() if entity not in kept]
    assert _ids(world.apply(*back), "closed") == ["pinned_pool/A/1"]


@promise("P3")
def test_what_is_told_when_a_set_takes_effect_is_not_told_again_by_the_decision() -> None:
    """The truck leaves in the very bundle that withdraws the channel, and that is why the order is decided."""
    world = World(network())
    world.send(counted("berlin", "lamp", 9, 1), placed("A", ("lamp", 1)))
    withdrawn = world.set_events(withdraw=(("channel", ("web",)),))
    told = world.bundle({"reference": withdrawn}, world.order("A").shipments[0].ship_by_ms + 1)
    assert [each["cause"] for each in told.decisions] == ["cut_off_passed"]
    assert _ids(told, "opened") == ["not_in_force/A"]


@promise("P3")
def test_whoever_is_cancelled_waits_for_nothing_any_more() -> None:
    """The item is withdrawn while both are planned; the second is still to be decided when it is cancelled."""
    world = World(network(), Limits(agenda_orders_max=1))
    world.send(counted("berlin", "lamp", 9, 1), *(placed(order_id, ("lamp", 1)) for order_id in "AB"))
    assert _ids(world.apply(withdraw=(("item", ("lamp",)),)), "opened") == [
        "unknown_item/A/lamp", "unknown_item/B/lamp", "unknown_item_in_stock/berlin/lamp",
    ]  # fmt: skip
    told = world.send(*(("cancel.requested", {"order_id": order_id, "request_id": "r"}) for order_id in "AB"))
    assert _ids(told, "closed") == ["unknown_item/A/lamp", "unknown_item/B/lamp"]


@promise("P3")
def test_a_shipment_that_the_warehouse_gives_up_ends_the_wait_for_one() -> None:
    """One is all that the order allows: when nothing is left in it, the chair may have it."""
    world = World(network())
    world.send(
        *(counted(*each, 9, 1) for each in (("berlin", "lamp"), ("berlin", "chair"), ("paris", "chair")))
    )
    world.send(placed("A", ("lamp", 1), ("chair", 1), channel="express", max_shipments=1))
    told = world.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"2": 1}}))
    assert _ids(told, "opened") == ["shipment_limit/A"]
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {"1": 1}}))
    told = world.send(("cancel.accepted", {"shipment_id": "A/1/1", "request_id": "r"}))
    assert _ids(told, "closed") == ["shipment_limit/A"]
    assert [shipment.pool for shipment in world.order("A").shipments] == ["berlin", "paris"]


@promise("P3", "P5")
def test_a_request_that_may_have_no_further_shipment_is_refused_and_waits_for_nobody() -> None:
    world = World(network())
    world.send(
        counted("berlin", "lamp", 9, 1),
        placed("A", ("lamp", 2), channel="express", max_shipments=1, commitment="request"),
    )
    told = world.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": 1}}))
    [decision] = told.decisions
    assert decision["lines"][0]["refused"] == 1
    assert (
        decision["why"]["note"]
        == "1 shipment is in use, and the order allows 1; 1 unit is refused (its policy lets no request wait)"
    )
    assert told.exceptions == []


@promise("P3")
def test_a_policy_that_refuses_from_now_on_ends_the_wait_for_a_shipment() -> None:
    waits = {"kind": "policy", "policy": "at-once", "release": "at-once", "unfilled_request": "wait"}
    world = World(with_entities(network(), waits))
    world.send(
        counted("berlin", "lamp", 9, 1),
        placed("A", ("lamp", 2), channel="express", max_shipments=1, commitment="request"),
    )
    told = world.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": 1}}))
    assert _ids(told, "opened") == ["shipment_limit/A"]
    told = world.apply({**waits, "unfilled_request": "refuse"})
    assert _ids(told, "closed") == ["shipment_limit/A"]
    assert told.decisions[0]["lines"][0]["refused"] == 1


@promise("P3")
def test_what_is_told_of_two_things_has_two_names_whatever_slashes_they_hold() -> None:
    world = World(network())
    told = world.send(placed("a/b", ("c", 1)), placed("a", ("b/c", 1)))
    ids = _ids(told, "opened")
    assert ids == ["unknown_item//a%2Fb/c", "unknown_item/a//b%2Fc"]
    closed = world.send(("cancel.requested", {"order_id": "a", "request_id": "r"}))
    assert _ids(closed, "closed") == ids[1:]


def pinned(order_id: str, pool_name: str, channel: str = "express") -> tuple[str, dict[str, Any]]:
    """An order of two lamps that only one pool may send."""
    event_type, data = placed(order_id, ("lamp", 2), channel=channel)
    data["lines"][0]["pinned_pool"] = pool_name
    return event_type, data


def _ids(told: Told, how: str) -> list[str]:
    return sorted(data["exception_id"] for data in told.of(f"exception.{how}"))
