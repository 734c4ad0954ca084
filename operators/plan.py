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
    """The best plan of at most `shipments_max` shipments; `offers` come cheapest `fixed` first.

    Every single offer is weighed whatever `sets_max`, so the result is never worse than the best single pool.
    """
    return _Search(quantities, offers, shipments_max, split_penalty, sets_max, others_max).run()


class _Search:
    def __init__(
        self,
        quantities: Sequence[int],
        offers: Sequence[Offer],
        shipments_max: int,
        split_penalty: int,
        sets_max: int,
        others_max: int,
    ) -> None:
        self.offers = offers
        self.shipments_max = shipments_max
        self.split_penalty = split_penalty
        self.sets_max = sets_max
        self.others_max = others_max
        self.weighed = 0
        self.proved = True
        self.seeded: tuple[int, ...] = ()
        # What is nowhere can't be filled by any plan: asking for the rest alone makes "all filled" reachable.
        there = [sum(units) for units in zip(*[offer.units for offer in offers], strict=True)] or [0] * len(
            quantities
        )
        self.quantities = tuple(map(min, quantities, there))
        self.total = sum(self.quantities)
        self.nowhere = sum(quantities) - self.total
        self.unfilled = self.total
        self.cost = INFINITE
        self.found: list[tuple[int, int, Plan]] = []
        floors = [
            min([offer.costs[demand] for offer in offers if offer.units[demand]], default=0)
            for demand in range(len(self.quantities))
        ]
        self.units_floor = sum(map(mul, self.quantities, floors))
        # A bit for each demand: which of them an offer has units of, and which any offer from there on has.
        self.has = [_mask(offer.units) for offer in offers]
        self.later_has = _suffix_unions(self.has)
        self.everything = _mask(self.quantities)
        self.covering: dict[int, list[int]] = {}

    def run(self) -> Found:
        """First as if everything could be filled; only when no set does that, for what comes closest."""
        for index, offer in enumerate(self.offers):
            self._weigh_single(index, offer)
        sizes = range(2, min(self.shipments_max, len(self.offers)) + 1)
        closest, cost = self.unfilled, self.cost
        self.unfilled, self.cost = 0, cost if closest == 0 else INFINITE
        self._grow_all(sizes)
        if self.cost == INFINITE and self.total:
            self.unfilled, self.cost = closest, cost
            self._seed_greedily()
            self._grow_all(sizes)
        kept = sorted(self.found, key=_by_merit)[: self.others_max + 1]
        plans = [plan for unfilled, _, plan in kept if unfilled == kept[0][0]]
        best = plans[0] if plans else Plan(self.nowhere + self.total, 0, ())
        return Found(best, tuple(plans[1:]), self.proved, self.weighed)

    def _grow_all(self, sizes: range) -> None:
        for size in sizes:
            if self.proved:
                self._grow((), 0, 0, 0, size)

    def _grow(self, chosen: tuple[int, ...], start: int, covered: int, fixed: int, size: int) -> None:
        """Weigh every set of `size` offers that begins with `chosen`, as far as the bounds leave hope.

        Offers come cheapest first, so once one is too dear to add, so are all that follow.  A plan that fills
        everything needs an offer for each demand; the last one must have all that the others lack.
        """
        offers = self.offers
        more = size - len(chosen)
        floor = fixed + self.split_penalty * (size - 1) + self.units_floor
        missing = self.everything & ~covered
        if more == 1:
            self._finish(chosen, start, missing, floor)
            return
        for index in range(start, len(offers) - more + 1):
            if not self.unfilled and (
                floor + more * offers[index].fixed >= self.cost or missing & ~self.later_has[index]
            ):
                return
            if self.weighed >= self.sets_max + len(offers):
                self.proved = False
                return
            if not _has_pool(offers, chosen, offers[index].pool):
                self.weighed += 1
                self._grow(
                    (*chosen, index), index + 1, covered | self.has[index], fixed + offers[index].fixed, size
                )

    def _finish(self, chosen: tuple[int, ...], start: int, missing: int, floor: int) -> None:
        """Weigh `chosen` with each offer from `start` on that could complete it."""
        offers = self.offers
        left: tuple[int, ...] = ()
        for index in self._offers_covering(missing) if not self.unfilled else range(start, len(offers)):
            if index < start or _has_pool(offers, chosen, offers[index].pool):
                continue
            if not self.unfilled and floor + offers[index].fixed >= self.cost:
                return
            left = left or self._left_by(chosen)
            if sum(left) - sum(map(min, left, offers[index].units)) > self.unfilled:
                continue
            if self.weighed >= self.sets_max + len(offers):
                self.proved = False
                return
            larger = (*chosen, index)
            if larger != self.seeded:
                self._weigh(larger)

    def _left_by(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        left = self.quantities
        for index in chosen:
            left = _less(left, self.offers[index].units)
        return left

    def _offers_covering(self, missing: int) -> list[int]:
        covering = self.covering.get(missing)
        if covering is None:
            covering = [index for index, has in enumerate(self.has) if not missing & ~has]
            self.covering[missing] = covering
        return covering

    def _weigh_single(self, index: int, offer: Offer) -> None:
        self.weighed += 1
        unfilled = self.total - sum(offer.units)
        if unfilled < self.total and unfilled <= self.unfilled:
            cost = offer.fixed + sum(map(mul, offer.units, offer.costs))
            self._keep(unfilled, cost, ((index, offer.units),))

    def _weigh(self, chosen: tuple[int, ...]) -> None:
        """Fill the demands from these offers, and keep the plan if it fills as much as the best so far."""
        self.weighed += 1
        offers = self.offers
        sent = [[0] * len(self.quantities) for _ in chosen]
        unfilled = 0
        cost = self.split_penalty * (len(chosen) - 1)
        for index in chosen:
            cost += offers[index].fixed
        for demand, left in enumerate(self.quantities):
            by_cost = [(offers[index].costs[demand], at) for at, index in enumerate(chosen)]
            by_cost.sort()
            for unit_cost, at in by_cost:
                taken = min(left, offers[chosen[at]].units[demand])
                if taken:
                    sent[at][demand] = taken
                    cost += taken * unit_cost
                    left -= taken
            unfilled += left
        # An offer that sends nothing makes this a smaller set, which is weighed for itself.
        if unfilled <= self.unfilled and all(map(any, sent)):
            self._keep(unfilled, cost, tuple(zip(chosen, map(tuple, sent), strict=True)))

    def _keep(self, unfilled: int, cost: int, shipments: tuple[tuple[int, tuple[int, ...]], ...]) -> None:
        self.found.append((unfilled, cost, Plan(self.nowhere + unfilled, cost, shipments)))
        if unfilled < self.unfilled or cost < self.cost:
            self.unfilled = unfilled
            self.cost = cost

    def _seed_greedily(self) -> None:
        """Add whichever offer fills most of the rest: a good plan early makes the bounds bite."""
        chosen: list[int] = []
        left = self.quantities
        while any(left) and len(chosen) < self.shipments_max:
            pools = {self.offers[index].pool for index in chosen}
            best, gain = -1, 0
            for index, offer in enumerate(self.offers):
                added = sum(map(min, left, offer.units))
                if added > gain and offer.pool not in pools:
                    best, gain = index, added
            if best < 0:
                break
            chosen.append(best)
            left = _less(left, self.offers[best].units)
        if len(chosen) > 1:
            # Weighed once: a plan must not be its own runner-up.
            self.seeded = tuple(sorted(chosen))
            self._weigh(self.seeded)


def _has_pool(offers: Sequence[Offer], chosen: tuple[int, ...], pool: int) -> bool:
    for index in chosen:  # noqa: SIM110 - a generator costs more than these one or two comparisons.
        if offers[index].pool == pool:
            return True
    return False


def _less(left: tuple[int, ...], units: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([rest - there if rest > there else 0 for rest, there in zip(left, units, strict=True)])


def _mask(units: Sequence[int]) -> int:
    mask, bit = 0, 1
    for count in units:
        if count:
            mask |= bit
        bit <<= 1
    return mask


def _suffix_unions(masks: list[int]) -> list[int]:
    unions = list(masks)
    for at in range(len(masks) - 2, -1, -1):
        unions[at] |= unions[at + 1]
    return unions


def _by_merit(entry: tuple[int, int, Plan]) -> tuple[int, int, tuple[tuple[int, tuple[int, ...]], ...]]:
    return entry[0], entry[1], entry[2].shipments
