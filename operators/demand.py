"""Demand: what an order still needs, with the same SKU on several lines counted once."""

from __future__ import annotations

from msgspec import Struct

from schemas.reference import ItemEntity
from schemas.rows import OrderRow
from state.routes import Routes


class Demand(Struct, frozen=True, gc=False):
    """Units of one SKU that are to be placed; `lines` are (line index, units), in the order's own order.

    Lines of one SKU that are pinned to different pools are demands of their own; `excluded` pools have rejected or
    short-picked one of the lines.
    """

    sku: str
    quantity: int
    weight_grams: int
    restrictions: tuple[str, ...]
    pinned_pool: str
    excluded: tuple[str, ...]
    lines: tuple[tuple[int, int], ...]


def demands_of(order: OrderRow, units: list[int], routes: Routes) -> list[Demand]:
    """Merged demands for these units by line; lines whose item is unknown, or of another unit, are left out.

    Pinned demands come first: they have one choice, so they take from a shared SKU before the others do.
    """
    items = routes.items
    if len(order.lines) == 1:
        line = order.lines[0]
        item = items.get(line.sku)
        if item is None or item.unit != line.unit or not units[0]:
            return []
        return [_demand(item, line.pinned_pool, line.excluded, ((0, units[0]),), units[0])]
    merged: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for index, line in enumerate(order.lines):
        item = items.get(line.sku)
        if item is not None and item.unit == line.unit and units[index]:
            merged.setdefault((line.pinned_pool, line.sku), []).append((index, units[index]))
    demands = []
    for (pinned_pool, sku), parts in merged.items():
        excluded = order.lines[parts[0][0]].excluded
        for index, _ in parts[1:]:
            excluded += tuple(pool for pool in order.lines[index].excluded if pool not in excluded)
        total = sum(quantity for _, quantity in parts)
        demands.append(_demand(items[sku], pinned_pool, excluded, tuple(parts), total))
    demands.sort(key=lambda demand: not demand.pinned_pool)
    return demands


def _demand(
    item: ItemEntity,
    pinned_pool: str,
    excluded: tuple[str, ...],
    lines: tuple[tuple[int, int], ...],
    quantity: int,
) -> Demand:
    return Demand(item.sku, quantity, item.weight_grams, item.restrictions, pinned_pool, excluded, lines)
