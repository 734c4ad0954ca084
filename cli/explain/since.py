"""What warehouses and carriers have said of an order since it was last decided."""

from __future__ import annotations

from collections.abc import Iterator

from cli.connection import Connection
from cli.topic_reader import read_topic
from cli.words.places import Places
from schemas.codec import decode_row, encode_key
from schemas.notices import DecisionData, PlannedShipment
from schemas.rows import OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from schemas.topics import ORDER_BOOK


def order_row(connection: Connection, network: str, order_id: str, partition: int) -> OrderRow | None:
    """The order as the router remembers it now; None once it is closed and forgotten."""
    wanted = encode_key(("order", network, order_id))
    latest: bytes | None = None
    for message in read_topic(connection, ORDER_BOOK, [partition]):
        if message.key() == wanted:
            latest = message.value()
    row = None if latest is None else decode_row(latest)
    return row if isinstance(row, OrderRow) else None


def since_lines(row: OrderRow, decided: DecisionData, places: Places) -> Iterator[str]:
    """One line for each shipment of which more has left, or arrived, than that decision knew of."""
    shown = {shipment.shipment_id: shipment for shipment in decided.shipments}
    for shipment in row.shipments:
        known = shown.get(shipment.shipment_id)
        if known is not None:
            told = list(_news(shipment, known, row.zone, places))
            if told:
                yield f"  since then: {shipment.shipment_id} {', '.join(told)}"


def _news(shipment: ShipmentRow, known: PlannedShipment, zone: str, places: Places) -> Iterator[str]:
    held = sum(line.quantity for line in known.lines)
    left = sum(part.shipped for part in shipment.lines)
    if left > sum(line.shipped + line.delivered for line in known.lines):
        when_ms = shipment.dispatched_at_ms
        when = "" if when_ms == NEVER_MS else f" {places.at_pool(shipment.pool, when_ms)}"
        yield f"left {shipment.pool}{when}{_part(left, held)}"
    arrived = sum(part.arrived for part in shipment.lines)
    if arrived > sum(line.delivered for line in known.lines):
        yield f"arrived {places.at_zone(zone, shipment.delivered_at_ms)}{_part(arrived, held)}"


def _part(units: int, held: int) -> str:
    return f" ({units} of {held})" if units < held else ""
