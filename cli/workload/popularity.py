"""What is ordered: few items often, most of them rarely.

A broken Zipf law: the exponent is 0.7 up to rank 1,000 and 1.0 beyond, which for a large assortment gives the top
1 % of the items about a third of the demand and the top 10 % about 70 %.
"""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random

HEAD_EXPONENT = 0.7
TAIL_EXPONENT = 1.0
HEAD_RANKS = 1_000


class Popularity:
    """Draws ranks, 0 for the most popular item."""

    def __init__(self, items_count: int) -> None:
        if items_count < 1:
            raise ValueError("there must be an item to order")
        weights = [_weight(rank) for rank in range(1, items_count + 1)]
        total = sum(weights)
        self.shares = [weight / total for weight in weights]
        """The share of each rank in all order lines."""
        self._cumulative = list(accumulate(weights))

    def draw(self, random: Random) -> int:
        """The rank of the next line's item."""
        return bisect(self._cumulative, random.random() * self._cumulative[-1])


def _weight(rank: int) -> float:
    if rank <= HEAD_RANKS:
        return float(rank**-HEAD_EXPONENT)
    # Both laws meet at the break, so that the curve has a bend there and no step.
    return float(HEAD_RANKS**-HEAD_EXPONENT * (HEAD_RANKS / rank) ** TAIL_EXPONENT)
