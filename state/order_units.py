"""The arithmetic of an order's units: which state each is in, from the row alone.

Only what cannot be derived is stored, so the states partition a line's quantity by construction: whatever no
shipment holds and nobody cancelled or refused is OPEN.
"""

from __future__ import annotations

from schemas.rows import PLANNED, LineRow, OrderRow, ShipmentRow


def open_units(order: OrderRow) -> list[int]:
    """OPEN units, by line."""
    return units_left(order.lines, order.shipments)


def units_left(lines: tuple[LineRow, ...], shipments: tuple[ShipmentRow, ...]) -> list[int]:
    """What these shipments leave OPEN of these lines."""
    units = [line.quantity - line.cancelled - line.refused for line in lines]
    for shipment in shipments:
        for part in shipment.lines:
            units[part.line] -= part.quantity - part.missing - part.rejected - part.cancelled
    return units


def unrouted_units(order: OrderRow) -> list[int]:
    """Units that a decision may still place: OPEN ones and those of shipments not yet released, by line."""
    units = open_units(order)
    for shipment in order.shipments:
        if shipment.state == PLANNED:
            for part in shipment.lines:
                units[part.line] += part.quantity
    return units


def unshipped(shipment: ShipmentRow) -> int:
    """Live units of a shipment that have not left."""
    return sum(part.unshipped for part in shipment.lines)


def shipped(shipment: ShipmentRow) -> int:
    """Units of a shipment that left the building, delivered ones included."""
    return sum(part.shipped for part in shipment.lines)


def all_arrived(shipment: ShipmentRow) -> bool:
    """Whether all units of a shipment that left have arrived; also where none left."""
    return all(part.arrived == part.shipped for part in shipment.lines)


def never_dispatched(shipment: ShipmentRow) -> int:
    """Units of a shipment that arrived, says the carrier, of which nobody has told that they left."""
    return sum(
        part.delivered - part.dispatched for part in shipment.lines if part.delivered > part.dispatched
    )


def told_count(order: OrderRow) -> int:
    """Shipments that a warehouse was told of and that hold any unit: they count against what the order may have."""
    return sum([shipment.state != PLANNED and is_live(shipment) for shipment in order.shipments])


def is_live(shipment: ShipmentRow) -> bool:
    """Whether it holds any unit, shipped and delivered ones included."""
    for part in shipment.lines:  # noqa: SIM110 - every order comes here, and a generator costs twice as much.
        if part.quantity - part.missing - part.rejected - part.cancelled:
            return True
    return False


def pending_units(shipment: ShipmentRow, line: int) -> int:
    """Units of a line whose cancel request the warehouse has not answered."""
    return sum(units for pending in shipment.pending for index, units in pending.lines if index == line)


def is_closed(lines: tuple[LineRow, ...], shipments: tuple[ShipmentRow, ...]) -> bool:
    """Whether no unit can change any more but by what carriers report: all shipped, cancelled or refused."""
    return not any(units_left(lines, shipments)) and not any(map(unshipped, shipments))
