"""What a changed plan does to the ledger: the one place that ties reservations and slots to shipments."""

from __future__ import annotations

from collections.abc import Iterable

from operators.stock import new_row, reserved
from schemas.inventory import GOOD
from schemas.rows import PLANNED, LineRow, RowKey, ShipmentRow, SlotRow, StockRow, row_key
from state.network import Network


def reservation_rows(
    network: Network, lines: tuple[LineRow, ...], before: Iterable[ShipmentRow], after: Iterable[ShipmentRow]
) -> tuple[list[StockRow], list[SlotRow], tuple[RowKey, ...]]:
    """The stock and slot rows after an order's shipments went from `before` to `after`, and the slots that are empty.

    A row's `reserved` is the sum of all unshipped units at its pool, `released` the part in shipments that the
    warehouse was told of; a slot's `used` counts shipments with any unit.  All three follow from this difference,
    so they can't drift from the order book.
    """
    unshipped: dict[tuple[str, str], int] = {}
    released: dict[tuple[str, str], int] = {}
    slots: dict[tuple[str, int], int] = {}
    for sign, shipments in ((-1, before), (1, after)):
        for shipment in shipments:
            pool = shipment.pool
            is_released = shipment.state != PLANNED
            is_live = False
            for part in shipment.lines:
                held = part.quantity - part.missing - part.rejected - part.cancelled
                if held:
                    is_live = True
                    key = (lines[part.line].sku, pool)
                    units = sign * (held - part.shipped)
                    unshipped[key] = unshipped.get(key, 0) + units
                    if is_released:
                        released[key] = released.get(key, 0) + units
            if is_live:
                slot = (pool, shipment.slot_day)
                slots[slot] = slots.get(slot, 0) + sign
    stock_rows: list[StockRow] = []
    for key, change in unshipped.items():
        released_change = released.get(key, 0)
        if change or released_change:
            sku, pool = key
            row = network.ledger.row(pool, sku) or new_row(network.name, pool, sku, GOOD)
            stock_rows.append(reserved(row, change, released_change))
    slot_rows = [
        SlotRow(network.name, pool, day, network.slots.get((pool, day), 0) + change)
        for (pool, day), change in slots.items()
        if change
    ]
    # Days without a shipment are not kept: nobody would ever come by to forget them.
    empty = tuple([row_key(slot) for slot in slot_rows if not slot.used])
    return stock_rows, [slot for slot in slot_rows if slot.used] if empty else slot_rows, empty
