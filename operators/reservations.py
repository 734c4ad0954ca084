"""What a changed plan does to the ledger: the one place that ties reservations and slots to shipments."""

from __future__ import annotations

from collections.abc import Iterable

from operators.stock import new_row, reserved
from schemas.inventory import GOOD
from schemas.rows import PLANNED, LineRow, ShipmentRow, SlotRow, StockRow
from state.network import Network


def reservation_rows(
    network: Network, lines: tuple[LineRow, ...], before: Iterable[ShipmentRow], after: Iterable[ShipmentRow]
) -> tuple[list[StockRow], list[SlotRow]]:
    """The stock and slot rows after an order's shipments went from `before` to `after`.

    A row's `reserved` is the sum of all unshipped units at its pool, `released` the part in shipments that the
    warehouse was told of; a slot's `used` counts shipments with any unit.  All three follow from this difference,
    so they can't drift from the order book.
    """
    units: dict[tuple[str, str], list[int]] = {}
    slots: dict[tuple[str, int], int] = {}
    for sign, shipments in ((-1, before), (1, after)):
        for shipment in shipments:
            released = shipment.state != PLANNED
            live = False
            for part in shipment.lines:
                held = part.quantity - part.missing - part.rejected - part.cancelled
                live = live or held > 0
                unshipped = sign * (held - part.shipped)
                if unshipped:
                    change = units.setdefault((lines[part.line].sku, shipment.pool), [0, 0])
                    change[0] += unshipped
                    if released:
                        change[1] += unshipped
            if live:
                slot = (shipment.pool, shipment.slot_day)
                slots[slot] = slots.get(slot, 0) + sign
    stock_rows = [
        reserved(_row(network, pool, sku), change[0], change[1])
        for (sku, pool), change in units.items()
        if change[0] or change[1]
    ]
    slot_rows = [
        SlotRow(network.name, pool, day, network.slots.get((pool, day), 0) + change)
        for (pool, day), change in slots.items()
        if change
    ]
    return stock_rows, slot_rows


def _row(network: Network, pool: str, sku: str) -> StockRow:
    return network.ledger.row(pool, sku) or new_row(network.name, pool, sku, GOOD)
