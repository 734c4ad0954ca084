"""What a decision says of the others is true: every sentence against a naive price of every lane, and against what
the router itself decides once the pools that it chose are gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from schemas.times import rfc3339
from state.limits import Limits
from tests.model.reasons import DAY_MS, Asked, Lane, Wanted, day_of, hold_against, instant_ms
from tests.promises import promise
from tests.side_by_side import takes
from tests.small_network import Entity, cutoff, item, lane, ms, network, pool, with_entities
from tests.world import START, World, counted, placed

POOLS = ("berlin", "paris", "london", "corner")
GRAMS = {"lamp": 700, "chair": 2_000, "milk": 1_000}
COLD = {"milk": frozenset({"cold"})}
NOW_MS = ms(START)
CUT_OFF_MS = ms("2026-03-16 14:00")

Line = tuple[str, int, str | None]


@dataclass
class Case:
    """A network of some lanes, its stock, and orders that come one after the other."""

    lanes: list[Lane]
    stock: dict[tuple[str, str], int]
    orders: list[tuple[list[Line], dict[str, Any]]]
    prices: dict[str, int]
    limits: Limits

    def world(self) -> World:
        return World(with_entities(*self._entities()), self.limits)

    def _entities(self) -> tuple[list[Entity], *tuple[Entity, ...]]:
        prices = self.prices
        changed: list[Entity] = [
            {"kind": "network", "currency": "EUR", "capacity_price": prices["full_price"]},
            {"kind": "service_level", "service": "standard", "target_days": 3,
             "split_penalty": prices["split_penalty"], "late_penalty_per_day": prices["late_penalty"]},
            {"kind": "carrier", "carrier": "dhl", "calendar": "collections"},
            *(item(sku, weight_grams=grams, restrictions=sorted(COLD.get(sku, ()))) for sku, grams in GRAMS.items()),
        ]  # fmt: skip
        for each in self.lanes:
            changed += [
                pool(each.pool, handling_per_unit=each.handling, capabilities=sorted(each.can),
                     orders_per_day=each.places),
                lane(each.pool, "de", each.fixed, each.transit_days, carrier=each.carrier, per_kg=each.per_kg),
                cutoff(each.pool, f"{each.collection:02}:00", carrier=each.carrier),
            ]  # fmt: skip
        return [entity for entity in network() if entity["kind"] != "lane"], *changed

    def decide(self, world: World, at: int) -> dict[str, Any]:
        """Place the order of that number; its decision."""
        lines, changes = self.orders[at]
        event_type, data = placed(f"o{at}", *((sku, units) for sku, units, _ in lines), **changes)
        for stated, (_, _, pinned) in zip(data["lines"], lines, strict=True):
            if pinned is not None:
                stated["pinned_pool"] = pinned
        [decision] = world.send((event_type, data)).decisions
        return decision


@st.composite
def cases(draw: st.DrawFn) -> Case:
    # Few different amounts, so that ties and near misses are common.
    money = st.integers(0, 6).map(lambda units: units * 500_000)
    few = st.sampled_from([0, 0, 500_000])
    lanes = []
    for name in POOLS:
        handling, can = draw(few), draw(st.sampled_from([frozenset(), frozenset({"cold"})]))
        places = draw(st.sampled_from([0, 0, 1, 2]))
        carriers = draw(st.sampled_from([["post"], ["post"], ["post", "dhl"], ["dhl"]]))
        lanes += [
            Lane(
                name, carrier, draw(money), handling, draw(few), draw(st.integers(0, 5)), places,
                draw(st.sampled_from([9, 12, 15, 18])), can=can,
            )
            for carrier in carriers
        ]  # fmt: skip
    stock = {
        (name, sku): units
        for name in POOLS
        for sku in GRAMS
        if (units := draw(st.sampled_from([0, 1, 3, 3])))
    }
    line = st.tuples(
        st.sampled_from([*["lamp", "chair"] * 4, "milk", "vase"]), st.integers(1, 3),
        st.sampled_from([*[None] * 16, *POOLS]),
    )  # fmt: skip
    orders = []
    for _ in range(draw(st.integers(1, 4))):
        changes: dict[str, Any] = {
            "max_shipments": draw(st.integers(1, 3)), "ship_complete": draw(st.integers(0, 7)) == 7,
            "commitment": draw(st.sampled_from(["sold", "sold", "request"])),
        }  # fmt: skip
        latest_ms = draw(st.sampled_from([*[None] * 6, CUT_OFF_MS - 3_600_000, CUT_OFF_MS + DAY_MS]))
        if latest_ms is not None:
            changes["latest_ship_by"] = rfc3339(latest_ms)
        orders.append((draw(st.lists(line, min_size=1, max_size=3)), changes))
    prices = {name: draw(money) for name in ("full_price", "late_penalty")}
    prices["split_penalty"] = draw(st.sampled_from([0, 500_000, 2_000_000]))
    limits = Limits(
        search_sets_max=draw(st.sampled_from([0, 2, 500, 500])), offers_max=draw(st.sampled_from([2, 64, 64])),
        why_pools_named_max=draw(st.sampled_from([2, 20])), why_runners_up_max=draw(st.sampled_from([1, 3, 20])),
        later_trucks_max=draw(st.sampled_from([0, 1, 7])),
    )  # fmt: skip
    return Case(lanes, stock, orders, prices, limits)


def stocked(case: Case, world: World, without: Collection[str] = ()) -> World:
    for (name, sku), units in case.stock.items():
        if name not in without:
            world.send(counted(name, sku, units, 1))
    return world


def asked(case: Case, at: int, free: dict[tuple[str, str], int], used: dict[tuple[str, date], int]) -> Asked:
    lines, changes = case.orders[at]
    units: dict[tuple[str | None, str], int] = {}
    for sku, count, pinned in lines:
        units[pinned, sku] = units.get((pinned, sku), 0) + count
    wanted = [
        Wanted(sku, count, GRAMS[sku], pinned, needs=COLD.get(sku, frozenset()))
        for (pinned, sku), count in units.items()
        if sku in GRAMS
    ]
    latest = changes.get("latest_ship_by")
    return Asked(
        NOW_MS, NOW_MS + 4 * DAY_MS, sorted(wanted, key=lambda each: each.pinned is None), free, case.lanes, used,
        room=changes["max_shipments"], latest_ship_by=None if latest is None else instant_ms(latest),
        look_ahead=case.limits.later_trucks_max,
        unknown=sum(count for (_, sku), count in units.items() if sku not in GRAMS), **case.prices,
    )  # fmt: skip


@takes(8)
@promise("P5")
@given(cases())
@settings(max_examples=150, deadline=None)
def test_every_sentence_of_a_decision_is_true(case: Case) -> None:
    world = stocked(case, case.world())
    free = dict(case.stock)
    used: dict[tuple[str, date], int] = {}
    for at in range(len(case.orders)):
        decision = case.decide(world, at)
        why = decision["why"]
        event(f"{len(decision['shipments'])} shipments, {len(why.get('runners_up', ()))} runners-up")
        for ruled_out in why.get("ruled_out", ()):
            event(ruled_out["reason"])
        hold_against(asked(case, at, free, used), decision, decision["shipments"])
        for shipment in decision["shipments"]:
            place = shipment["pool"], day_of(instant_ms(shipment["ship_by"]))
            used[place] = used.get(place, 0) + 1
            for line in shipment["lines"]:
                free[shipment["pool"], line["sku"]] -= line["quantity"]


@takes(4)
@promise("P5")
@given(cases())
@settings(max_examples=60, deadline=None)
def test_what_is_dearer_by_so_much_costs_so_much_where_there_is_nothing_else(case: Case) -> None:
    """And where the pools that were chosen have nothing, the next plan is no dearer than the runner-up without them."""
    case.orders = case.orders[:1]
    case.limits = Limits()
    decision = case.decide(stocked(case, case.world()), 0)
    cost = cost_of(decision)
    chosen = {shipment["pool"] for shipment in decision["shipments"]}
    all_lanes = case.lanes
    for rival in decision["why"].get("runners_up", ()):
        lanes = list(zip(rival["pools"], rival["carriers"], strict=True))
        case.lanes = [each for each in all_lanes if (each.pool, each.carrier) in lanes]
        alone = case.decide(stocked(case, case.world()), 0)
        event(f"{len(lanes)} lanes alone")
        # Of several lanes, fewer may be enough.
        assert cost_of(alone) <= cost + rival["dearer"]
        assert len(lanes) > 1 or cost_of(alone) == cost + rival["dearer"]
        assert units_left(alone) == units_left(decision)
    case.lanes = all_lanes
    without = case.decide(stocked(case, case.world(), chosen), 0)
    others = [rival for rival in decision["why"].get("runners_up", ()) if not chosen & set(rival["pools"])]
    assert (units_left(without), cost_of(without)) >= (units_left(decision), cost) or not chosen
    if others:
        event("a runner-up of other pools")
        assert units_left(without) == units_left(decision)
        assert cost <= cost_of(without) <= cost + others[0]["dearer"]


def units_left(decision: dict[str, Any]) -> int:
    return sum(line.get("open", 0) + line.get("refused", 0) for line in decision["lines"])


def cost_of(decision: dict[str, Any]) -> int:
    """What was decided; what is free is left out of the notice."""
    cost: int = decision["why"].get("cost", 0)
    return cost
