"""The whole choice against brute force over full quotes: the early stop of the ranked walk, late trucks, the price of
capacity, pins, exclusions and capabilities change nothing about which plan is the best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import msgspec
from hypothesis import event, given, settings
from hypothesis import strategies as st

from operators.choice import Choice
from operators.choose import choose
from operators.demand import Demand
from operators.promise import Quote, Terms, quote
from schemas.reference import AnyEntity
from state.limits import Limits
from state.routes import Candidates, Routes
from tests.small_network import Entity, item, lane, ms, network, pool, with_entities

NOW_MS = ms("2026-03-16 08:00")
TARGET_MS = ms("2026-03-18 22:00")
POOLS = ("berlin", "paris", "london", "corner")
MONDAY, TUESDAY = 739_691, 739_692


@dataclass
class Case:
    """One order and the world in which it is decided."""

    demands: list[Demand]
    available: list[dict[str, int]]
    candidates: Candidates
    terms: Terms
    shipments_max: int
    split_penalty: int

    def chosen(self, limits: Limits) -> Choice:
        return choose(
            self.demands, self.available, self.candidates, self.terms, self.shipments_max, self.split_penalty, limits
        )  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    entities: list[Entity] = []
    # Few different amounts, so that ties and near misses are common; most cases are plain, as most orders are.
    money = st.integers(0, 6).map(lambda units: units * 500_000)
    per_unit = st.sampled_from([0, 0, 0, 500_000])
    penalties = st.sampled_from([0, 500_000, 2_000_000])
    plain = draw(st.integers(0, 3)) > 0
    places = st.just(0) if plain else st.sampled_from([0, 2, 10])
    # Two cheap halves beside one whole: where the search for several shipments matters, and may not be skipped.
    tempting = plain and draw(st.booleans())
    halves = draw(st.permutations(POOLS)) if tempting else []
    for name in POOLS:
        fixed = draw(st.sampled_from([0, 500_000])) if name in halves[:2] else draw(money)
        entities.append(
            pool(
                name, handling_per_unit=draw(per_unit), orders_per_day=draw(places),
                capabilities=["cold"] if draw(st.booleans()) else [],
            )
        )  # fmt: skip
        entities.append(lane(name, "de", fixed, draw(st.integers(0, 5)), per_kg=draw(per_unit)))
    routes = Routes(msgspec.convert(with_entities(network(), *entities, item("milk")), type=list[AnyEntity]))
    skus = (
        ["lamp"]
        if tempting
        else draw(st.lists(st.sampled_from(["lamp", "chair", "milk"]), min_size=1, max_size=2))
    )
    stock = {
        sku: {name: draw(st.sampled_from([0, 1, 3, 3])) for name in POOLS}
        for sku in ("lamp", "chair", "milk")
    }
    if tempting:
        stock["lamp"] = dict(zip(halves, (1, 1, 3, draw(st.integers(0, 1))), strict=True))
    stock = {sku: {name: units for name, units in there.items() if units} for sku, there in stock.items()}
    weights = {sku: draw(st.sampled_from([0, 700, 2_000])) for sku in stock}
    demands = [
        Demand(
            sku=sku,
            quantity=2 if tempting else draw(st.integers(1, 3)),
            weight_grams=weights[sku],
            restrictions=("cold",) if sku == "milk" else (),
            pinned_pool="" if plain else draw(st.sampled_from(["", "", *POOLS])),
            excluded=() if plain else tuple(draw(st.lists(st.sampled_from(POOLS), unique=True, max_size=2))),
            lines=((line, 1),),
        )
        for line, sku in enumerate(skus)
    ]
    # As `demands_of` merges them: one demand for each (pin, SKU), pinned ones first.
    demands = list({(demand.pinned_pool, demand.sku): demand for demand in demands}.values())
    demands.sort(key=lambda demand: not demand.pinned_pool)
    slots = {(name, day): draw(st.integers(0, 3)) for name in POOLS for day in (MONDAY, TUESDAY)}
    terms = Terms(
        NOW_MS, TARGET_MS, draw(st.sampled_from([-1, -1, ms("2026-03-16 14:30")])), draw(money), draw(money), slots,
        frozenset(draw(st.lists(st.sampled_from(sorted(slots)), max_size=1))), draw(st.integers(0, 2)),
    )  # fmt: skip
    return Case(
        demands, [stock[demand.sku] for demand in demands], routes.candidates("de", "standard", "web"), terms,
        draw(st.integers(1 + tempting, 3)), draw(penalties),
    )  # fmt: skip


def best_choice(case: Case) -> tuple[int, int]:
    """(unfilled, cost) of the best of all choices, every lane quoted and every split tried."""
    quotes = [
        quoted for each in case.candidates.ranked if isinstance(quoted := quote(each, case.terms), Quote)
    ]
    best = (sum(demand.quantity for demand in case.demands), 0)
    for size in range(1, case.shipments_max + 1):
        for chosen in combinations(quotes, size):
            fixed = sum(quoted.fixed for quoted in chosen) + case.split_penalty * (size - 1)
            for sent in _splits(case, chosen):
                cost = fixed + sum(
                    units * quoted.lane.unit_cost(demand.weight_grams)
                    for demand, row in zip(case.demands, sent, strict=True)
                    for units, quoted in zip(row, chosen, strict=True)
                )
                unfilled = sum(d.quantity - sum(row) for d, row in zip(case.demands, sent, strict=True))
                best = min(best, (unfilled, cost))
    return best


def _splits(case: Case, chosen: tuple[Quote, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every way to take the demands from these pools: by demand, then pool."""
    most = [
        [
            _may_send(demand, quoted) * min(there.get(quoted.lane.pool, 0), demand.quantity)
            for quoted in chosen
        ]
        for demand, there in zip(case.demands, case.available, strict=True)
    ]
    rows = [
        [row for row in product(*(range(units + 1) for units in limits)) if sum(row) <= demand.quantity]
        for demand, limits in zip(case.demands, most, strict=True)
    ]
    for sent in product(*rows):
        taken: dict[tuple[str, str], int] = {}
        for demand, row in zip(case.demands, sent, strict=True):
            for units, quoted in zip(row, chosen, strict=True):
                key = (demand.sku, quoted.lane.pool)
                taken[key] = taken.get(key, 0) + units
        stock = {demand.sku: there for demand, there in zip(case.demands, case.available, strict=True)}
        if all(units <= stock[sku].get(name, 0) for (sku, name), units in taken.items()):
            yield sent


