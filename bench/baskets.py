"""How demand is spread over orders: most are small, and few items are in many of them."""

from __future__ import annotations

from random import Random

from cli.workload.popularity import Popularity

QUANTITIES = (1, 2, 3)
QUANTITY_WEIGHTS = (80, 15, 3)

LINES_MAX = 10
ANOTHER_LINE = 0.5
"""The chance that an order has one more line: a mean of two lines."""


class Baskets:
    """Draws orders as (item rank, quantity) pairs, no item twice."""

    def __init__(self, popularity: Popularity, random: Random) -> None:
        self._popularity = popularity
        self._random = random

    def draw(self) -> list[tuple[int, int]]:
        random = self._random
        count = 1
        while count < LINES_MAX and random.random() < ANOTHER_LINE:
            count += 1
        basket: dict[int, int] = {}
        while len(basket) < min(count, len(self._popularity.shares)):
            basket[self._popularity.draw(random)] = random.choices(QUANTITIES, QUANTITY_WEIGHTS)[0]
        return list(basket.items())


def apportioned(total: int, shares: list[float]) -> list[int]:
    """`total` units by share, as whole numbers that add up to it: largest remainders first."""
    scale = total / sum(shares)
    exact = [share * scale for share in shares]
    units = [int(each) for each in exact]
    by_remainder = sorted(range(len(shares)), key=lambda at: (units[at] - exact[at], at))
    for at in by_remainder[: total - sum(units)]:
        units[at] += 1
    return units
