"""What a decision says of fates that are not plain: nothing sent, something held back, several carriers, many pools."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from state.limits import Limits
from tests.promises import promise
from tests.small_network import Entity, cutoff, lane, network, pool, with_entities
from tests.world import World, counted, placed

WHY_BYTES_MAX = 2_000


def stocked(*counts: tuple[str, str, int], entities: list[Entity] | None = None) -> World:
    world = World(entities or network())
    world.send(*(counted(*each, 1) for each in counts))
    return world


def why(world: World, *lines: tuple[str, int], **changes: Any) -> dict[str, Any]:
    [decision] = world.send(placed("A", *lines, **changes)).decisions
    reasons: dict[str, Any] = decision["why"]
    return reasons


def ruled_out(reasons: dict[str, Any]) -> dict[str, tuple[int, list[str]]]:
    return {each["reason"]: (each["count"], each["pools"]) for each in reasons["ruled_out"]}


def priced(reasons: dict[str, Any]) -> set[str]:
    return {"cost", "runners_up", "others"} & reasons.keys()


@promise("P5")
def test_what_is_not_carried_out_has_no_price() -> None:
    world = stocked(("berlin", "lamp", 2), ("paris", "lamp", 3))
    reasons = why(world, ("lamp", 9), ship_complete=True)
    assert reasons["note"] == "ships complete only, and 4 units find no place now: 4 of lamp"
    assert not priced(reasons)


@promise("P5")
def test_an_order_that_ships_complete_says_which_items_keep_it_back() -> None:
    world = stocked(("berlin", "lamp", 2), ("berlin", "chair", 1))
    reasons = why(world, ("lamp", 2), ("chair", 2), ("lamp", 1), ship_complete=True)
    assert reasons["note"] == "ships complete only, and 2 units find no place now: 1 of lamp, 1 of chair"


@promise("P5")
def test_where_one_has_to_send_all_those_with_a_part_are_ruled_out_too() -> None:
    reasons = why(stocked(("berlin", "lamp", 1), ("paris", "lamp", 1)), ("lamp", 2), max_shipments=1)
    assert ruled_out(reasons) == {"not_enough_stock": (4, ["berlin", "paris", "london"])}
    assert not priced(reasons)


@promise("P5")
def test_a_pool_that_has_all_there_is_of_known_items_is_not_said_to_lack_some() -> None:
    reasons = why(stocked(("berlin", "lamp", 2)), ("lamp", 2), ("vase", 1), max_shipments=1)
    assert reasons["note"] == "1 unit waits for its item, and the order allows only one shipment"


@promise("P5")
def test_what_is_there_and_kept_back_is_not_said_to_find_no_place() -> None:
    world = stocked(("berlin", "lamp", 3), ("paris", "chair", 3))
    reasons = why(world, ("lamp", 3), ("chair", 3), ("rug", 1), max_shipments=2)
    assert reasons["note"] == (
        "1 unit finds no place now in 2 shipments, "
        "the last shipment allowed is kept for what waits and for 3 units that could go now"
    )


@promise("P5")
@pytest.mark.parametrize(
    ("policy_allows", "order_allows", "by"),
    [(1, 3, 'policy "planned" allows 1'), (5, 1, "the order allows 1")],
)
def test_whoever_allows_no_more_shipments_is_named(policy_allows: int, order_allows: int, by: str) -> None:
    world = stocked(("berlin", "lamp", 3), entities=network(max_shipments=policy_allows, release="at-once"))
    world.send(placed("A", ("lamp", 3), max_shipments=order_allows))
    short = {"shipment_id": "A/1/1", "line_id": "1", "missing": 1, "position": 9}
    told = world.send(("line.short_picked", short))
    assert told.decisions[-1]["why"]["note"] == f"1 shipment is in use, and {by}; a person decides"
    [opened] = told.of("exception.opened")
    assert opened["cause"] == f"units are open, but 1 shipment is in use, and {by}"
    assert ("agree on another shipment with the customer" in opened["ways_out"]) == (
        by == "the order allows 1"
    )


@promise("P5")
def test_the_way_out_of_a_policys_limit_leads_out() -> None:
    world = stocked(
        ("berlin", "lamp", 3), ("paris", "lamp", 3), entities=network(max_shipments=1, release="at-once")
    )
    world.send(placed("A", ("lamp", 3)))
    short = {"shipment_id": "A/1/1", "line_id": "1", "missing": 1, "position": 9}
    [opened] = world.send(("line.short_picked", short)).of("exception.opened")
    assert 'let policy "planned" allow more max_shipments, and apply it' in opened["ways_out"]
    policy = next(entity for entity in network(max_shipments=2) if entity.get("policy") == "planned")
    [decision] = world.apply(policy).decisions
    assert [shipment["pool"] for shipment in decision["shipments"]] == ["berlin", "paris"]


@promise("P5")
def test_a_pool_that_ships_later_than_its_next_truck_says_that_it_has_no_place_on_it() -> None:
    """The store has two places a day: the third order leaves a day later, the fifth two days later."""
    world = stocked(("corner", "lamp", 9))
    notes = []
    for order_id in "ABCDE":
        [decision] = world.send(placed(order_id, ("lamp", 1))).decisions
        notes.append(decision["why"].get("note", ""))
    one, two = (
        "corner has no free place on post's next truck",
        "corner has no free place on post's next 2 trucks",
    )
    assert notes == ["", "", one, one, two]
    [decision] = world.send(placed("F", ("lamp", 9), max_shipments=2)).decisions
    assert decision["why"]["note"] == f"5 units find no place now; {two}"
    assert [shipment["pool"] for shipment in decision["shipments"]] == ["corner"]


@promise("P5")
def test_a_pool_without_a_bound_and_an_order_on_its_own_place_say_nothing_of_full_trucks() -> None:
    world = stocked(("corner", "lamp", 9), ("berlin", "chair", 9))
    told = world.send(*(placed(order_id, ("lamp", 1)) for order_id in "AB"), placed("C", ("chair", 1)))
    assert [decision["why"].get("note", "") for decision in told.decisions] == ["", "", ""]
    [again] = world.send(("cancel.requested", {"order_id": "A", "request_id": "r"})).decisions
    assert "note" not in again["why"]


@promise("P5")
def test_only_what_was_withdrawn_is_said_to_be() -> None:
    world = stocked(("berlin", "lamp", 3))
    world.send(placed("A", ("lamp", 3)))
    [decision] = world.apply(withdraw=(("channel", ("web",)),)).decisions
    assert decision["why"]["note"] == 'channel "web" is not in force any more'


@promise("P5")
def test_the_figures_of_a_withdrawal_show_why() -> None:
    world = stocked(("berlin", "lamp", 5))
    world.send(placed("A", ("lamp", 5)))
    blocked = {"pool": "berlin", "sku": "lamp", "quantity": 3, "document": "b", "reason": "r", "position": 5}
    withdrawn = world.send(("stock.blocked", blocked)).decisions[0]
    assert withdrawn["why"]["note"] == "3 of lamp at berlin are gone: on hand 5, blocked 3, promised 5"


@promise("P5")
def test_a_shipment_that_stays_in_a_new_plan_is_priced_as_the_plan_is() -> None:
    """The store has two places, and the last one is dear: A was there first, and B came."""
    world = stocked(("corner", "lamp", 9), ("berlin", "chair", 1), ("paris", "chair", 1))
    world.send(placed("A", ("lamp", 1), ("chair", 1)))
    world.send(placed("B", ("lamp", 1)))
    decision = world.send(counted("berlin", "chair", 0, 2)).decisions[-1]
    assert {shipment["pool"] for shipment in decision["shipments"]} == {"corner", "paris"}
    assert "A/1/2" in {shipment["shipment_id"] for shipment in decision["shipments"]}
    parcels = sum(sum(shipment["cost"].values()) for shipment in decision["shipments"])
    assert decision["why"]["cost"] == parcels + 1_000_000


def of_two_carriers(*pools: str) -> list[Entity]:
    """As the small network, and `express` collects from these pools at nine, before anything is decided."""
    return with_entities(
        network(),
        {"kind": "carrier", "carrier": "express", "calendar": "collections"},
        *(lane(name, "de", 100_000, 9, carrier="express") for name in pools),
        *(cutoff(name, "09:00", carrier="express") for name in pools),
    )


TODAY = "2026-03-16T20:00:00Z"


@promise("P5")
def test_a_pool_that_ships_with_another_carrier_is_not_ruled_out() -> None:
    world = stocked(("berlin", "lamp", 5), ("paris", "lamp", 5), entities=of_two_carriers("berlin", "paris"))
    [decision] = world.send(placed("A", ("lamp", 1), latest_ship_by=TODAY)).decisions
    assert [(each["pool"], each["carrier"]) for each in decision["shipments"]] == [("berlin", "post")]
    assert ruled_out(decision["why"]) == {"not_enough_stock": (2, ["london", "corner"])}
    assert decision["why"]["others"] == 3, "express from both, and post from paris"


@promise("P5")
def test_a_pool_with_two_carriers_is_counted_and_named_once() -> None:
    world = stocked(("london", "lamp", 5), entities=of_two_carriers("berlin", "paris"))
    reasons = why(world, ("lamp", 1))
    assert ruled_out(reasons) == {"not_enough_stock": (3, ["berlin", "paris", "corner"])}
    assert reasons["candidates"] == 6


@promise("P5")
def test_the_other_carrier_of_the_same_pool_is_a_runner_up_by_name() -> None:
    world = stocked(("berlin", "lamp", 5), entities=of_two_carriers("berlin"))
    [decision] = world.send(placed("A", ("lamp", 1))).decisions
    assert decision["shipments"][0]["carrier"] == "post"
    [rival] = decision["why"]["runners_up"]
    assert (rival["pools"], rival["carriers"]) == (["berlin"], ["express"])


@promise("P5")
@pytest.mark.parametrize("lines", [1, 12])
@pytest.mark.parametrize("limits", [Limits(), Limits(search_sets_max=20, offers_max=10)])
def test_the_reasons_are_as_short_for_hundreds_of_pools(lines: int, limits: Limits) -> None:
    """Each line is in a third of four hundred pools; half of those are dear, and every tenth is full for good."""
    names = [f"pool-{number:03}" for number in range(400)]
    skus = [f"sku-{number}" for number in range(lines)]
    entities = with_entities(
        network(),
        {"kind": "channel", "channel": "web", "pools": names, "policy": "planned"},
        *({"kind": "item", "sku": sku, "unit": "C62", "weight_grams": 500} for sku in skus),
        *(pool(name) for name in names),
        *(cutoff(name) for name in names),
        *(lane(name, "de", 3_000_000 + at * 7_919 % 400 * 5_000, 9) for at, name in enumerate(names)),
    )
    world = World(entities, limits)
    world.send(
        *(
            counted(name, sku, 4, 1)
            for at, name in enumerate(names)
            for number, sku in enumerate(skus)
            if (at * 31 + number * 17) % 3 == 0
        )
    )
    [decision] = world.send(placed("A", *((sku, 2) for sku in skus), max_shipments=8)).decisions
    reasons = decision["why"]
    assert len(msgspec.json.encode(reasons)) < WHY_BYTES_MAX
    told = {pool for rival in reasons.get("runners_up", ()) for pool in rival["pools"]}
    told |= {shipment["pool"] for shipment in decision["shipments"]}
    dynamic = sum(
        count for reason, (count, _) in ruled_out(reasons).items() if reason != "channel_may_not_use"
    )
    assert len(told) + dynamic + reasons["others"] == reasons["candidates"] == 400


@promise("P5")
def test_a_runner_up_that_is_dearer_for_a_later_truck_says_so() -> None:
    """The store is nearer and cheaper; both its places of today are taken, and tomorrow is late."""
    world = stocked(
        ("corner", "lamp", 9), ("berlin", "lamp", 9),
        entities=with_entities(network(), lane("corner", "de", 3_500_000)),
    )  # fmt: skip
    for order_id in "AB":
        event_type, order = placed(order_id, ("lamp", 1))
        order["lines"][0]["pinned_pool"] = "corner"
        world.send((event_type, order))
    [decision] = world.send(placed("C", ("lamp", 1), deliver_by="2026-03-17T19:00:00Z")).decisions
    assert [shipment["pool"] for shipment in decision["shipments"]] == ["berlin"]
    [rival] = decision["why"]["runners_up"]
    assert (rival["pools"], rival["full_trucks"]) == (["corner"], [1])
    assert "note" not in decision["why"], "what was chosen makes its next truck"


@promise("P5")
def test_an_order_that_is_split_because_nobody_has_all_says_so_and_one_that_is_cheaper_split_does_not() -> (
    None
):
    needs_two = stocked(("berlin", "lamp", 1), ("paris", "lamp", 2))
    assert why(needs_two, ("lamp", 3))["note"] == "no single pool can send everything"
    prices = [lane("berlin", "de", 0), lane("paris", "de", 0), lane("corner", "de", 9_000_000)]
    stock = [("berlin", "lamp", 1), ("paris", "lamp", 1), ("corner", "lamp", 2)]
    assert "note" not in why(stocked(*stock, entities=with_entities(network(), *prices)), ("lamp", 2))


@promise("P5")
@pytest.mark.parametrize("whose", ["order", "policy"])
def test_who_allows_only_one_shipment_is_named(whose: str) -> None:
    entities = network(max_shipments=1 if whose == "policy" else 3)
    world = stocked(("berlin", "lamp", 1), ("paris", "lamp", 1), entities=entities)
    reasons = why(world, ("lamp", 2), max_shipments=1 if whose == "order" else 3)
    by = "the order" if whose == "order" else 'policy "planned"'
    assert reasons["note"] == f"no single pool can send everything, and {by} allows only one shipment"


@promise("P5")
def test_a_request_that_is_refused_says_for_what() -> None:
    entities = network(unfilled_request="refuse")
    reasons = why(stocked(("berlin", "lamp", 1), entities=entities), ("lamp", 2), commitment="request")
    assert reasons["note"] == "1 unit finds no place now and is refused (its policy lets no request wait)"
    complete = {"commitment": "request", "ship_complete": True}
    reasons = why(stocked(("berlin", "lamp", 1), entities=entities), ("lamp", 1), ("rug", 1), **complete)
    assert reasons["note"] == (
        "ships complete only, and 1 unit finds no place now: 1 of rug; "
        "2 units are refused (its policy lets no request wait)"
    )