def _may_send(demand: Demand, quoted: Quote) -> bool:
    lane_pool = quoted.lane.pool
    return (
        demand.pinned_pool in ("", lane_pool)
        and lane_pool not in demand.excluded
        and set(demand.restrictions) <= quoted.lane.capabilities
    )


@given(cases())
@settings(max_examples=600, deadline=None)
def test_the_choice_is_the_best_of_all(case: Case) -> None:
    choice = case.chosen(Limits())
    event(f"{len(choice.parts)} shipments, all filled: {not choice.unfilled}")
    assert choice.proved
    assert (choice.unfilled, choice.cost) == best_choice(case)


@given(cases(), st.integers(0, 4), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_a_bounded_choice_says_proved_only_of_the_best(case: Case, sets_max: int, offers_max: int) -> None:
    choice = case.chosen(Limits(search_sets_max=sets_max, offers_max=offers_max))
    best = best_choice(case)
    event(f"proved: {choice.proved}")
    assert (choice.unfilled, choice.cost) >= best
    assert not choice.proved or (choice.unfilled, choice.cost) == best


@given(cases(), st.integers(0, 4), st.integers(1, 4))
def test_a_choice_sends_only_what_is_there(case: Case, sets_max: int, offers_max: int) -> None:
    choice = case.chosen(Limits(search_sets_max=sets_max, offers_max=offers_max))
    assert len(choice.parts) <= case.shipments_max
    taken: dict[tuple[str, str], int] = {}
    for part in choice.parts:
        assert any(part.quantities)
        for demand, units in zip(case.demands, part.quantities, strict=True):
            assert not units or _may_send(demand, part.quote)
            key = (demand.sku, part.quote.lane.pool)
            taken[key] = taken.get(key, 0) + units
    for (sku, name), units in taken.items():
        there = next(there for d, there in zip(case.demands, case.available, strict=True) if d.sku == sku)
        assert units <= there.get(name, 0)
    for at, demand in enumerate(case.demands):
        assert sum(part.quantities[at] for part in choice.parts) <= demand.quantity


@given(cases())
def test_no_truck_that_has_left_or_is_full_is_chosen(case: Case) -> None:
    terms = case.terms
    for part in case.chosen(Limits()).parts:
        quoted = part.quote
        assert quoted.ship_by_ms >= terms.now_ms
        assert terms.latest_ship_by_ms == -1 or quoted.ship_by_ms <= terms.latest_ship_by_ms
        slot = (quoted.lane.pool, quoted.day)
        used = terms.slots.get(slot, 0) - (slot in terms.own_slots)
        assert not quoted.lane.orders_per_day or used < quoted.lane.orders_per_day
