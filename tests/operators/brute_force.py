"""Every plan there is, by trying them all: slow, obvious, and only for small cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from tests.operators.offers import Offer


def best_plan(
    quantities: Sequence[int], offers: Sequence[Offer], shipments_max: int, split_penalty: int
) -> tuple[int, int]:
    """(unfilled, cost) of the best plan: fewest units unfilled, then the least cost; (all, 0) sends nothing."""
    best = (sum(quantities), 0)
    for size in range(1, shipments_max + 1):
        for chosen in combinations(offers, size):
            if len({offer.pool for offer in chosen}) == size:
                fixed = sum(offer.fixed for offer in chosen) + split_penalty * (size - 1)
                for unfilled, units_cost in _fillings(quantities, chosen):
                    best = min(best, (unfilled, fixed + units_cost))
    return best


def _fillings(quantities: Sequence[int], chosen: Sequence[Offer]) -> Iterator[tuple[int, int]]:
    """(unfilled, cost of the units) of every way to take every quantity of every demand from these offers.

    Offers that send nothing are paid for all the same: the smaller set is another one.
    """
    by_demand: list[list[tuple[int, int]]] = []
    for demand, quantity in enumerate(quantities):
        costs = [offer.costs[demand] for offer in chosen]
        most = [range(min(quantity, offer.units[demand]) + 1) for offer in chosen]
        by_demand.append(
            [
                (quantity - sum(taken), sum(map(int.__mul__, taken, costs)))
                for taken in product(*most)
                if sum(taken) <= quantity
            ]
        )
    for parts in product(*by_demand):
        yield sum(unfilled for unfilled, _ in parts), sum(cost for _, cost in parts)
