"""How demand is spread: few items sell much, most sell little, and most orders are small."""

from __future__ import annotations

from itertools import accumulate
from random import Random

KNEE_RANK = 1_000
EXPONENT_HEAD = 0.7
EXPONENT_TAIL = 1.0

QUANTITIES = (1, 2, 3)
QUANTITY_WEIGHTS = (80, 15, 3)

LINES_MAX = 10
ANOTHER_LINE = 0.5
"""The chance that an order has one more line: a mean of two lines."""


def broken_zipf(count: int) -> list[float]:
    """Shares of demand by rank, adding up to one: 32 % for the first hundredth, 72 % for the first tenth."""
    knee = KNEE_RANK**-EXPONENT_HEAD * KNEE_RANK**EXPONENT_TAIL
    weights = [
        rank**-EXPONENT_HEAD if rank <= KNEE_RANK else knee * rank**-EXPONENT_TAIL
        for rank in range(1, count + 1)
    ]
    total = sum(weights)
    return [weight / total for weight in weights]


class Baskets:
    """Draws orders as (item rank, quantity) pairs, no item twice."""

    def __init__(self, shares: list[float], random: Random) -> None:
        self._ranks = range(len(shares))
        self._cumulative = list(accumulate(shares))
        self._random = random

    def draw(self) -> list[tuple[int, int]]:
        """One basket."""
        random = self._random
        count = 1
        while count < LINES_MAX and random.random() < ANOTHER_LINE:
            count += 1
        basket: dict[int, int] = {}
        while len(basket) < min(count, len(self._ranks)):
            rank = random.choices(self._ranks, cum_weights=self._cumulative)[0]
            basket[rank] = random.choices(QUANTITIES, QUANTITY_WEIGHTS)[0]
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
