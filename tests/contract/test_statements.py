"""What the contract says in words, tried as those would who connect to it."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.kinds import INVENTORY, ORDERS
from schemas.times import DAY_MS, rfc3339
from state.limits import Limits
from tests.small_network import item, ms, network
from tests.world import NETWORK, Told, World, adjusted, counted, placed

Event = tuple[str, dict[str, Any]]


def world(limits: Limits | None = None) -> World:
    here = World(network(), limits)
    here.send(counted("berlin", "lamp", 9, 10))
    return here


def at_once(order_id: str, units: int = 2, **changes: Any) -> Event:
    return placed(order_id, ("lamp", units), channel="express", **changes)


def told_to_ship(told: Told) -> list[str]:
    return [name for _, kind, name in told.instructions if kind == "shipment.requested"]


# --- an event -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "again"),
    [
        ({"lines": {"1": 1, "2": 1}}, {"lines": {"2": 1, "1": 1}}),
        ({"reason": "late"}, {"reason": "too late"}),
    ],
)
def test_other_data_under_one_id_is_a_conflict(data: dict[str, Any], again: dict[str, Any]) -> None:
    here = world()
    here.send(placed("A", ("lamp", 1), ("lamp", 1)))
    named = {"order_id": "A", "request_id": "r"}
    here.bundle({ORDERS: [here.event("cancel.requested", named | data, "mine")]})
    told = here.bundle({ORDERS: [here.event("cancel.requested", named | again, "mine")]})
    assert [letter["reason"] for letter in told.dead_letters] == ["conflict"]


def test_a_time_with_another_offset_is_other_data() -> None:
    here = world()
    here.send(at_once("A", placed_at="2026-03-16T08:00:00Z"))
    letters = here.send(at_once("A", placed_at="2026-03-16T09:00:00+01:00")).dead_letters
    assert [letter["reason"] for letter in letters] == ["order_exists"]


def test_one_id_is_for_one_event_of_a_source_whatever_its_topic() -> None:
    here = world()
    here.bundle({INVENTORY: [here.event(*counted("berlin", "lamp", 8, 20), "mine")]})
    told = here.bundle({ORDERS: [here.event(*at_once("A"), "mine")]})
    assert [letter["reason"] for letter in told.dead_letters] == ["conflict"]


def test_what_was_answered_with_an_exception_goes_again_under_an_id_of_its_own() -> None:
    here = world()
    data = {"order_id": "A", "request_id": "r"}
    early = here.event("cancel.requested", data, "mine")
    assert here.bundle({ORDERS: [early]}).exceptions == ["unknown_order"]
    here.send(placed("A", ("lamp", 1)))
    assert here.bundle({ORDERS: [early]}).outcome.measures.duplicates == 1
    here.bundle({ORDERS: [here.event("cancel.requested", data, "mine/2")]})
    assert here.order("A").lines[0].cancelled == 1


def test_one_document_moves_one_sku_in_one_pool_once() -> None:
    here = world()
    sold = {"pool": "berlin", "sku": "lamp", "quantity": 1, "position": 12, "document": "DN-17"}
    here.send(adjusted("berlin", "lamp", -2, 11, "DN-17"), ("stock.sold", sold))
    assert here.stock("berlin", "lamp").on_hand == 7
    here.send(("stock.sold", {**sold, "document": "DN-17/2"}), adjusted("paris", "lamp", 3, 1, "DN-17"))
    assert (here.stock("berlin", "lamp").on_hand, here.stock("paris", "lamp").on_hand) == (6, 3)


def test_a_block_ends_in_parts_and_what_is_more_is_taken_from_other_ones() -> None:
    here = world()
    block = {
        "pool": "berlin",
        "sku": "lamp",
        "reason": "wet",
        "quantity": 3,
        "document": "Q-1",
        "position": 11,
    }
    here.send(("stock.blocked", block), ("stock.blocked", {**block, "document": "Q-2", "position": 12}))
    assert here.send(("stock.blocked", {**block, "quantity": 5})).outcome.measures.stale == 1
    part = {**block, "quantity": 1, "position": 13}
    here.send(
        ("stock.unblocked", part), ("stock.unblocked", part), ("stock.unblocked", {**part, "position": 14})
    )
    assert here.stock("berlin", "lamp").blocked == 4
    here.send(("stock.unblocked", {**part, "quantity": 3, "position": 15}))
    assert here.stock("berlin", "lamp").blocked == 1


def test_only_good_stock_is_promised() -> None:
    here = World(network())
    event_type, data = counted("berlin", "lamp", 9, 10)
    here.send((event_type, {**data, "class": "GOOD"}), at_once("A"))
    assert here.order("A").shipments == ()


def test_a_count_with_the_mark_in_force_has_no_effect() -> None:
    here = world()
    assert here.send(counted("berlin", "lamp", 3, 10)).outcome.measures.stale == 1
    assert here.stock("berlin", "lamp").on_hand == 9


@pytest.mark.parametrize(("mark", "is_exact"), [(15, False), (16, True)])
def test_a_count_is_exact_while_64_movements_have_followed_its_mark(mark: int, is_exact: bool) -> None:
    here = World(network())
    here.send(counted("berlin", "lamp", 100, 10))
    here.send(*[adjusted("berlin", "lamp", -1, position) for position in range(11, 81)])
    here.send(counted("berlin", "lamp", 100 - (mark - 10) + 3, mark))
    assert here.stock("berlin", "lamp").on_hand == (33 if is_exact else 30), "three were found"


def test_more_than_a_shipment_holds_is_all_of_it_where_it_is_rejected() -> None:
    here = world()
    here.send(at_once("A"))
    told = here.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": 50}}))
    assert told.exceptions == []
    assert here.order("A").shipments[0].state == "rejected"
    assert (
        here.send(("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"1": 1}})).outcome.measures.stale
        == 1
    )


def test_a_destination_that_names_its_zone_is_taken_as_it_stands() -> None:
    here = world()
    here.send(at_once("A", destination={"country": "US", "postal_code": "94103", "zone": "fr"}))
    assert here.order("A").zone == "fr"


# --- what a shop does ---------------------------------------------------------------------------------------


def closed_and_forgotten(limits: Limits) -> World:
    here = world(limits)
    assert told_to_ship(here.send(at_once("A"))) == ["A/1/1"]
    left = {"shipment_id": "A/1/1", "lines_total": {"1": 2}, "position": 20, "carrier": "post"}
    here.send(("shipment.dispatched", left), ("shipment.delivered", {"shipment_id": "A/1/1"}))
    here.advance(rfc3339(here.now_ms + limits.closed_grace_ms)[:16].replace("T", " "))
    assert "A" not in here.network.orders.rows
    return here


def test_a_name_that_was_forgotten_is_taken_again_and_gives_the_old_shipment_ids() -> None:
    here = closed_and_forgotten(Limits())
    assert here.send(at_once("A")).exceptions == ["order_too_old"]
    told = here.send(at_once("A", placed_at=rfc3339(here.now_ms)))
    assert told_to_ship(told) == ["A/1/1"]


def test_a_grace_that_is_raised_lets_in_what_was_forgotten_under_the_shorter_one() -> None:
    here = closed_and_forgotten(Limits(closed_grace_ms=5 * DAY_MS))
    assert here.send(at_once("A")).exceptions == ["order_too_old"]
    here.partition.limits = Limits(closed_grace_ms=30 * DAY_MS)
    assert told_to_ship(here.send(at_once("A"))) == ["A/1/1"]


def test_a_later_revision_is_refused() -> None:
    here = world()
    here.send(at_once("A"))
    assert [letter["reason"] for letter in here.send(at_once("A", revision=2)).dead_letters] == [
        "order_exists"
    ]


def test_a_line_waits_whose_item_is_not_in_its_unit_any_more() -> None:
    here = world()
    here.send(placed("A", ("lamp", 2)))
    assert here.order("A").shipments
    told = here.apply(item("lamp", unit="KGM"))
    assert (here.order("A").shipments, told.of("set.refused")) == ((), [])
    assert told.decisions[0]["lines"][0]["open"] == 2


def test_after_its_latest_ship_by_an_order_waits_and_after_its_deliver_by_it_is_late() -> None:
    here = world()
    here.send(at_once("A", latest_ship_by="2026-03-16T08:30:00Z"))
    assert here.order("A").shipments == ()
    assert told_to_ship(here.send(at_once("B", deliver_by="2026-03-16T08:30:00Z"))) == ["B/1/1"]


def test_an_order_is_routed_when_it_is_read() -> None:
    here = world()
    assert told_to_ship(here.send(at_once("A", placed_at="2031-01-01T00:00:00Z"))) == ["A/1/1"]


# --- what a warehouse system does ---------------------------------------------------------------------------


def test_two_networks_may_ask_for_shipments_of_one_name() -> None:
    here = world()
    told = here.send(at_once("A"))
    entities = [{**each, "wms": "wms-berlin"} if each["kind"] == "pool" else each for each in network()]
    here.bundle({"reference": here.set_events(*entities, network="other")})
    events = [
        here.event(*counted("berlin", "lamp", 9, 10), network="other"),
        here.event(*at_once("A"), network="other"),
    ]
    also = here.bundle({INVENTORY: [events[0]], ORDERS: [events[1]]})
    requests = [
        notice for told in (told, also) for topic, notice in told.notices if topic == "allocations.wms-berlin"
    ]
    assert [(each["network"], each["id"]) for each in requests] == [(NETWORK, "A/1/1"), ("other", "A/1/1")]


def test_a_cancel_may_have_the_id_of_another_orders_shipment() -> None:
    here = world()
    here.send(at_once("A"), at_once("A/1"))
    told = here.send(("cancel.requested", {"order_id": "A", "request_id": "1"}))
    (request,) = [notice for topic, notice in told.notices if topic.startswith("allocations.")]
    assert (request["type"], request["id"]) == ("shipment.cancel_requested", "A/1/1/1")
    assert here.order("A/1").shipments[0].shipment_id == "A/1/1/1"


def test_a_cancel_never_has_the_id_of_another_orders_cancel() -> None:
    here = world()
    here.send(at_once("A"), at_once("A/1/1/x"))
    requests = (("A", "x/1/1/r"), ("A/1/1/x", "r"))
    told = here.send(
        *(
            ("cancel.requested", {"order_id": order_id, "request_id": request})
            for order_id, request in requests
        )
    )
    ids = [notice["id"] for topic, notice in told.notices if topic.startswith("allocations.")]
    assert ids == ["A/1/1//x%2F1%2F1%2Fr", "A/1/1/x/1/1/r"]


@pytest.mark.parametrize(("mark", "is_promised"), [(30, False), (31, True)])
def test_a_count_after_a_short_pick_has_a_mark_above_its_position(mark: int, is_promised: bool) -> None:
    here = world()
    here.send(at_once("A"))
    short = {"shipment_id": "A/1/1", "line_id": "1", "missing": 2, "position": 30}
    here.send(("line.short_picked", short))
    here.send(counted("berlin", "lamp", 5, mark), at_once("B"))
    assert bool(here.order("B").shipments) == is_promised


def test_an_answer_with_more_than_the_request_named_cancels_what_it_named() -> None:
    here = world()
    here.send(at_once("A"))
    here.send(("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {"1": 1}}))
    here.send(("cancel.accepted", {"shipment_id": "A/1/1", "request_id": "r", "lines": {"1": 2}}))
    assert here.order("A").lines[0].cancelled == 1
    assert here.order("A").shipments[0].lines[0].unshipped == 1


@pytest.mark.parametrize(
    ("answers", "to_be_shipped"), [(("accepted", "refused"), 0), (("refused", "accepted"), 1)]
)
def test_of_a_cancel_that_crossed_the_dispatch_is_accepted_first_what_stays(
    answers: tuple[str, ...], to_be_shipped: int
) -> None:
    """One of two has left when the warehouse reads the request: nobody can tell any more which one a refusal means."""
    here = world()
    here.send(at_once("A"))
    here.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    left = {"shipment_id": "A/1/1", "lines_total": {"1": 1}, "position": 20, "carrier": "post"}
    here.send(("shipment.dispatched", left))
    for answer in answers:
        here.send((f"cancel.{answer}", {"shipment_id": "A/1/1", "request_id": "r", "lines": {"1": 1}}))
    assert here.order("A").shipments[0].lines[0].unshipped == to_be_shipped
    assert here.stock("berlin", "lamp").reserved == to_be_shipped


# --- what is published --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        ("shipment.accepted", {"shipment_id": "A/1/1"}),
        (
            "shipment.dispatched",
            {"shipment_id": "A/1/1", "lines_total": {"1": 2}, "position": 20, "carrier": "x"},
        ),
        ("shipment.delivered", {"shipment_id": "A/1/1"}),
    ],
    ids=lambda event: event[0],
)
def test_what_changes_no_plan_publishes_none(event: Event) -> None:
    here = world()
    here.send(at_once("A"))
    assert here.send(event).decisions == []


def test_a_shipment_that_nobody_knows_moves_no_stock() -> None:
    here = world()
    left = {"shipment_id": "Z/1/1", "lines_total": {"1": 2}, "position": 20, "carrier": "post"}
    assert here.send(("shipment.dispatched", left)).exceptions == ["unknown_shipment"]
    assert here.stock("berlin", "lamp").on_hand == 9


def test_the_time_of_the_grace_is_counted_from_when_the_last_goods_arrived() -> None:
    here = world()
    here.send(at_once("A"))
    left = {"shipment_id": "A/1/1", "lines_total": {"1": 2}, "position": 20, "carrier": "post"}
    here.send(("shipment.dispatched", left))
    limits = Limits()
    assert here.order("A").closed_at_ms == here.now_ms + limits.shipped_silence_ms + limits.closed_grace_ms
    here.tick(ms("2026-03-20 08:00"))
    here.send(("shipment.delivered", {"shipment_id": "A/1/1"}))
    assert here.order("A").closed_at_ms == here.now_ms + limits.closed_grace_ms
