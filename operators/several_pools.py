"""Several shipments: what each pool could send is offered to the search."""

from __future__ import annotations

from operators.choice import NO_STOCK, Choice, Part, ruled_out_of, without_stock
from operators.demand import Demand
from operators.eligibility import barred_for, is_plain
from operators.plan import Offer, Plan, Search
from operators.promise import Quote, Terms, quote
from state.limits import Limits
from state.routes import Candidate, Candidates


def cheapest_several(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    shipments_max: int,
    split_penalty: int,
    to_beat: int,
    limits: Limits,
) -> Choice:
    """The best choice of at most `shipments_max` shipments; `to_beat` is what the best single pool costs.

    Lanes are offered in the order of their fixed cost, until none that follows could be part of a better plan.
    """
    quotes: list[Quote] = []
    quantities = [demand.quantity for demand in demands]
    weights = [demand.weight_grams for demand in demands]
    unit_floors = [
        candidates.unit_floor_among(there, weight_grams)
        for there, weight_grams in zip(available, weights, strict=True)
    ]
    running = Search(quantities, unit_floors, shipments_max, split_penalty, limits.search_sets_max, to_beat)
    reasons: dict[str, list[str]] = {}
    pool_numbers: dict[str, int] = {}
    others = 0
    is_cut_off = False
    plain = is_plain(demands)
    wanted = [(there, demand.quantity) for there, demand in zip(available, demands, strict=True)]
    stocked = set().union(*available)
    ranked = candidates.ranked
    positions = candidates.positions_in(stocked)
    for walked, at in enumerate(positions):
        lane = ranked[at]
        is_cut_off = len(quotes) >= limits.offers_max
        if is_cut_off or running.is_settled(lane.fixed):
            others = len(positions) - walked
            break
        pool = lane.pool
        reason: str | None = None
        if plain:
            units = tuple([min(there.get(pool, 0), quantity) for there, quantity in wanted])
        else:
            units, reason = _units_at(lane, demands, available)
        quoted = quote(lane, terms) if reason is None else reason
        if isinstance(quoted, str):
            reasons.setdefault(quoted, []).append(pool)
        else:
            handling, per_kg = lane.handling_per_unit, lane.per_kg
            costs = tuple([handling + per_kg * weight_grams // 1000 for weight_grams in weights])
            quotes.append(quoted)
            running.add(Offer(pool_numbers.setdefault(pool, len(pool_numbers)), quoted.fixed, units, costs))
    found = running.result(limits.why_runners_up_max)
    failed = reasons.pop(NO_STOCK, [])
    ruled_out = ruled_out_of(reasons, limits.why_pools_named_max)
    lacking = len(ranked) - len(positions) + len(failed)
    if lacking:
        ruled_out.append(without_stock(candidates, lacking, stocked, failed, limits.why_pools_named_max))
    return Choice(
        list(_parts(found.best, quotes)),
        found.best.cost,
        found.best.unfilled,
        found.proved and not is_cut_off,
        [(plan.cost, _parts(plan, quotes)) for plan in found.others],
        ruled_out,
        len(ranked),
        others,
        split_penalty,
    )


def _parts(plan: Plan, quotes: list[Quote]) -> tuple[Part, ...]:
    return tuple([Part(quotes[index], sent) for index, sent in plan.shipments])


def _units_at(
    lane: Candidate, demands: list[Demand], available: list[dict[str, int]]
) -> tuple[tuple[int, ...], str | None]:
    """Units that the lane's pool has of each demand, and, where that is none at all, why."""
    units: list[int] = []
    taken: dict[str, int] = {}
    reason = NO_STOCK
    for demand, there in zip(demands, available, strict=True):
        free = there.get(lane.pool, 0) - taken.get(demand.sku, 0)
        barred = barred_for(lane, demand)
        if barred is not None:
            reason = barred if free > 0 else reason
            free = 0
        sent = min(max(free, 0), demand.quantity)
        if sent and demand.pinned_pool:
            # A pinned demand of the same SKU has no other choice, so it takes from this pool first.
            taken[demand.sku] = taken.get(demand.sku, 0) + sent
        units.append(sent)
    return tuple(units), None if any(units) else reason
