"""Several shipments: the search runs over the lanes whose pools have something, and asks for the prices it needs."""

from __future__ import annotations

from collections.abc import Collection, Container

from operators.choice import NO_STOCK, Choice, Part, ruled_out_of, without_stock
from operators.demand import Demand
from operators.eligibility import barred_for, is_plain, units_allowed
from operators.plan import INFINITE, Board, Lanes, Shipments, mask_of, rarest_of, short_of
from operators.promise import Quote, Terms, quote
from operators.search import find
from state.limits import Limits
from state.routes import Candidate, Candidates


def cheapest_several(
    demands: list[Demand],
    available: list[dict[str, int]],
    candidates: Candidates,
    terms: Terms,
    shipments_max: int,
    split_penalty: int,
    unit_floors: list[int],
    to_beat: int | None,
    limits: Limits,
) -> Choice:
    """The best choice of at most `shipments_max` shipments.

    `to_beat` is what the best single pool costs that has everything, infinite where none has it; None where nobody
    looked.  `unit_floors` are what a unit of each demand costs at least, wherever it comes from.
    """
    pricing = _Pricing(demands, available, candidates, terms)
    if is_plain(demands):
        stocked: Container[str] = pricing.take_plain()
    else:
        stocked = pricing.take_barred()
    next_fixed = pricing.leave_out_beyond(limits.offers_max)
    targets = pricing.targets
    unreachable = sum([demand.quantity for demand in demands]) - sum(targets)
    board = Board(
        targets,
        unit_floors,
        pricing,
        shipments_max,
        split_penalty,
        limits.search_sets_max,
        INFINITE if to_beat is None else to_beat,
    )
    # What is set aside may make a single pool enough.
    found = find(board, limits.why_runners_up_max, alone=to_beat is None or unreachable > 0)
    reasons = pricing.reasons
    ruled_out, barred_lanes = ruled_out_of(reasons, candidates, limits.why_pools_named_max)
    told = {index for plan in (found.best, *found.others) for index, _ in plan.shipments}
    lacking = candidates.pool_count - candidates.pools_at(pricing.stocked)
    if lacking:
        ruled_out.append(
            without_stock(candidates, lacking, stocked, pricing.failed, limits.why_pools_named_max)
        )
    return Choice(
        list(pricing.parts(found.best.shipments)),
        found.best.cost,
        found.best.unfilled + unreachable,
        found.proved and next_fixed >= found.settled,
        [(plan.cost, pricing.parts(plan.shipments)) for plan in found.others],
        reasons,
        ruled_out,
        len(candidates.ranked),
        len(pricing.stocked) - barred_lanes - len(told),
        split_penalty,
    )


