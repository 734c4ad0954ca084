"""A network: all its tables, and the only two ways to change them, `put` and `remove`."""

from __future__ import annotations

from typing import Any

from schemas.rows import ActiveSetsRow, CatalogRow, OrderRow, Row, RowKey, SlotRow, StockRow
from state.catalog import Catalog
from state.ledger import Ledger
from state.order_book import OrderBook
from state.timers import UNBLOCK, Timers


class Network:
    """Everything that is remembered of one fulfilment network.

    Decisions read it and return rows; `put` stores them and never fails.  Restore calls the same `put`, in any
    order, and then `activate`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.timers = Timers()
        self.ledger = Ledger()
        self.orders = OrderBook(self.timers)
        self.catalog = Catalog()
        self.slots: dict[tuple[str, int], int] = {}

    def put(self, row: Row) -> None:
        """Store the new value of one key, indexes included."""
        _PUT[type(row)](self, row)

    def remove(self, key: RowKey) -> None:
        """Forget one key: an order after its grace, a slot in the past, a member of an abandoned set."""
        kind = key[0]
        if kind == "order":
            self.orders.remove(str(key[2]))
        elif kind == "slot":
            self.slots.pop((str(key[2]), int(key[3])), None)
        elif kind == "catalog":
            self.catalog.remove_member(key)

    def activate(self) -> None:
        """Derive what follows from the sets in force: after the pointer moved, and once after a restore."""
        self.catalog.activate()
        self.ledger.set_safety(self.catalog.routes.safety if self.catalog.routes else {})

    def _put_stock(self, row: StockRow) -> None:
        if row.holds:
            old = self.ledger.row(row.pool, row.sku, row.stock_class)
            for hold in row.holds:
                if old is None or hold not in old.holds:
                    self.timers.add(hold[0], UNBLOCK, (row.pool, row.sku, row.stock_class))
        self.ledger.put(row)

    def _put_order(self, row: OrderRow) -> None:
        self.orders.put(row)

    def _put_slot(self, row: SlotRow) -> None:
        self.slots[row.pool, row.day] = row.used

    def _put_member(self, row: CatalogRow) -> None:
        self.catalog.put_member(row)

    def _put_sets(self, row: ActiveSetsRow) -> None:
        self.catalog.sets = row.sets


_PUT: dict[type, Any] = {
    StockRow: Network._put_stock,
    OrderRow: Network._put_order,
    SlotRow: Network._put_slot,
    CatalogRow: Network._put_member,
    ActiveSetsRow: Network._put_sets,
}
