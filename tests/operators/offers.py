"""Lanes that are all priced ahead, for searches in tests."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from operators.plan import INFINITE, Board, Lanes, mask_of, rarest_of, short_of
from operators.search import Found, find


class Offer(Struct, frozen=True):
    """What one lane of one pool could send: `units` and their `costs` are by demand."""

    pool: int
    fixed: int
    units: tuple[int, ...]
    costs: tuple[int, ...]


class Priced(Lanes):
    """The lanes of these offers, which come cheapest first."""

    def __init__(self, quantities: Sequence[int], offers: Sequence[Offer]) -> None:
        super().__init__()
        self.offers = offers
        self.least = [offer.fixed for offer in offers]
        self.has = [mask_of(offer.units) for offer in offers]
        self.short = [short_of(quantities, offer.units) for offer in offers]
        self.rarest = rarest_of(mask_of(quantities), self.has)

    def pool(self, index: int) -> int:
        return self.offers[index].pool

    def fixed(self, index: int) -> int:
        return self.offers[index].fixed

    def costs(self, index: int) -> tuple[int, ...]:
        return self.offers[index].costs

    def units(self, index: int) -> tuple[int, ...]:
        return self.offers[index].units


def search(
    quantities: Sequence[int],
    offers: Sequence[Offer],
    shipments_max: int,
    split_penalty: int,
    sets_max: int,
    others_max: int,
) -> Found:
    """The best plan of at most `shipments_max` shipments from these offers."""
    floors = [min(costs) for costs in zip(*[offer.costs for offer in offers], strict=True)]
    lanes = Priced(quantities, offers)
    floors = floors or [0] * len(quantities)
    board = Board(tuple(quantities), floors, lanes, shipments_max, split_penalty, sets_max, INFINITE)
    return find(board, others_max, alone=True)