class _Pricing(Lanes):
    """The lanes of a search; each is quoted when the search first asks for its fixed cost.

    `targets` is how much of each demand there is to reach, `stocked` where the lanes of pools that have some are, and
    `failed` are pools that have none after what another demand takes from them.
    """

    def __init__(
        self, demands: list[Demand], available: list[dict[str, int]], candidates: Candidates, terms: Terms
    ) -> None:
        super().__init__()
        self.targets = tuple([demand.quantity for demand in demands])
        self.stocked: Collection[int] = ()
        self.failed: set[str] = set()
        self.reasons: dict[str, list[str]] = {}
        self._candidates = candidates
        self._positions: list[int] = []
        self._demands = demands
        self._available = available
        self._terms = terms
        self._weights = [demand.weight_grams for demand in demands]
        self._units: list[tuple[int, ...]] = []
        self._quotes: list[Quote | None] = []

    def take_plain(self) -> dict[str, int]:
        """Take the lanes of all pools that have something; a mask of what each of them has."""
        candidates = self._candidates
        targets: list[int] = []
        holding: dict[str, int] = {}
        count = len(self._demands)
        # A pool's mask has one bit for each demand that it has all of, and above those one for each that it has.
        bit, some = 1, 1 << count
        everything = 0
        fewest = INFINITE
        for demand, there in zip(self._demands, self._available, strict=True):
            target = demand.quantity
            if len(there) < target:
                target = min(target, sum(there.values()))
            targets.append(target)
            if target:
                everything |= bit
                if len(there) < fewest:
                    fewest, self.rarest = len(there), bit
                whole = bit | some
                for pool, units in there.items():
                    if units >= target:
                        holding[pool] = holding.get(pool, 0) | whole
                    elif units:
                        holding[pool] = holding.get(pool, 0) | some
            bit <<= 1
            some <<= 1
        self.targets = tuple(targets)
        masks = candidates.by_position(holding)
        self._positions = sorted(masks)
        self.least = [candidates.fixed[at] for at in self._positions]
        self.has = [masks[at] >> count for at in self._positions]
        self.short = [everything & ~masks[at] for at in self._positions]
        self.stocked = masks
        self._quotes = [None] * len(masks)
        self._units = [()] * len(masks)
        return holding

    def take_barred(self) -> set[str]:
        """As `take_plain`, where pins, exclusions or capabilities say which pools may send what.

        What can be reached at all is left to the search to find out.
        """
        candidates = self._candidates
        holding: set[str] = set().union(*self._available)
        stocked: list[int] = []
        for at in candidates.positions_in(holding):
            lane = candidates.ranked[at]
            units, reason = _units_at(lane, self._demands, self._available)
            if reason == NO_STOCK:
                self.failed.add(lane.pool)
                continue
            stocked.append(at)
            if reason is None:
                self._positions.append(at)
                self._units.append(units)
                self.least.append(lane.fixed)
                self.has.append(mask_of(units))
                self.short.append(short_of(self.targets, units))
            else:
                self.reasons.setdefault(reason, []).append(lane.pool)
        self.stocked = stocked
        self.rarest = rarest_of(mask_of(self.targets), self.has)
        self._quotes = [None] * len(self.least)
        return holding

    def leave_out_beyond(self, offers_max: int) -> int:
        """Leave out all lanes after so many that can ship; the fixed cost of the first that is left out."""
        if len(self.least) <= offers_max:
            return INFINITE
        able: list[int] = []
        for index, least in enumerate(self.least):
            if len(able) == offers_max:
                return self._keep(able, least)
            if self.fixed(index) < INFINITE:
                able.append(index)
        return self._keep(able, INFINITE)

    def _keep(self, indexes: list[int], next_least: int) -> int:
        self._positions = [self._positions[index] for index in indexes]
        self.least = [self.least[index] for index in indexes]
        self.has = [self.has[index] for index in indexes]
        self.short = [self.short[index] for index in indexes]
        self._quotes = [self._quotes[index] for index in indexes]
        self._units = [self._units[index] for index in indexes]
        return next_least

    def _lane(self, index: int) -> Candidate:
        return self._candidates.ranked[self._positions[index]]

    def pool(self, index: int) -> int:
        return self._candidates.pools[self._positions[index]]

    def fixed(self, index: int) -> int:
        quoted = self._quotes[index]
        if quoted is None:
            lane = self._lane(index)
            answer = quote(lane, self._terms)
            if isinstance(answer, str):
                self.reasons.setdefault(answer, []).append(lane.pool)
                return INFINITE
            quoted = self._quotes[index] = answer
        return quoted.fixed

    def costs(self, index: int) -> tuple[int, ...]:
        lane = self._lane(index)
        handling, per_kg = lane.handling_per_unit, lane.per_kg
        return tuple([handling + per_kg * weight_grams // 1000 for weight_grams in self._weights])

    def units(self, index: int) -> tuple[int, ...]:
        units = self._units[index]
        if not units:
            pool = self._lane(index).pool
            wanted = zip(self._available, self.targets, strict=True)
            units = tuple([min(there.get(pool, 0), target) for there, target in wanted])
            self._units[index] = units
        return units

    def parts(self, shipments: Shipments) -> tuple[Part, ...]:
        """The shipments of a plan; all its lanes are quoted."""
        parts: list[Part] = []
        for index, sent in shipments:
            quoted = self._quotes[index]
            assert quoted is not None
            parts.append(Part(quoted, sent))
        return tuple(parts)


def _units_at(
    lane: Candidate, demands: list[Demand], available: list[dict[str, int]]
) -> tuple[tuple[int, ...], str | None]:
    """Units that the lane's pool has of each demand, and, where that is none at all, why."""
    units: list[int] = []
    taken: dict[str, int] = {}
    reason = NO_STOCK
    for demand, there in zip(demands, available, strict=True):
        free = there.get(lane.pool, 0) - taken.get(demand.sku, 0)
        most = units_allowed(lane, demand)
        if not most and free > 0:
            reason = barred_for(lane, demand) or reason
        sent = min(max(free, 0), most)
        if sent and demand.pinned_pool:
            # A pinned demand of the same SKU has no other choice, so it takes from this pool first.
            taken[demand.sku] = taken.get(demand.sku, 0) + sent
        units.append(sent)
    return tuple(units), None if any(units) else reason
