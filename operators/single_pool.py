"""The cheapest pool that has everything: how most orders are decided."""

from __future__ import annotations

from operators.choice import Choice, Part, ruled_out_of, without_stock
from operators.demand import Demand
from operators.eligibility import barred, is_plain
from operators.promise import Quote, Terms, quote
from state.limits import Limits
from state.routes import Candidates


def cheapest_single(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    units_floor: int,
    split_penalty: int,
    limits: Limits,
) -> Choice:
    """The cheapest lane whose pool has all of every demand; no parts when there is none.

    Lanes are walked in the order of their fixed cost, until none that follows can beat the best: everything that
    is added to the fixed cost is at least `units_floor`, so stopping there is exact.
    """
    covering = _covering(demands, available)
    plain = is_plain(demands)
    quantities = tuple([demand.quantity for demand in demands])
    weights = [(demand.quantity, demand.weight_grams) for demand in demands]
    ranked = candidates.ranked
    positions = candidates.positions_in(covering)
    priced: list[tuple[int, int, Quote]] = []
    reasons: dict[str, list[str]] = {}
    best_cost = -1
    for at in positions:
        lane = ranked[at]
        if best_cost >= 0 and lane.fixed + units_floor >= best_cost:
            break
        reason = None if plain else barred(lane, demands)
        quoted = quote(lane, terms) if reason is None else reason
        if isinstance(quoted, str):
            reasons.setdefault(quoted, []).append(lane.pool)
            continue
        cost = quoted.fixed
        for quantity, weight_grams in weights:
            cost += quantity * (lane.handling_per_unit + lane.per_kg * weight_grams // 1000)
        priced.append((cost, at, quoted))
        if best_cost < 0 or cost < best_cost:
            best_cost = cost
    if len(priced) > 1:
        priced.sort()
    named_max = limits.why_pools_named_max
    ruled_out, barred_lanes = ruled_out_of(reasons, candidates, named_max) if reasons else ([], 0)
    lacking = candidates.pool_count - candidates.pools_at(positions)
    if lacking:
        ruled_out.append(without_stock(candidates, lacking, covering, (), named_max))
    return Choice(
        [Part(priced[0][2], quantities)] if priced else [],
        max(best_cost, 0),
        0,
        True,
        [
            (cost, (Part(quoted, quantities),))
            for cost, _, quoted in priced[1 : limits.why_runners_up_max + 1]
        ],
        reasons,
        ruled_out,
        len(ranked),
        len(positions) - barred_lanes - min(len(priced), limits.why_runners_up_max + 1),
        split_penalty,
    )


def _covering(demands: list[Demand], available: list[dict[str, int]]) -> set[str]:
    """The pools that have all of every demand."""
    first = 0
    if len(demands) > 1:
        sizes = [len(there) for there in available]
        first = sizes.index(min(sizes))
    quantity = demands[first].quantity
    covering = {pool for pool, units in available[first].items() if units >= quantity}
    for at, there in enumerate(available):
        if at != first:
            quantity = demands[at].quantity
            covering = {pool for pool in covering if there.get(pool, 0) >= quantity}
    return covering
