"""The search: which pools send how much of what, at the least cost.  Works on integers only.

A plan is better when it leaves fewer units unfilled, and among equals when it costs less: what is sold is filled
first and cheapened second.  For a given set of offers the best quantities follow at once (each demand takes from
its cheapest member first), so the search is over sets.  It is an anytime search within a fixed *number* of sets;
`proved` says whether it looked at, or could exclude, all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Offer(Struct, frozen=True, gc=False):
    """What one lane of one pool could send.

    `pool` is a number: two offers of one pool share its stock, so a plan uses one of them at most.  `units` and
    `costs` are by demand: units there, and the cost of each in micros.
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
    """The best plan, the best of the others that fill as much, and whether the best is proved to be it."""

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
    """The best plan of at most `shipments_max` shipments; ties go to the offers that come first.

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
        self.quantities = tuple(quantities)
        self.total = sum(quantities)
        self.offers = offers
        self.shipments_max = shipments_max
        self.split_penalty = split_penalty
        self.sets_max = sets_max
        self.kept_max = others_max + 1
        self.weighed = 0
        self.proved = True
        self.kept: list[tuple[int, int, tuple[int, ...], Plan]] = [
            (self.total, 0, (), Plan(self.total, 0, ()))
        ]
        self.unit_floor = tuple(
            min((offer.costs[demand] for offer in offers if offer.units[demand]), default=0)
            for demand in range(len(self.quantities))
        )
        # Bounds for "what the offers from here on could still add", so that hopeless branches end early.
        self.fixed_floor = _suffix_minima([offer.fixed for offer in offers])
        self.most_units = _suffix_maxima([offer.units for offer in offers], len(self.quantities))

    def run(self) -> Found:
        for index in range(len(self.offers)):
            self._weigh((index,))
        self._seed_greedily()
        if self.shipments_max > 1:
            self._extend((), 0, self.quantities, 0)
        (_, _, _, best), *others = self.kept
        return Found(
            best,
            tuple(plan for _, _, _, plan in others if plan.unfilled == best.unfilled and plan.shipments),
            self.proved,
            self.weighed,
        )

    def _weigh(self, chosen: tuple[int, ...]) -> None:
        """Fill the demands from these offers, and keep the plan if it is among the best."""
        self.weighed += 1
        sent = [[0] * len(self.quantities) for _ in chosen]
        unfilled = 0
        cost = self.split_penalty * (len(chosen) - 1) + sum(self.offers[index].fixed for index in chosen)
        for demand, quantity in enumerate(self.quantities):
            left = quantity
            by_cost = sorted((self.offers[index].costs[demand], at) for at, index in enumerate(chosen))
            for unit_cost, at in by_cost:
                taken = min(left, self.offers[chosen[at]].units[demand])
                sent[at][demand] = taken
                cost += taken * unit_cost
                left -= taken
            unfilled += left
        if any(not any(units) for units in sent):
            return  # An offer that sends nothing: the smaller set is weighed for itself.
        plan = Plan(
            unfilled, cost, tuple((index, tuple(units)) for index, units in zip(chosen, sent, strict=True))
        )
        self.kept.append((unfilled, cost, chosen, plan))
        self.kept.sort(key=lambda entry: entry[:3])
        del self.kept[self.kept_max :]

    def _seed_greedily(self) -> None:
        """Add whichever offer fills most of the rest: a good plan early makes the bounds bite."""
        chosen: tuple[int, ...] = ()
        left = list(self.quantities)
        while any(left) and len(chosen) < self.shipments_max:
            pools = {self.offers[index].pool for index in chosen}
            gain, _, index = max(
                (
                    (sum(map(min, left, offer.units)), -offer.fixed, -at)
                    for at, offer in enumerate(self.offers)
                    if offer.pool not in pools
                ),
                default=(0, 0, 0),
            )
            if not gain:
                return
            chosen = tuple(sorted((*chosen, -index)))
            left = [max(0, rest - there) for rest, there in zip(left, self.offers[-index].units, strict=True)]
            if len(chosen) > 1:
                self._weigh(chosen)

    def _extend(self, chosen: tuple[int, ...], start: int, left: tuple[int, ...], fixed: int) -> None:
        """Weigh every set that adds offers from `start` on to `chosen`, as far as the bounds leave hope."""
        pools = {self.offers[index].pool for index in chosen}
        for index in range(start, len(self.offers)):
            offer = self.offers[index]
            if offer.pool in pools:
                continue
            if not self._hopeful(len(chosen), index, left, fixed):
                return
            after = tuple(max(0, rest - there) for rest, there in zip(left, offer.units, strict=True))
            larger = (*chosen, index)
            if len(larger) > 1:
                if self.weighed >= self.sets_max:
                    self.proved = False
                    return
                self._weigh(larger)
            if len(larger) < self.shipments_max:
                self._extend(larger, index + 1, after, fixed + offer.fixed)
                if not self.proved:
                    return

    def _hopeful(self, chosen: int, start: int, left: tuple[int, ...], fixed: int) -> bool:
        """Whether a set that adds offers from `start` on (at least one, as many as allowed) could be better.

        Sets of one offer are all weighed already, so at least two are counted.
        """
        best_unfilled, best_cost, _, _ = self.kept[0]
        room = self.shipments_max - chosen
        most = self.most_units[start]
        unfilled = sum(max(0, rest - room * there) for rest, there in zip(left, most, strict=True))
        if unfilled != best_unfilled:
            return unfilled < best_unfilled
        # As many units filled: then at least this much fixed cost, and each unit at its floor.
        added = max(1, 2 - chosen)
        cost = fixed + added * self.fixed_floor[start] + self.split_penalty * (chosen + added - 1)
        cost += self._units_floor(self.total - best_unfilled)
        return cost < best_cost

    def _units_floor(self, filled: int) -> int:
        """The least that this many units cost, whichever they are."""
        if filled == self.total:
            return sum(
                quantity * floor for quantity, floor in zip(self.quantities, self.unit_floor, strict=True)
            )
        return filled * min(self.unit_floor, default=0)


def _suffix_minima(values: list[int]) -> list[int]:
    minima = list(values)
    for at in range(len(values) - 2, -1, -1):
        minima[at] = min(minima[at], minima[at + 1])
    return minima


def _suffix_maxima(rows: list[tuple[int, ...]], width: int) -> list[tuple[int, ...]]:
    maxima: list[tuple[int, ...]] = [(0,) * width] * len(rows)
    highest: tuple[int, ...] = (0,) * width
    for at in range(len(rows) - 1, -1, -1):
        highest = tuple(map(max, highest, rows[at]))
        maxima[at] = highest
    return maxima
