"""The search: which pools send how much of what, at the least cost.  Works on integers only.

A plan is better when it leaves fewer units unfilled, and among equals when it costs less: what is sold is filled
first and cheapened second.  For a given set of offers the best quantities follow at once (each demand takes from
its cheapest member first), so the search is over sets.  It is an anytime search within a fixed *number* of sets;
`proved` says whether it looked at, or could exclude, all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul

from msgspec import Struct

PARTIAL_SETS_MAX = 100
"""Sets weighed where none fills everything: what is left waits, and is weighed again when stock comes."""
INFINITE = 1 << 62
"""Dearer than any plan: none is found yet."""


class Offer(Struct, frozen=True, gc=False):
    """What one lane of one pool could send.

    `pool` is a number: two offers of one pool share its stock, so a plan uses one of them at most.  `units` and
    `costs` are by demand: units there (never more than are asked for), and the cost of each in micros.
    """

    pool: int
    fixed: int
    units: tuple[int, ...]
    costs: tuple[int, ...]


class Plan(Struct, frozen=True, gc=False):
    """The offers used, by index in ascending order, with the quantity that each sends of every demand."""

    unfilled: int
    cost: int
    shipments: tuple[tuple[int, tuple[int, ...]], ...]


class Found(Struct, frozen=True, gc=False):
    """The best plan, some others that fill as much (best first), and whether the best is proved to be it."""

    best: Plan
    others: tuple[Plan, ...]
    proved: bool
    weighed: int


def search(
    quantities: Sequence[int],
    offers: Sequence[Offer],
    shipments_max: int,
    split_penalty: int,
    sets_max: int,
    others_max: int,
) -> Found:
    """The best plan of at most `shipments_max` shipments from these offers."""
    unit_floors = [min(costs) for costs in zip(*[offer.costs for offer in offers], strict=True)]
    running = Search(quantities, unit_floors or [0] * len(quantities), shipments_max, split_penalty, sets_max)
    for offer in offers:
        running.add(offer)
    return running.result(others_max)


class Search:
    """Takes offers one by one and weighs each alone and with each before it: one or two fill nearly every order.

    Larger sets are grown at the end, where they could still be better.  `unit_floors` are what a unit of each demand
    costs at least, wherever it comes from; `to_beat` is the cost of a plan that fills everything, where one is known.
    Single offers do not count among the `sets_max`, so the result is never worse than the best single pool.
    """

    def __init__(
        self,
        quantities: Sequence[int],
        unit_floors: Sequence[int],
        shipments_max: int,
        split_penalty: int,
        sets_max: int,
        to_beat: int = INFINITE,
    ) -> None:
        self.unit_floors = unit_floors
        self.shipments_max = shipments_max
        self.split_penalty = split_penalty
        self.sets_max = sets_max
        self.offers: list[Offer] = []
        self.has: list[int] = []
        self.at_best: list[tuple[int, ...]] = []
        self.least_fixed = INFINITE
        self.weighed = 0
        self.proved = True
        self.nowhere = 0
        self._ask(tuple(quantities))
        self.cost = to_beat

    def _ask(self, quantities: tuple[int, ...]) -> None:
        """Begin with these quantities; `unfilled` and `cost` are what a plan must beat."""
        self.quantities = quantities
        self.total = sum(quantities)
        self.everything = _mask(quantities)
        self.units_floor: int = sum(map(mul, quantities, self.unit_floors))
        self.unfilled = 0
        self.cost = INFINITE
        self.found: list[tuple[int, int, Plan]] = []

    def is_settled(self, fixed: int) -> bool:
        """Whether no offer with at least this fixed cost could be part of a better plan of several."""
        together = fixed + min(fixed, self.least_fixed) + self.split_penalty + self.units_floor
        return together >= self.cost

    def add(self, offer: Offer) -> None:
        """Weigh an offer alone, and with each earlier one that has what it lacks."""
        index = len(self.offers)
        self.offers.append(offer)
        has = _mask(offer.units)
        self._weigh_single(index)
        if self.shipments_max > 1:
            missing = self.everything & ~has
            at_best = self._at_best(offer)
            fixed = offer.fixed + self.split_penalty
            for other, other_has in enumerate(self.has):
                if not missing & ~other_has:
                    beside = self.offers[other]
                    least = fixed + beside.fixed
                    if (
                        least + self.units_floor < self.cost
                        and least + sum(map(min, at_best, self.at_best[other])) < self.cost
                        and beside.pool != offer.pool
                        and self._has_room()
                    ):
                        self._weigh((other, index))
            self.at_best.append(at_best)
        self.has.append(has)
        self.least_fixed = min(self.least_fixed, offer.fixed)

    def _at_best(self, offer: Offer) -> tuple[int, ...]:
        """What each demand costs if all of it came from here; infinite where it is asked for and not here."""
        return tuple(
            [
                quantity * cost if there or not quantity else INFINITE
                for quantity, cost, there in zip(self.quantities, offer.costs, offer.units, strict=True)
            ]
        )

    def result(self, others_max: int) -> Found:
        """The best of all plans; with the offers that are here, sets of three and more are grown first."""
        if self.cost < INFINITE:
            # Even the cheapest three would need cheaper units than there are: nearly always this is the end.
            if 3 * self.least_fixed + 2 * self.split_penalty + self.units_floor < self.cost:
                self._cover_sizes(3)
        else:
            self._ask_for_what_is_there()
        kept = sorted(self.found, key=_by_merit)[: others_max + 1]
        plans = [plan for unfilled, _, plan in kept if unfilled == kept[0][0]]
        best = plans[0] if plans else Plan(self.nowhere + self.total, 0, ())
        return Found(best, tuple(plans[1:]), self.proved, self.weighed)

    def _ask_for_what_is_there(self) -> None:
        """No one or two fill everything: ask for what can be filled at all, then for what comes closest to it."""
        there = [0] * len(self.quantities)
        for offer in self.offers:
            there = [units + more for units, more in zip(there, offer.units, strict=True)]
        reachable = tuple(map(min, self.quantities, there))
        if reachable != self.quantities:
            self.nowhere = self.total - sum(reachable)
            self._ask(reachable)
            for index in range(len(self.offers)):
                self._weigh_single(index)
            self._cover_sizes(2)
        else:
            self._cover_sizes(3)
        if self.cost == INFINITE and self.total:
            self.unfilled = self.total
            for index in range(len(self.offers)):
                self._weigh_single(index)
            self._seed_greedily()
            self._approach_sizes()

    # --- sets of several --------------------------------------------------------------------------------------

    def _cover_sizes(self, smallest: int) -> None:
        """Weigh the sets from that size on that fill everything, as far as the bounds leave hope."""
        self.by_fixed = sorted(range(len(self.offers)), key=lambda index: (self.offers[index].fixed, index))
        holding = [
            [index for index in self.by_fixed if self.has[index] >> demand & 1]
            for demand in range(len(self.quantities))
        ]
        # Whoever has the rarest demand is among the members, so that is where a set begins.
        self.rarest_first = sorted(
            [(len(indexes), 1 << demand, indexes) for demand, indexes in enumerate(holding) if indexes]
        )
        self.at_best = [self._at_best(offer) for offer in self.offers]
        nothing = (INFINITE,) * len(self.quantities)
        for size in range(smallest, min(self.shipments_max, len(self.offers)) + 1):
            if self.proved:
                self.seen: set[tuple[int, ...]] = set()
                self._cover((), self.everything, nothing, self.split_penalty * (size - 1), size)

    def _cover(
        self, chosen: tuple[int, ...], missing: int, at_best: tuple[int, ...], least: int, more: int
    ) -> None:
        """Weigh the sets of `chosen` and `more` others; `least` is what they cost before any unit.

        Some member has the rarest demand that is missing.  Where none is missing, any offer may still join: its
        units may be cheaper.  Offers come cheapest first, so once one is too dear to add, so are all that follow.
        """
        joining = self.by_fixed
        for _, bit, indexes in self.rarest_first:
            if bit & missing:
                joining = indexes
                break
        for index in joining:
            offer = self.offers[index]
            fixed = least + offer.fixed
            if fixed + (more - 1) * self.least_fixed + self.units_floor >= self.cost or not self._has_room():
                return
            if self._has_pool(chosen, offer):
                continue
            still_missing = missing & ~self.has[index]
            together = tuple(map(min, at_best, self.at_best[index]))
            if more > 1:
                self.weighed += 1
                self._cover((*chosen, index), still_missing, together, fixed, more - 1)
            elif not still_missing and fixed + sum(together) < self.cost:
                members = tuple(sorted((*chosen, index)))
                if members not in self.seen:
                    self.seen.add(members)
                    self._weigh(members)

    def _approach_sizes(self) -> None:
        """No set fills everything: weigh some sets that may come closest."""
        self.sets_max = min(self.sets_max, self.weighed + PARTIAL_SETS_MAX)
        for size in range(2, min(self.shipments_max, len(self.offers)) + 1):
            self._approach((), 0, size)

    def _approach(self, chosen: tuple[int, ...], start: int, more: int) -> None:
        left = self._left_by(chosen) if more == 1 else ()
        for index in range(start, len(self.offers) - more + 1):
            offer = self.offers[index]
            if left and sum(left) - sum(map(min, left, offer.units)) > self.unfilled:
                continue
            if not self._has_room():
                return
            if self._has_pool(chosen, offer):
                continue
            if more == 1:
                self._weigh((*chosen, index))
            else:
                self.weighed += 1
                self._approach((*chosen, index), index + 1, more - 1)

    def _left_by(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        left = self.quantities
        for index in chosen:
            left = _less(left, self.offers[index].units)
        return left

    def _has_pool(self, chosen: tuple[int, ...], offer: Offer) -> bool:
        for index in chosen:  # noqa: SIM110 - a generator costs more than these one or two comparisons.
            if self.offers[index].pool == offer.pool:
                return True
        return False

    def _has_room(self) -> bool:
        if self.weighed >= self.sets_max:
            self.proved = False
        return self.proved

    def _seed_greedily(self) -> None:
        """Add whichever offer fills most of the rest: a good plan early makes the bounds bite."""
        chosen: list[int] = []
        left = self.quantities
        while any(left) and len(chosen) < self.shipments_max:
            best, gain = -1, 0
            for index, offer in enumerate(self.offers):
                added = sum(map(min, left, offer.units))
                if added > gain and not self._has_pool(tuple(chosen), offer):
                    best, gain = index, added
            if best < 0:
                break
            chosen.append(best)
            left = _less(left, self.offers[best].units)
        if len(chosen) > 1:
            self._weigh(tuple(sorted(chosen)))

    # --- weighing ---------------------------------------------------------------------------------------------

    def _weigh_single(self, index: int) -> None:
        offer = self.offers[index]
        unfilled = self.total - sum(offer.units)
        if unfilled <= self.unfilled and unfilled < self.total:
            self._keep(
                unfilled, offer.fixed + sum(map(mul, offer.units, offer.costs)), ((index, offer.units),)
            )

    def _weigh(self, chosen: tuple[int, ...]) -> None:
        """Fill the demands from these offers, and keep the plan if it fills as much as the best so far."""
        self.weighed += 1
        members = [self.offers[index] for index in chosen]
        sent = [[0] * len(self.quantities) for _ in chosen]
        unfilled = 0
        cost = self.split_penalty * (len(chosen) - 1)
        for offer in members:
            cost += offer.fixed
        for demand, left in enumerate(self.quantities):
            by_cost = [(offer.costs[demand], at) for at, offer in enumerate(members) if offer.units[demand]]
            if len(by_cost) > 1:
                by_cost.sort()
            for unit_cost, at in by_cost:
                taken = members[at].units[demand]
                if taken > left:
                    taken = left
                if taken:
                    sent[at][demand] = taken
                    cost += taken * unit_cost
                    left -= taken
            unfilled += left
            if unfilled > self.unfilled:
                return
        # An offer that sends nothing makes this a smaller set, which is weighed for itself.
        if all(map(any, sent)):
            self._keep(unfilled, cost, tuple(zip(chosen, map(tuple, sent), strict=True)))

    def _keep(self, unfilled: int, cost: int, shipments: tuple[tuple[int, tuple[int, ...]], ...]) -> None:
        plan = Plan(self.nowhere + unfilled, cost, shipments)
        if unfilled < self.unfilled or cost < self.cost:
            self.unfilled = unfilled
            self.cost = cost
        elif plan in [kept for _, _, kept in self.found]:
            return  # The greedy start meets its own plan again.
        self.found.append((unfilled, cost, plan))


def _less(left: tuple[int, ...], units: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([rest - there if rest > there else 0 for rest, there in zip(left, units, strict=True)])


def _mask(units: Sequence[int]) -> int:
    mask, bit = 0, 1
    for count in units:
        if count:
            mask |= bit
        bit <<= 1
    return mask


def _by_merit(entry: tuple[int, int, Plan]) -> tuple[int, int, int, tuple[tuple[int, tuple[int, ...]], ...]]:
    """At equal cost fewer parcels are better."""
    unfilled, cost, plan = entry
    return unfilled, cost, len(plan.shipments), plan.shipments
