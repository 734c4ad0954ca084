"""Delivery: what left has arrived, says the carrier.  It moves no stock, and what never left cannot arrive."""

from __future__ import annotations

from msgspec.structs import replace

from operators.effects import Effects, Moment, exception_closed, exception_opened, nothing
from operators.order_change import changed, with_shipment
from operators.shipment_change import by_index, concluded, shipment_exception
from schemas.fulfilment import ShipmentDeliveredEvent
from schemas.notices import Outgoing
from schemas.rows import OrderRow, ShipmentRow
from schemas.times import to_ms
from state.network import Network
from state.order_units import never_dispatched

UNDISPATCHED = "delivered_not_dispatched"


def delivered(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: ShipmentDeliveredEvent, moment: Moment
) -> Effects:
    """Units that left become DELIVERED; what nobody has told to have left waits in the row, and is an exception."""
    data = event.data
    totals = (
        _all_dispatched(shipment) if data.lines_total is None else by_index(order, shipment, data.lines_total)
    )
    parts = []
    for part in shipment.lines:
        total = totals.get(part.line, 0)
        parts.append(replace(part, delivered=total) if total > part.delivered else part)
    lines = tuple(parts)
    if lines == shipment.lines:
        return nothing()
    arrived_ms = to_ms(data.delivered_at or event.time)
    after = replace(shipment, lines=lines, delivered_at_ms=max(shipment.delivered_at_ms, arrived_ms))
    after = concluded(after, after.state)
    effects = changed(network, order, moment, shipments=with_shipment(order, after))
    waiting = never_dispatched(after)
    if waiting > never_dispatched(shipment):
        exception = shipment_exception(
            order,
            shipment,
            UNDISPATCHED,
            f"{waiting} units arrived, says the carrier, and nobody has told that they left",
            ["wait for the warehouse to tell the dispatch", "ask the warehouse what left", "ask the carrier"],
        )
        effects.notices.append(exception_opened(moment, network.name, exception))
    return effects


def dispatch_told(
    network: Network, order: OrderRow, before: ShipmentRow, after: ShipmentRow, moment: Moment
) -> list[Outgoing]:
    """What ends when a shipment goes from `before` to `after` because its warehouse told what left."""
    if not never_dispatched(before) or never_dispatched(after):
        return []
    exception = shipment_exception(
        order, after, UNDISPATCHED, "the warehouse has told that what arrived had left", []
    )
    return [exception_closed(moment, network.name, exception)]


def _all_dispatched(shipment: ShipmentRow) -> dict[int, int]:
    """All that was dispatched, by line index; where nobody has told any of it yet, what the shipment holds.

    A shipment that holds nothing (all of it was cancelled, say) is taken to have arrived as it was planned: somebody
    must look at it.
    """
    for totals in (
        {part.line: part.dispatched for part in shipment.lines},
        {part.line: part.unshipped for part in shipment.lines},
    ):
        if any(totals.values()):
            return totals
    return {part.line: part.quantity for part in shipment.lines}
