"""A network: all its tables, and the only two ways to change them, `put` and `remove`."""

from __future__ import annotations

from schemas.rows import CatalogRow, OrderRow, Row, RowKey, SlotRow, StockRow
from state.catalog import Catalog
from state.ledger import Ledger
from state.order_book import OrderBook
from state.packed import PackedStock
from state.timers import Timers


class Network:
    """Everything that is remembered of one fulfilment network.

    Decisions read it and return rows; `put` stores them and never fails.  Restore calls the same `put`, in any
    order, and then `activate`.
    """

    def __init__(self, name: str, packed: PackedStock) -> None:
        self.name = name
        self.timers = Timers()
        self.ledger = Ledger(packed)
        self.orders = OrderBook(self.timers)
        self.catalog = Catalog()
        self.slots: dict[tuple[str, int], int] = {}

    def put(self, row: Row) -> None:
        """Store the new value of one key, indexes included."""
        # The commonest first, and spelled out: a table of methods costs a call through Python for each row.
        if isinstance(row, StockRow):
            self.put_stock(row)
        elif isinstance(row, OrderRow):
            self.orders.put(row)
        elif isinstance(row, SlotRow):
            self.slots[row.pool, row.day] = row.used
        elif isinstance(row, CatalogRow):
            self.catalog.put_member(row)
        else:
            self.catalog.sets = row.sets

    def remove(self, key: RowKey) -> None:
        """Forget one key: an order after its grace, a slot in the past, a member of an abandoned or replaced set."""
        kind = key[0]
        if kind == "stock":
            # No router forgets stock.  Whoever did takes the row out of the digest, for which it must be unpacked; then
            # the head says that they differ.
            self.ledger.free(str(key[3]))
        elif kind == "order":
            self.orders.remove(str(key[2]))
        elif kind == "slot":
            self.slots.pop((str(key[2]), int(key[3])), None)
        elif kind == "catalog":
            self.catalog.remove_member(key)

    def activate(self) -> None:
        """Derive what follows from the sets in force: after the pointer moved, and once after a restore."""
        self.catalog.activate()
        self.ledger.set_safety(self.catalog.routes.safety if self.catalog.routes else {})

    def put_stock(self, row: StockRow) -> StockRow | None:
        """As `put`; returns the row that was replaced."""
        old = self.ledger.put(row)
        for hold in row.holds:
            if old is None or hold not in old.holds:
                self.timers.add_block_end(hold[0], (row.pool, row.sku, row.stock_class), self.ends_a_block)
        return old

    def ends_a_block(self, until_ms: int, identity: tuple[str, ...]) -> bool:
        """Whether a block ends then by itself in that (pool, SKU, class)."""
        pool, sku, stock_class = identity
        row = self.ledger.row(pool, sku, stock_class)
        return row is not None and any(hold[0] == until_ms for hold in row.holds)
