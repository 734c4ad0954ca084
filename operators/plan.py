"""Plans: which pools send how much of what.  Works on integers only.

A plan is better when it leaves fewer units unfilled, and among equals when it costs less: what is sold is filled
first and cheapened second.  For a given set of lanes the best quantities follow at once (each demand takes from its
cheapest member first), so a search for the best plan is a search over sets of lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import Final

from msgspec import Struct

INFINITE: Final = 1 << 200
"""Dearer than any plan of which the contract's bounds allow the prices and the units: none is found yet."""

Shipments = tuple[tuple[int, tuple[int, ...]], ...]
"""The lanes used, by index in ascending order, with the quantity that each sends of every demand."""


class Plan(Struct, frozen=True, gc=False):
    """Shipments, the units that no one sends, and what it costs."""

    unfilled: int
    cost: int
    shipments: Shipments


class Lanes:
    """The lanes of a search by index; what each costs at least before any unit (`least`) ascends.

    `has` are the demands (one bit each) of which its pool has some, `short` those of which it has not all, `rarest`
    the demand that the fewest have.  Two lanes of one pool share its stock, so a plan uses one of them at
    most.  The rest is asked for when a plan that could be the best needs it: most lanes are never part of one.
    """

    def __init__(self) -> None:
        self.least: list[int] = []
        self.has: list[int] = []
        self.short: list[int] = []
        self.rarest = 0

    def pool(self, index: int) -> int:
        """The number of the pool."""
        raise NotImplementedError

    def fixed(self, index: int) -> int:
        """What the lane costs before any unit; infinite where it cannot ship after all."""
        raise NotImplementedError

    def costs(self, index: int) -> tuple[int, ...]:
        """What a unit of each demand costs there."""
        raise NotImplementedError

    def units(self, index: int) -> tuple[int, ...]:
        """Units of each demand there, never more than are asked for."""
        raise NotImplementedError


