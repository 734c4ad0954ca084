"""The ledger: stock rows, and how much of each SKU each pool could still promise."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.inventory import GOOD
from schemas.rows import StockRow
from state.packed import PackedStock

_NOWHERE: dict[str, int] = {}


class Ledger:
    """All stock rows of a network.  Those of a SKU are unpacked together, when they are first asked for.

    `good[sku][pool]` are the rows of good stock, `other[class][sku][pool]` those of other classes: tables of a few
    pools each are found and read faster than one of all stock rows, and need no key of their own for each row.

    `available[sku][pool]`, read through `free`, holds what is free of good stock, beside the rows and only where it is
    above zero, because routing walks it for every order: plain integers in a dict cost half of reading the rows.
    """

    def __init__(self, packed: PackedStock) -> None:
        self.packed = packed
        self.good: dict[str, dict[str, StockRow]] = {}
        self.other: dict[str, dict[str, dict[str, StockRow]]] = {}
        self.available: dict[str, dict[str, int]] = {}
        self._safety: dict[str, dict[str, int]] = {}

    def row(self, pool: str, sku: str, stock_class: str = GOOD) -> StockRow | None:
        """The row, or None where nothing was ever said of it."""
        table = self.good if stock_class == GOOD else self.other.get(stock_class)
        pools = None if table is None else table.get(sku)
        if pools is None:
            return self.row(pool, sku, stock_class) if self._unpack(sku) else None
        return pools.get(pool)

    def rows_of(self, sku: str) -> Iterator[StockRow]:
        """Every row of a SKU, in no order that means anything."""
        self._unpack(sku)
        for table in (self.good, *self.other.values()):
            yield from table.get(sku, {}).values()

    def free(self, sku: str) -> dict[str, int]:
        """By pool, where it is above zero."""
        pools = self.available.get(sku)
        if pools is None:
            return self.free(sku) if self._unpack(sku) else _NOWHERE
        return pools

    def pack(self, sku: str, key: bytes, value: bytes) -> int | None:
        """Keep a row as it lies on its topic; returns what it adds to the digest.

        None where the SKU is unpacked already: its rows are all packed or none.
        """
        if not self.packed.holds(sku) and self._is_unpacked(sku):
            return None
        return self.packed.put(sku, key, value)

    def unpack_all(self) -> None:
        """As if somebody had asked for every SKU."""
        for sku in self.packed.skus():
            self._unpack(sku)

    def _is_unpacked(self, sku: str) -> bool:
        return sku in self.good or any(sku in table for table in self.other.values())

    def _unpack(self, sku: str) -> bool:
        """Whether there was anything to unpack."""
        rows = self.packed.take(sku)
        for row in rows:
            self.put(row)
        return bool(rows)

    def put(self, row: StockRow) -> StockRow | None:
        """Store the row and what it makes available; returns the row that was replaced."""
        sku, pool, stock_class = row.sku, row.pool, row.stock_class
        is_good = stock_class == GOOD
        table = self.good if is_good else self.other.setdefault(stock_class, {})
        pools = table.get(sku)
        old = None
        if pools is None:
            if self._unpack(sku):
                return self.put(row)
            table[sku] = {pool: row}
        else:
            old = pools.get(pool)
            pools[pool] = row
        if is_good:
            self._offer(sku, pool, row)
        return old

    def _offer(self, sku: str, pool: str, row: StockRow) -> None:
        free = row.on_hand - row.blocked - row.suspect - row.reserved
        if self._safety:
            free -= self.safety(pool, sku)
        pools = self.available.get(sku)
        if free > 0:
            if pools is None:
                self.available[sku] = {pool: free}
            else:
                pools[pool] = free
        elif pools is not None:
            pools.pop(pool, None)
            if not pools:
                del self.available[sku]

    def safety(self, pool: str, sku: str) -> int:
        """Units that are never promised there."""
        pools = self._safety.get(sku)
        return 0 if pools is None else pools.get(pool, 0)

    def set_safety(self, safety: dict[str, dict[str, int]]) -> None:
        """Take over the safety stock in force and offer again what it changes."""
        changed = {
            (sku, pool)
            for old, new in ((self._safety, safety), (safety, self._safety))
            for sku, pools in old.items()
            for pool, units in pools.items()
            if new.get(sku, {}).get(pool, 0) != units
        }
        self._safety = safety
        for sku, pool in changed:
            # What is packed is offered when it is unpacked.
            row = self.good.get(sku, {}).get(pool)
            if row is not None:
                self._offer(sku, pool, row)


def shortfall(row: StockRow) -> int:
    """Units promised here that are not there: above zero, promises must be withdrawn or marked at risk."""
    return row.reserved + row.blocked + row.suspect - row.on_hand
