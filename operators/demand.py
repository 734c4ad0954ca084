"""Demand: what an order still needs, with the same SKU on several lines counted once."""

from __future__ import annotations

from typing import Final

from schemas.rows import OrderRow
from state.routes import Routes


class Demand:
    """Units of one SKU that are to be placed; `lines` are (line index, units), in the order's own order.

    Lines of one SKU that are pinned to different pools are demands of their own; `excluded` pools have rejected or
    short-picked one of the lines.
    """

    __slots__ = ("excluded", "lines", "pinned_pool", "quantity", "restrictions", "sku", "weight_grams")

    def __init__(
        self,
        sku: str,
        quantity: int,
        weight_grams: int,
        restrictions: tuple[str, ...],
        pinned_pool: str,
        excluded: tuple[str, ...],
        lines: tuple[tuple[int, int], ...],
    ) -> None:
        self.sku: Final = sku
        self.quantity: Final = quantity
        self.weight_grams: Final = weight_grams
        self.restrictions: Final = restrictions
        self.pinned_pool: Final = pinned_pool
        self.excluded: Final = excluded
        self.lines: Final = lines


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
    """One demand for each SKU and pin, pinned ones first; a pool that one of the lines excludes is out for all.

    But where that is the only pool: lines that it has not sent back are a demand of their own.
    """
    merged: dict[tuple[str, str, bool], Demand] = {}
    for demand in demands:
        key = (demand.pinned_pool, demand.sku, demand.pinned_pool in demand.excluded)
        same = merged.get(key)
        if same is None:
            merged[key] = demand
        else:
            merged[key] = Demand(
                same.sku,
                same.quantity + demand.quantity,
                same.weight_grams,
                same.restrictions,
                same.pinned_pool,
                same.excluded + tuple(pool for pool in demand.excluded if pool not in same.excluded),
                same.lines + demand.lines,
            )
    return sorted(merged.values(), key=lambda demand: not demand.pinned_pool)
