"""The order book: order rows, and who must be asked when stock or time moves."""

from __future__ import annotations

from typing import TypeVar

from schemas.rows import PLANNED, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.order_units import open_units
from state.timers import CUT_OFF, FORGET, RELEASE, RETRY, Timers

Key = TypeVar("Key")


class OrderBook:
    """All orders of a network that are not forgotten yet.

    `holders[sku, pool]` are the orders with unshipped units there; `waiting[sku]` those with OPEN units and a
    decision taken; `undecided` those whose decision is still due.
    """

    def __init__(self, timers: Timers) -> None:
        self.rows: dict[str, OrderRow] = {}
        self.holders: dict[tuple[str, str], dict[str, None]] = {}
        self.waiting: dict[str, dict[str, None]] = {}
        self.waiting_orders: dict[str, None] = {}
        self.undecided: dict[str, None] = {}
        self._timers = timers

    def put(self, row: OrderRow) -> None:
        """Store the row; every index follows."""
        old = self.rows.get(row.order_id)
        self.rows[row.order_id] = row
        if old is not None:
            self._unindex(old)
        if row.needs_decision:
            self.undecided[row.order_id] = None
        for shipment in row.shipments:
            self._index_shipment(row, shipment, old)
        if not row.needs_decision:
            self._index_waiting(row)
        if row.retry_at_ms != NEVER_MS and (old is None or old.retry_at_ms != row.retry_at_ms):
            self._timers.add(row.retry_at_ms, RETRY, (row.order_id,))
        # Nothing is forgotten while a decision is due; a timer that rang meanwhile is set anew.
        if row.closed_at_ms != NEVER_MS and (
            old is None
            or old.closed_at_ms != row.closed_at_ms
            or (old.needs_decision and not row.needs_decision)
        ):
            self._timers.add(row.closed_at_ms, FORGET, (row.order_id,))

    def remove(self, order_id: str) -> None:
        """Forget the order."""
        old = self.rows.pop(order_id, None)
        if old is not None:
            self._unindex(old)

    def planned_orders(self) -> list[str]:
        """Orders with a shipment that no warehouse was told of yet; walks over all orders."""
        return [
            order_id
            for order_id, row in self.rows.items()
            if any(shipment.state == PLANNED for shipment in row.shipments)
        ]

    def _index_shipment(self, row: OrderRow, shipment: ShipmentRow, old: OrderRow | None) -> None:
        for part in shipment.lines:
            if part.quantity - part.missing - part.rejected - part.cancelled - part.shipped:
                key = (row.lines[part.line].sku, shipment.pool)
                holders = self.holders.get(key)
                if holders is None:
                    self.holders[key] = {row.order_id: None}
                else:
                    holders[row.order_id] = None
        if shipment.state == PLANNED and (old is None or shipment not in old.shipments):
            self._timers.add(shipment.release_at_ms, RELEASE, (row.order_id,))
            self._timers.add(shipment.ship_by_ms + 1, CUT_OFF, (row.order_id,))

    def _index_waiting(self, row: OrderRow) -> None:
        units = open_units(row)
        if any(units):
            self.waiting_orders[row.order_id] = None
            for line, waiting in zip(row.lines, units, strict=True):
                if waiting:
                    self.waiting.setdefault(line.sku, {})[row.order_id] = None

    def _unindex(self, old: OrderRow) -> None:
        order_id = old.order_id
        self.undecided.pop(order_id, None)
        for shipment in old.shipments:
            for part in shipment.lines:
                _discard(self.holders, (old.lines[part.line].sku, shipment.pool), order_id)
        if order_id in self.waiting_orders:
            del self.waiting_orders[order_id]
            for line in old.lines:
                _discard(self.waiting, line.sku, order_id)


def _discard(index: dict[Key, dict[str, None]], key: Key, order_id: str) -> None:
    members = index.get(key)
    if members is not None:
        members.pop(order_id, None)
        if not members:
            del index[key]
