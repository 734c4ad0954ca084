"""What the example's pools hold, and what they keep back: the same on every machine and day."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from cli.network_dir.example.items import Item, items
from cli.network_dir.example.places import POOLS, Pool

_SHARE_PERCENT = {"dc": 90, "3pl": 45, "store": 25, "supplier": 100}
_QUANTITY_MAX = {"dc": 120, "3pl": 40, "store": 6, "supplier": 12}
_SAFETY_SHARE_PERCENT = 12


def assortment() -> Iterator[tuple[Item, Pool, int]]:
    """Every item in every pool that keeps it, with the quantity on hand."""
    for item in items():
        for pool in POOLS:
            if _keeps(pool, item):
                quantity = 1 + _mixed(f"quantity {pool.pool} {item.sku}") % _QUANTITY_MAX[pool.kind]
                yield item, pool, quantity


def safety() -> Iterator[tuple[str, str, int]]:
    """SKU, pool and the units that are never promised: the last of a shelf may be in a shopper's hands."""
    for item, pool, _ in assortment():
        if _mixed(f"safety {pool.pool} {item.sku}") % 100 < _SAFETY_SHARE_PERCENT:
            if pool.kind == "store":
                yield item.sku, pool.pool, 1
            elif pool.kind == "dc" and item.category == "shoes":
                yield item.sku, pool.pool, 5


def _keeps(pool: Pool, item: Item) -> bool:
    if not set(item.restrictions.split()) <= set(pool.capabilities.split()):
        return False
    if pool.kind == "supplier":
        return item.category == "furniture"
    return _mixed(f"keeps {pool.pool} {item.sku}") % 100 < _SHARE_PERCENT[pool.kind]


def _mixed(text: str) -> int:
    """A number that looks arbitrary and is always the same."""
    return zlib.crc32(text.encode())
