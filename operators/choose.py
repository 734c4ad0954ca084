"""Choose the pools for one order: walk the ranked lanes, rule out, price, and search where one pool won't do."""

from __future__ import annotations

from msgspec import Struct

from operators.demand import Demand
from operators.plan import Offer, Plan, search
from operators.promise import Quote, Terms, quote
from state.limits import Limits
from state.routes import Candidate, Candidates

NO_STOCK = "not_enough_stock"
EXCLUDED = "rejected_before"
NOT_PINNED = "pinned_elsewhere"
NOT_CAPABLE = "may_not_ship_item"


class Part(Struct, frozen=True, gc=False):
    """One shipment of a choice: quantities by demand."""

    quote: Quote
    quantities: tuple[int, ...]


class Choice(Struct, gc=False):
    """What to send from where, and all that is needed to say why.

    `ruled_out` names pools by reason in the order of their lanes' rank; `others` counts lanes that cost too much
    before they were priced.
    """

    parts: list[Part]
    cost: int
    unfilled: int
    proved: bool
    rivals: list[tuple[int, tuple[Part, ...]]]
    ruled_out: dict[str, list[str]]
    candidates: int
    others: int
    split_penalty: int


def choose(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    shipments_max: int,
    split_penalty: int,
    limits: Limits,
) -> Choice:
    """The best choice of at most `shipments_max` shipments; `available` is by demand, then pool.

    Most orders are decided by the first walk: lanes in the order of their fixed cost, until no later lane can beat
    the cheapest pool that has everything.  The search for several shipments runs only where no single pool has
    everything, or two shipments could in theory cost less.
    """
    single = None
    if len({demand.sku for demand in demands}) == len(demands):
        single = _single(demands, available, candidates, terms, split_penalty, limits)
        if single.parts and (
            shipments_max == 1 or single.cost <= _several_floor(demands, candidates, split_penalty)
        ):
            return single
    several = _several(demands, available, candidates, terms, shipments_max, split_penalty, limits)
    if single is not None and single.parts and (several.unfilled or several.cost > single.cost):
        # The search was cut off before it came to this pool's lane.
        single.proved = False
        return single
    return several


