"""The ledger: stock rows, and how much of each SKU each pool could still promise."""

from __future__ import annotations

from schemas.inventory import GOOD
from schemas.rows import StockRow

StockKey = tuple[str, str, str]
"""(sku, pool, class)."""


class Ledger:
    """All stock rows of a network.

    `available[sku][pool]` holds what is free of good stock, beside the rows and only where it is above zero,
    because routing walks it for every order: plain integers in a dict cost half of reading the rows.
    """

    def __init__(self) -> None:
        self.rows: dict[StockKey, StockRow] = {}
        self.available: dict[str, dict[str, int]] = {}
        self._safety: dict[str, dict[str, int]] = {}

    def row(self, pool: str, sku: str, stock_class: str = GOOD) -> StockRow | None:
        """The row, or None where nothing was ever said of it."""
        return self.rows.get((sku, pool, stock_class))

    def put(self, row: StockRow) -> None:
        """Store the row and what it makes available."""
        self.rows[row.sku, row.pool, row.stock_class] = row
        if row.stock_class == GOOD:
            self._offer(row)

    def _offer(self, row: StockRow) -> None:
        free = row.on_hand - row.blocked - row.suspect - row.reserved
        safety = self._safety.get(row.sku)
        if safety is not None:
            free -= safety.get(row.pool, 0)
        pools = self.available.get(row.sku)
        if free > 0:
            if pools is None:
                self.available[row.sku] = {row.pool: free}
            else:
                pools[row.pool] = free
        elif pools is not None:
            pools.pop(row.pool, None)
            if not pools:
                del self.available[row.sku]

    def safety(self, pool: str, sku: str) -> int:
        """Units that are never promised there."""
        return self._safety.get(sku, {}).get(pool, 0)

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
            row = self.row(pool, sku)
            if row is not None:
                self._offer(row)


def shortfall(row: StockRow) -> int:
    """Units promised here that are not there: above zero, promises must be withdrawn or marked at risk."""
    return row.reserved + row.blocked + row.suspect - row.on_hand
