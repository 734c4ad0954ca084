"""Release: tell the warehouse.  Until then a plan may change freely; afterwards changing it is a handshake."""

from __future__ import annotations

from msgspec.structs import replace

from operators.effects import Effects, Moment
from operators.order_change import decided
from schemas.ids import in_id
from schemas.kinds import ALLOCATIONS
from schemas.notices import (
    CancelRequestedOfWms,
    CancelRequestedOfWmsData,
    InstructedLine,
    Outgoing,
    ShipmentRequested,
    ShipmentRequestedData,
)
from schemas.rows import PLANNED, SENT, CancelPending, OrderRow, ShipmentRow
from schemas.times import rfc3339
from state.network import Network

CAUSE = "release_due"


def release_due(network: Network, order: OrderRow, moment: Moment) -> Effects:
    """Send every shipment whose time has come; nothing when none has (the plan changed after the timer was set)."""
    due = [
        shipment
        for shipment in order.shipments
        if shipment.state == PLANNED and shipment.release_at_ms <= moment.now_ms <= shipment.ship_by_ms
    ]
    if not due:
        return Effects([], [])
    shipments = tuple(
        replace(shipment, state=SENT) if shipment in due else shipment for shipment in order.shipments
    )
    effects = decided(network, order, moment, CAUSE, shipments=shipments)
    effects.notices += [shipment_requested(order, shipment, moment) for shipment in due]
    return effects


def shipment_requested(order: OrderRow, shipment: ShipmentRow, moment: Moment) -> Outgoing:
    """The instruction to ship, on the topic of the pool's warehouse system."""
    lines = order.lines
    data = ShipmentRequestedData(
        shipment_id=shipment.shipment_id,
        order_id=order.order_id,
        order_revision=order.revision,
        pool=shipment.pool,
        carrier=shipment.carrier,
        service=shipment.service,
        ship_by=rfc3339(shipment.ship_by_ms),
        deliver_by=rfc3339(shipment.deliver_by_ms),
        address_ref=order.address_ref,
        priority=order.priority,
        lines=[
            InstructedLine(
                line_id=lines[part.line].line_id,
                sku=lines[part.line].sku,
                quantity=part.quantity,
                unit=lines[part.line].unit,
            )
            for part in shipment.lines
        ],
    )
    notice = ShipmentRequested(
        id=shipment.shipment_id, time=moment.time, network=order.network, sequence=moment.sequence, data=data
    )
    return Outgoing(ALLOCATIONS + shipment.wms, shipment.shipment_id, notice)


def cancel_requested(
    order: OrderRow, shipment: ShipmentRow, pending: CancelPending, moment: Moment
) -> Outgoing:
    """The instruction not to ship some units, if the warehouse still can."""
    data = CancelRequestedOfWmsData(
        shipment_id=shipment.shipment_id,
        order_id=order.order_id,
        pool=shipment.pool,
        request_id=pending.request_id,
        reason=pending.reason,
        lines={order.lines[index].line_id: units for index, units in pending.lines},
    )
    notice = CancelRequestedOfWms(
        id=f"{shipment.shipment_id}/{in_id(pending.request_id)}",
        time=moment.time,
        network=order.network,
        sequence=moment.sequence,
        data=data,
    )
    return Outgoing(ALLOCATIONS + shipment.wms, shipment.shipment_id, notice)
