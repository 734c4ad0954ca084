"""Reference sets: all of a set or nothing of it, and what becomes of orders when the ground under them moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from schemas.kinds import REFERENCE
from state.limits import Limits
from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import calendar, item, lane, network, with_entities
from tests.world import Told, World, counted, placed


def commit(world: World, **changes: Any) -> Told:
    """A set with one new item whose commit says something else."""
    events = world.set_events(item("vase"))
    last = msgspec.json.decode(events[-1] or b"")
    last["data"].update(changes)
    return world.bundle({REFERENCE: [*events[:-1], msgspec.json.encode(last)]})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"members": 2}, "it has 2 members, 1 arrived"),
        ({"hash": "0000000000000000"}, "its members hash to"),
        ({"based_on": "7-abcdef01"}, "someone else applied first"),
    ],
)
def test_a_set_that_is_not_what_its_commit_says_is_refused(changes: dict[str, Any], reason: str) -> None:
    world = World(network())
    told = commit(world, **changes)
    assert reason in told.of("set.refused")[0]["reasons"][0]
    assert "vase" not in _items(world)
    assert len(world.network.catalog.members) == 1, "its members are forgotten"
    same_memory(world.partition, world.restored())


def test_a_set_with_a_fault_is_refused_as_a_whole() -> None:
    world = World(network())
    told = world.apply(item("vase"), lane("atlantis", "de", 1))
    assert "atlantis" in told.of("set.refused")[0]["reasons"][0]
    assert "vase" not in _items(world)


def test_a_set_takes_effect_once() -> None:
    world = World(network())
    events = world.set_events(item("vase"))
    assert world.bundle({REFERENCE: events}).of("set.activated")
    again = msgspec.json.decode(events[-1] or b"")
    again["id"] = "another"
    told = world.bundle({REFERENCE: [msgspec.json.encode(again)]})
    assert "is in force already" in told.of("set.refused")[0]["reasons"][0]
    assert "vase" in _items(world)


def test_a_member_of_a_set_in_force_is_a_dead_letter() -> None:
    world = World(network())
    set_id = world.network.catalog.set_id
    told = world.send(("reference.stated", {"set_id": set_id, "entity": item("vase")}))
    assert [letter["reason"] for letter in told.dead_letters] == ["set_in_force"]


def test_open_sets_are_bounded_and_the_oldest_goes() -> None:
    world = World(network(), Limits(staged_sets_max=2))
    for number in (5, 6, 7):
        world.send(("reference.stated", {"set_id": f"{number}-x", "entity": item("vase")}))
    assert sorted(set(world.network.catalog.members) - set(world.network.catalog.sets)) == ["6-x", "7-x"]
    same_memory(world.partition, world.restored())


def _rows(world: World) -> int:
    return sum(map(len, world.network.catalog.members.values()))


def _in_force(world: World) -> int:
    catalog = world.network.catalog
    return len(catalog.entities(catalog.sets))


@promise("P6")
def test_what_a_later_set_replaces_is_dropped() -> None:
    """A price list of every day is not read back for ever."""
    world = World(network())
    before = _rows(world)
    for day in range(50):
        world.apply(lane("berlin", "de", 1 + day % 3), item("lamp"))
    assert _rows(world) == _in_force(world) == before
    assert len(world.network.catalog.sets) == 2, "the first, and the last of those that state the same"
    same_memory(world.partition, world.restored())


def test_what_a_set_withdraws_is_dropped_and_so_is_the_withdrawal() -> None:
    world = World(network())
    before = _rows(world)
    world.apply(item("vase"))
    told = world.apply(withdraw=(("item", ("vase",)),))
    assert told.of("set.activated")
    assert _rows(world) == _in_force(world) == before
    assert "vase" not in _items(world)
    same_memory(world.partition, world.restored())


def test_a_set_of_which_nothing_holds_any_more_takes_no_effect_again() -> None:
    world = World(network())
    events = world.set_events(item("vase", weight_grams=1))
    assert world.bundle({REFERENCE: events}).of("set.activated")
    world.apply(item("vase", weight_grams=2))
    again = [{**msgspec.json.decode(event or b""), "id": f"again/{at}"} for at, event in enumerate(events)]
    told = world.bundle({REFERENCE: [msgspec.json.encode(event) for event in again]})
    assert "someone else applied first" in told.of("set.refused")[0]["reasons"][0]
    assert _rows(world) == _in_force(world)


def _items(world: World) -> set[str]:
    routes = world.network.catalog.routes
    assert routes is not None
    return set(routes.items)


# --- orders on moving ground --------------------------------------------------------------------------------


@pytest.mark.parametrize("withdrawn", ["web", "standard"])
@promise("P3")
def test_an_order_whose_channel_or_service_is_withdrawn_waits_as_an_exception(withdrawn: str) -> None:
    """It must not stop the partition: the order waits, and goes on when the channel is back."""
    world = World(network())
    world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 2)), placed("B", ("chair", 2)))
    kept = [entity for entity in network() if withdrawn not in (entity.get("channel"), entity.get("service"))]
    gone = [entity for entity in network() if entity not in kept]
    keys = {
        "channel": ("channel",), "service_level": ("service",), "cutoff": ("pool", "carrier", "service"),
        "lane": ("pool", "zone", "service", "carrier"),
    }  # fmt: skip
    told = world.apply(
        withdraw=tuple((each["kind"], tuple(each[name] for name in keys[each["kind"]])) for each in gone)
    )
    assert told.of("set.activated")
    assert "not_in_force" in told.exceptions
    assert world.order("A").shipments == ()
    same_memory(world.partition, world.restored())
    world.apply(*gone)
    assert [shipment.pool for shipment in world.order("A").shipments] == ["berlin"]


def test_a_retry_that_comes_due_with_the_forgetting_is_no_trouble() -> None:
    """The calendars end, the order waits for a retry, is cancelled, and the router sleeps until it is forgotten."""
    ended = calendar("weekdays", [], last=date(2026, 3, 14))
    world = World(with_entities(network(), ended))
    world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 2)))
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    world.tick("2026-06-16 08:00")
    assert "A" not in world.network.orders.rows
    same_memory(world.partition, world.restored())


def test_an_order_with_a_known_and_an_unknown_item_says_what_it_waits_for() -> None:
    world = World(network())
    told = world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 2), ("vase", 1)))
    assert "1 unit waits for its item" in told.decisions[0]["why"]["note"]
    assert [shipment.pool for shipment in world.order("A").shipments] == ["berlin"]


def test_the_last_shipment_is_not_spent_while_an_item_is_unknown() -> None:
    world = World(network())
    world.send(
        counted("berlin", "lamp", 5, 10), counted("berlin", "vase", 5, 10),
        placed("A", ("lamp", 2), ("vase", 1), max_shipments=1),
    )  # fmt: skip
    assert world.order("A").shipments == ()
    world.apply(item("vase"))
    assert [len(shipment.lines) for shipment in world.order("A").shipments] == [2]


@promise("P3")
def test_an_order_that_a_stricter_policy_leaves_no_shipment_is_told_of_until_the_policy_is_milder() -> None:
    """One of its two shipments is on its way, the other waits for a rug, which decides nothing new."""
    strict = {"kind": "policy", "policy": "at-once", "release": "at-once", "max_shipments": 1}
    world = World(network())
    world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 1), ("rug", 1), channel="express"))
    [opened] = world.apply(strict).of("exception.opened")
    assert (opened["kind"], opened["order_id"]) == ("shipment_limit", "A")
    assert opened["cause"] == 'units are open, but 1 shipment is in use, and policy "at-once" allows 1'
    assert world.apply(item("vase")).exceptions == []
    [closed] = world.apply({**strict, "max_shipments": 2}).of("exception.closed")
    assert closed["exception_id"] == opened["exception_id"]
    same_memory(world.partition, world.restored())