def _single(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    split_penalty: int,
    limits: Limits,
) -> Choice:
    units_floor = _units_floor(demands, candidates)
    plain = _is_plain(demands)
    wanted = [
        (there, demand.quantity, demand.weight_grams)
        for there, demand in zip(available, demands, strict=True)
    ]
    rarest = min(available, key=len)
    priced: list[tuple[int, int, Part]] = []
    short: list[str] = []
    ruled_out: dict[str, list[str]] = {}
    best_cost = -1
    ranked = candidates.ranked
    seen = len(ranked)
    for at, lane in enumerate(ranked):
        if best_cost >= 0 and lane.fixed + units_floor >= best_cost:
            seen = at
            break
        pool = lane.pool
        if pool not in rarest:
            short.append(pool)
            continue
        cost = 0
        for there, quantity, weight_grams in wanted:
            if there.get(pool, 0) < quantity:
                short.append(pool)
                break
            cost += quantity * (lane.handling_per_unit + lane.per_kg * weight_grams // 1000)
        else:
            reason = None if plain else _barred(lane, demands)
            quoted = quote(lane, terms) if reason is None else reason
            if isinstance(quoted, str):
                ruled_out.setdefault(quoted, []).append(pool)
                continue
            cost += quoted.fixed
            priced.append((cost, at, Part(quoted, tuple([demand.quantity for demand in demands]))))
            if best_cost < 0 or cost < best_cost:
                best_cost = cost
    priced.sort(key=_cost_then_rank)
    rivals: list[tuple[int, tuple[Part, ...]]] = [
        (cost, (part,)) for cost, _, part in priced[1 : limits.why_runners_up_max + 1]
    ]
    if short:
        ruled_out[NO_STOCK] = short
    return Choice(
        [priced[0][2]] if priced else [],
        max(best_cost, 0),
        0,
        True,
        rivals,
        ruled_out,
        seen,
        len(ranked) - seen,
        split_penalty,
    )


def _is_plain(demands: list[Demand]) -> bool:
    """Whether nothing but stock and time decides who may send these demands."""
    for demand in demands:  # noqa: SIM110 - every order comes here, and a generator costs twice as much.
        if demand.pinned_pool or demand.excluded or demand.restrictions:
            return False
    return True


def _cost_then_rank(entry: tuple[int, int, Part]) -> tuple[int, int]:
    return entry[:2]


def _barred(lane: Candidate, demands: list[Demand]) -> str | None:
    """Why this lane may not send all of these demands; None when it may."""
    for demand in demands:
        reason = _barred_for(lane, demand)
        if reason is not None:
            return reason
    return None


def _barred_for(lane: Candidate, demand: Demand) -> str | None:
    if demand.pinned_pool and demand.pinned_pool != lane.pool:
        return NOT_PINNED
    if lane.pool in demand.excluded:
        return EXCLUDED
    if not lane.capabilities.issuperset(demand.restrictions):
        return NOT_CAPABLE
    return None


def _units_floor(demands: list[Demand], candidates: Candidates) -> int:
    return sum(demand.quantity * candidates.unit_floor(demand.weight_grams) for demand in demands)


def _several_floor(demands: list[Demand], candidates: Candidates, split_penalty: int) -> int:
    """No plan of two or more shipments can cost less than this."""
    if sum(demand.quantity for demand in demands) == 1:
        return 1 << 62
    return candidates.two_cheapest_fixed + split_penalty + _units_floor(demands, candidates)


def _several(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    shipments_max: int,
    split_penalty: int,
    limits: Limits,
) -> Choice:
    ruled_out: dict[str, list[str]] = {}
    quotes: list[Quote] = []
    offers: list[Offer] = []
    pool_numbers: dict[str, int] = {}
    left_out = 0
    plain = _is_plain(demands)
    wanted = list(zip(available, [demand.quantity for demand in demands], strict=True))
    stocked = set().union(*available)
    short: list[str] = []
    for lane in candidates.ranked:
        pool = lane.pool
        if pool not in stocked:
            short.append(pool)
            continue
        reason: str | None = None
        if plain:
            units = tuple([min(there.get(pool, 0), quantity) for there, quantity in wanted])
        else:
            units, reason = _units_at(lane, demands, available)
        quoted = quote(lane, terms) if reason is None else reason
        if isinstance(quoted, str):
            ruled_out.setdefault(quoted, []).append(pool)
        elif len(offers) >= limits.offers_max:
            left_out += 1
        else:
            number = pool_numbers.setdefault(pool, len(pool_numbers))
            handling, per_kg = lane.handling_per_unit, lane.per_kg
            costs = tuple([handling + per_kg * demand.weight_grams // 1000 for demand in demands])
            quotes.append(quoted)
            offers.append(Offer(number, quoted.fixed, units, costs))
    if short:
        ruled_out[NO_STOCK] = short + ruled_out.get(NO_STOCK, [])
    # Lateness and the price of capacity may have changed the order of the lanes.
    order = sorted(range(len(offers)), key=lambda at: offers[at].fixed)
    found = search(
        [demand.quantity for demand in demands],
        [offers[at] for at in order],
        shipments_max,
        split_penalty,
        limits.search_sets_max,
        limits.why_runners_up_max,
    )
    rivals = [(plan.cost, _parts(plan, order, quotes)) for plan in found.others]
    return Choice(
        list(_parts(found.best, order, quotes)), found.best.cost, found.best.unfilled, found.proved and not left_out,
        rivals, ruled_out, len(candidates.ranked), left_out, split_penalty,
    )  # fmt: skip


def _parts(plan: Plan, order: list[int], quotes: list[Quote]) -> tuple[Part, ...]:
    return tuple([Part(quotes[order[index]], sent) for index, sent in plan.shipments])


def _units_at(
    lane: Candidate, demands: list[Demand], available: list[dict[str, int]]
) -> tuple[tuple[int, ...], str | None]:
    """Units that the lane's pool has of each demand, and, where that is none at all, why."""
    units: list[int] = []
    taken: dict[str, int] = {}
    reason = NO_STOCK
    for demand, there in zip(demands, available, strict=True):
        free = there.get(lane.pool, 0) - taken.get(demand.sku, 0)
        barred = _barred_for(lane, demand)
        if barred is not None:
            reason = barred if free > 0 else reason
            free = 0
        sent = min(max(free, 0), demand.quantity)
        if sent and demand.pinned_pool:
            # A pinned demand of the same SKU has no other choice, so it takes from this pool first.
            taken[demand.sku] = taken.get(demand.sku, 0) + sent
        units.append(sent)
    return tuple(units), None if any(units) else reason
