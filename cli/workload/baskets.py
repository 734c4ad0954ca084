"""How much one order asks for: lines of different items, and the quantity of each."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import NamedTuple

from cli.workload.popularity import Popularity

QUANTITY_SHARES = (0.80, 0.15, 0.03, 0.01, 0.01)
"""One, two, three, four and five of an item."""


class BasketKind(NamedTuple):
    """The shares of orders with one line, two lines, and so on."""

    line_shares: tuple[float, ...]

    @property
    def lines_mean(self) -> float:
        """Lines of the average order."""
        shares = enumerate(self.line_shares, start=1)
        return sum(lines * share for lines, share in shares) / sum(self.line_shares)


MARKETPLACE = BasketKind((0.90, 0.075, 0.02, 0.005))
GENERAL = BasketKind((0.50, 0.22, 0.13, 0.07, 0.04, 0.02, 0.01, 0.01))

QUANTITY_MEAN = sum(count * share for count, share in enumerate(QUANTITY_SHARES, start=1))


class Baskets:
    """Draws baskets of one kind: (rank of the item, quantity), each item once."""

    def __init__(self, kind: BasketKind, popularity: Popularity) -> None:
        self._popularity = popularity
        # An assortment smaller than the largest basket cannot fill it with different items.
        shares = kind.line_shares[: len(popularity.shares)]
        self._lines = list(accumulate(shares))
        self._quantities = list(accumulate(QUANTITY_SHARES))

    def draw(self, random: Random) -> list[tuple[int, int]]:
        wanted = 1 + bisect(self._lines, random.random() * self._lines[-1])
        ranks: dict[int, None] = {}
        while len(ranks) < wanted:
            ranks[self._popularity.draw(random)] = None
        return [(rank, self._quantity(random)) for rank in ranks]

    def _quantity(self, random: Random) -> int:
        return 1 + bisect(self._quantities, random.random() * self._quantities[-1])