class Board:
    """What is asked for, which lanes there are, and the plans found so far; `cost` is what a plan must beat.

    Of the lanes asked for, `fixed` is what each costs before any unit (negative until then, infinite where it cannot
    ship), `costs` what its units do, and `at_best` what each demand does if all of it comes from there: infinite
    where it is asked for and not there.
    """

    def __init__(
        self,
        quantities: tuple[int, ...],
        unit_floors: Sequence[int],
        lanes: Lanes,
        shipments_max: int,
        split_penalty: int,
        sets_max: int,
        to_beat: int,
    ) -> None:
        self.lanes = lanes
        self.unit_floors = unit_floors
        self.shipments_max = shipments_max
        self.split_penalty = split_penalty
        self.sets_max = sets_max
        count = len(lanes.least)
        self.fixed = [-1] * count
        self.bits = [1 << demand for demand in range(len(quantities))]
        self.costs: list[tuple[int, ...]] = [()] * count
        self.weighed = 0
        self.proved = True
        self.nowhere = 0
        self.ask(quantities)
        self.cost = to_beat

    def ask(self, quantities: tuple[int, ...]) -> None:
        """Begin with these quantities; `unfilled` and `cost` are what a plan must beat."""
        self.quantities = quantities
        self.total = sum(quantities)
        self.everything = mask_of(quantities)
        self.units_floor: int = sum(map(mul, quantities, self.unit_floors))
        self.unfilled = 0
        self.cost = INFINITE
        self.found: list[tuple[int, int, Shipments]] = []
        self.at_best: list[tuple[int, ...]] = [()] * len(self.fixed)

    def beyond(self, alone: bool) -> int:
        """What a plan costs at least beyond the fixed cost of its dearest lane, be that one `alone` or not."""
        if alone or not self.fixed:
            return self.units_floor
        return self.units_floor + self.split_penalty + self.lanes.least[0]

    def price(self, index: int) -> int:
        """Ask for the lane's fixed cost."""
        fixed = self.fixed[index] = self.lanes.fixed(index)
        return fixed

    def unit_costs(self, index: int) -> tuple[int, ...]:
        """Ask for the lane's units and their costs, and work out `at_best`."""
        costs = self.costs[index] = self.lanes.costs(index)
        lacking = self.everything & ~self.lanes.has[index]
        if lacking:
            at_best = tuple(
                [
                    INFINITE if lacking & bit else quantity * cost
                    for quantity, cost, bit in zip(self.quantities, costs, self.bits, strict=True)
                ]
            )
        else:
            at_best = tuple(map(mul, self.quantities, costs))
        self.at_best[index] = at_best
        return at_best

    def has_room(self) -> bool:
        """Whether one more set may be weighed; if not, nothing is proved any more."""
        if self.weighed >= self.sets_max:
            self.proved = False
        return self.proved

    def has_pool(self, chosen: tuple[int, ...], index: int) -> bool:
        """Whether a chosen lane is from the same pool."""
        pool = self.lanes.pool(index)
        for other in chosen:  # noqa: SIM110 - a generator costs more than these one or two comparisons.
            if self.lanes.pool(other) == pool:
                return True
        return False

    # --- weighing ---------------------------------------------------------------------------------------------

    def weigh_single(self, index: int) -> None:
        """Keep the lane alone if it fills as much as the best so far."""
        units = self.lanes.units(index)
        unfilled = self.total - sum(units)
        if unfilled <= self.unfilled and unfilled < self.total:
            fixed = self.fixed[index]
            cost = (fixed if fixed >= 0 else self.price(index)) + sum(
                map(mul, units, self.lanes.costs(index))
            )
            self._keep(unfilled, cost, ((index, units),))

    def weigh_pair(self, first: int, second: int) -> None:
        """As `weigh`, for two lanes that should fill everything: what nearly every order comes to."""
        self.weighed += 1
        lanes = self.lanes
        cost = self.fixed[first] + self.fixed[second] + self.split_penalty
        sent_first: list[int] = []
        sent_second: list[int] = []
        for quantity, from_first, from_second, cost_first, cost_second in zip(
            self.quantities,
            lanes.units(first),
            lanes.units(second),
            self.costs[first],
            self.costs[second],
            strict=True,
        ):
            if cost_first <= cost_second:
                from_second = min(quantity - from_first, from_second)
            else:
                from_first = min(quantity - from_second, from_first)
            if from_first + from_second < quantity:
                return
            cost += from_first * cost_first + from_second * cost_second
            sent_first.append(from_first)
            sent_second.append(from_second)
        # A lane that sends nothing makes this a single one, which is weighed for itself.
        if any(sent_first) and any(sent_second):
            self._keep(0, cost, ((first, tuple(sent_first)), (second, tuple(sent_second))))

    def weigh(self, chosen: tuple[int, ...]) -> None:
        """Fill the demands from these lanes, and keep the plan if it fills as much as the best so far."""
        self.weighed += 1
        units = [self.lanes.units(index) for index in chosen]
        unfilled = 0
        for quantity, there in zip(self.quantities, map(sum, zip(*units, strict=True)), strict=True):
            if there < quantity:
                unfilled += quantity - there
        if unfilled > self.unfilled:
            return
        costs = [self.costs[index] or self.lanes.costs(index) for index in chosen]
        sent = [[0] * len(self.quantities) for _ in chosen]
        cost = self.split_penalty * (len(chosen) - 1)
        for index in chosen:
            cost += self.fixed[index]
        for demand, left in enumerate(self.quantities):
            by_cost = [(costs[at][demand], at) for at, each in enumerate(units) if each[demand]]
            if len(by_cost) > 1:
                by_cost.sort()
            for unit_cost, at in by_cost:
                taken = units[at][demand]
                if taken > left:
                    taken = left
                if taken:
                    sent[at][demand] = taken
                    cost += taken * unit_cost
                    left -= taken
        if all(map(any, sent)):
            self._keep(unfilled, cost, tuple(zip(chosen, map(tuple, sent), strict=True)))

    def _keep(self, unfilled: int, cost: int, shipments: Shipments) -> None:
        plan = (unfilled, cost, shipments)
        if unfilled < self.unfilled or cost < self.cost:
            self.unfilled = unfilled
            self.cost = cost
        elif plan in self.found:
            return  # The greedy start meets its own plan again.
        self.found.append(plan)

    def best(self, others_max: int) -> list[Plan]:
        """The best plan and up to so many others that fill as much, best first; empty when none is found."""
        found = self.found
        if len(found) > 1:
            found = sorted(found, key=_by_merit)[: others_max + 1]
        return [
            Plan(self.nowhere + unfilled, cost, shipments)
            for unfilled, cost, shipments in found
            if unfilled == found[0][0]
        ]


def mask_of(units: Sequence[int]) -> int:
    """One bit for each demand of which there are any."""
    mask, bit = 0, 1
    for count in units:
        if count:
            mask |= bit
        bit <<= 1
    return mask


def short_of(quantities: Sequence[int], units: Sequence[int]) -> int:
    """One bit for each demand of which there are fewer than these quantities."""
    return mask_of([quantity - there for quantity, there in zip(quantities, units, strict=True)])


def rarest_of(wanted: int, has: list[int]) -> int:
    """The bit of the wanted demand that the fewest have."""
    rarest, fewest = 0, len(has) + 1
    bit = 1
    while bit <= wanted:
        if bit & wanted:
            count = sum([1 for mask in has if mask & bit])
            if count < fewest:
                rarest, fewest = bit, count
        bit <<= 1
    return rarest


def _by_merit(plan: tuple[int, int, Shipments]) -> tuple[int, int, int, Shipments]:
    """At equal cost fewer parcels are better."""
    unfilled, cost, shipments = plan
    return unfilled, cost, len(shipments), shipments
