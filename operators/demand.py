"""Demand: what an order still needs, with the same SKU on several lines counted once."""

from __future__ import annotations

from typing import Final

from schemas.rows import OrderRow
from state.routes import Routes

_NOTHING: Final[dict[str, int]] = {}


class Demand:
    """Units of one SKU that are to be placed; `lines` are (line index, units), in the order's own order.

    Lines of one SKU that are pinned to different pools are demands of their own; `excluded` pools have rejected or
    short-picked one of the lines, and may send `at_most` so many units: those of the other lines.
    """

    __slots__ = (
        "at_most", "excluded", "lines", "pinned_pool", "quantity", "restrictions", "sku", "weight_grams",
    )  # fmt: skip

    def __init__(
        self,
        sku: str,
        quantity: int,
        weight_grams: int,
        restrictions: tuple[str, ...],
        pinned_pool: str,
        excluded: tuple[str, ...],
        lines: tuple[tuple[int, int], ...],
        at_most: dict[str, int] = _NOTHING,
    ) -> None:
        self.sku: Final = sku
        self.quantity: Final = quantity
        self.weight_grams: Final = weight_grams
        self.restrictions: Final = restrictions
        self.pinned_pool: Final = pinned_pool
        self.excluded: Final = excluded
        self.lines: Final = lines
        self.at_most: Final = at_most


def demands_of(order: OrderRow, units: list[int], routes: Routes) -> list[Demand]:
    """Merged demands for these units by line; lines whose item is unknown, or of another unit, are left out.

    Pinned demands come first: they have one choice, so they take from a shared SKU before the others do.
    """
    items = routes.items
    demands: list[Demand] = []
    skus = set()
    is_plain = True
    for index, line in enumerate(order.lines):
        quantity = units[index]
        item = items.get(line.sku)
        if quantity and item is not None and item.unit == line.unit:
            is_plain = is_plain and not line.pinned_pool and line.sku not in skus
            skus.add(line.sku)
            demands.append(
                Demand(
                    line.sku, quantity, item.weight_grams, item.restrictions, line.pinned_pool, line.excluded,
                    ((index, quantity),),
                )
            )  # fmt: skip
    return demands if is_plain else _merged(demands)


def _merged(demands: list[Demand]) -> list[Demand]:
    """One demand for each SKU and pin, pinned ones first."""
    same: dict[tuple[str, str], list[Demand]] = {}
    for demand in demands:
        same.setdefault((demand.pinned_pool, demand.sku), []).append(demand)
    merged = [_one_of(each) if len(each) > 1 else each[0] for each in same.values()]
    return sorted(merged, key=lambda demand: not demand.pinned_pool)


def _one_of(demands: list[Demand]) -> Demand:
    """One demand of these for a SKU; what one pool may send of them that has sent back others, no other such may.

    Bounds that overlapped would fill more where several pools have sent back lines of one SKU, but then what one may
    send hangs on what the others do, and each set of pools that the search weighs would have to ask for that.
    """
    excluded = dict.fromkeys([pool for demand in demands for pool in demand.excluded])
    at_most = {}
    left = demands
    for pool in excluded:
        at_most[pool] = sum([demand.quantity for demand in left if pool not in demand.excluded])
        left = [demand for demand in left if pool in demand.excluded]
    first = demands[0]
    return Demand(
        first.sku,
        sum([demand.quantity for demand in demands]),
        first.weight_grams,
        first.restrictions,
        first.pinned_pool,
        tuple(excluded),
        tuple([line for demand in demands for line in demand.lines]),
        at_most,
    )
