"""Cancellation: at once for what no warehouse knows of, by handshake for the rest."""

from __future__ import annotations

from msgspec.structs import replace

from operators.effects import Effects, Moment, exception_opened, nothing
from operators.obstacles import obstacles_met
from operators.order_change import asked_again, decided, order_of
from operators.price import repriced
from operators.release import cancel_requested
from schemas.codec import BadRecord
from schemas.ids import in_id
from schemas.notices import ExceptionData, Why
from schemas.orders import CancelRequested, CancelRequestedEvent
from schemas.rows import PLANNED, CancelPending, OrderRow, ShipmentLine, ShipmentRow
from state.network import Network
from state.order_units import open_units, pending_units
from state.routes import Routes


def cancel(network: Network, event: CancelRequestedEvent, moment: Moment) -> Effects:
    """Cancel what is asked for: OPEN units first, then unreleased ones, then by asking the warehouses."""
    data = event.data
    order = network.orders.rows.get(data.order_id)
    if order is None:
        return Effects([], [exception_opened(moment, network.name, _unknown(data))])
    if data.request_id in order.cancel_requests or _is_open(order, data.request_id):
        return nothing()
    asked = _asked(order, data)
    before = sum(asked)
    if not before and any(shipment.pending for shipment in order.shipments):
        return nothing()  # All of it is being asked back already.
    now_cancelled = [min(want, units) for want, units in zip(asked, open_units(order), strict=True)]
    left = [want - units for want, units in zip(asked, now_cancelled, strict=True)]
    shipments, left = _take_planned(order, left, now_cancelled, network.catalog.routes)
    lines = tuple(
        replace(line, cancelled=line.cancelled + units) if units else line
        for line, units in zip(order.lines, now_cancelled, strict=True)
    )
    shipments, asked_of, left = _ask_warehouses(shipments, left, data)
    if sum(left) == before:
        return Effects([], [exception_opened(moment, network.name, _too_late(data))])
    note = (
        f"{before - sum(left)} of {before} units: of the others none is left to cancel" if any(left) else ""
    )
    known = (*order.cancel_requests, data.request_id)[-moment.limits.documents_max :]
    effects = decided(
        network, order, moment, "cancel.requested", Why(note=note),
        lines=lines, shipments=shipments, cancel_requests=known,
    )  # fmt: skip
    after = order_of(effects)
    for shipment, pending in asked_of:
        effects.notices.append(cancel_requested(after, shipment, pending, moment))
    effects.notices += obstacles_met(network, order, after, moment)
    if any(left) and data.lines is not None:
        effects.notices.append(exception_opened(moment, network.name, _too_late(data)))
    return asked_again(effects)


def _is_open(order: OrderRow, request_id: str) -> bool:
    """Whether a warehouse is still to answer it: so many may have come since that the order's list has lost it."""
    return any(
        request.request_id == request_id for shipment in order.shipments for request in shipment.pending
    )


def _asked(order: OrderRow, data: CancelRequested) -> list[int]:
    """Units to cancel by line: as named, or all that are not cancelled, refused, shipped or asked back already."""
    if data.lines is None:
        gone = [line.cancelled + line.refused for line in order.lines]
        for shipment in order.shipments:
            for part in shipment.lines:
                gone[part.line] += part.shipped + pending_units(shipment, part.line)
        return [line.quantity - units for line, units in zip(order.lines, gone, strict=True)]
    known = {line.line_id for line in order.lines}
    for line_id in data.lines:
        if line_id not in known:
            raise BadRecord("unknown_line", f'order "{order.order_id}" has no line "{line_id}"')
    return [data.lines.get(line.line_id, 0) for line in order.lines]


def _take_planned(
    order: OrderRow, asked: list[int], now_cancelled: list[int], routes: Routes | None
) -> tuple[tuple[ShipmentRow, ...], list[int]]:
    """Unreleased shipments without the cancelled units, which are added to `now_cancelled`; empty ones are dropped."""
    left = list(asked)
    shipments = []
    for shipment in order.shipments:
        if shipment.state != PLANNED:
            shipments.append(shipment)
            continue
        parts = []
        for part in shipment.lines:
            taken = min(left[part.line], part.quantity)
            left[part.line] -= taken
            now_cancelled[part.line] += taken
            if part.quantity > taken:
                parts.append(replace(part, quantity=part.quantity - taken))
        if parts:
            after = replace(shipment, lines=tuple(parts))
            shipments.append(shipment if after == shipment else repriced(after, order, routes))
    return tuple(shipments), left


def _ask_warehouses(
    shipments: tuple[ShipmentRow, ...], asked: list[int], data: CancelRequested
) -> tuple[tuple[ShipmentRow, ...], list[tuple[ShipmentRow, CancelPending]], list[int]]:
    """Released shipments with a pending request for what is asked of them."""
    left = list(asked)
    after: list[ShipmentRow] = []
    requests: list[tuple[ShipmentRow, CancelPending]] = []
    for shipment in shipments:
        wanted: list[tuple[int, int]] = []
        if shipment.state != PLANNED:
            for part in shipment.lines:
                units = min(left[part.line], _cancellable(shipment, part))
                if units:
                    left[part.line] -= units
                    wanted.append((part.line, units))
        if wanted:
            pending = CancelPending(data.request_id, data.reason, tuple(wanted))
            shipment = replace(shipment, pending=(*shipment.pending, pending))
            requests.append((shipment, pending))
        after.append(shipment)
    return tuple(after), requests, left


def _cancellable(shipment: ShipmentRow, part: ShipmentLine) -> int:
    return part.unshipped - pending_units(shipment, part.line)


def _unknown(data: CancelRequested) -> ExceptionData:
    return ExceptionData(
        exception_id=f"unknown_order/{in_id(data.order_id)}/{in_id(data.request_id)}",
        kind="unknown_order",
        cause=f'cancel request "{data.request_id}" names order "{data.order_id}", which is not known here: '
        "not placed yet, or closed and forgotten",
        order_id=data.order_id,
        ways_out=[
            "send the cancel again under an id of its own, after the order",
            "ignore it if the order was closed",
        ],
    )


def _too_late(data: CancelRequested) -> ExceptionData:
    return ExceptionData(
        exception_id=f"too_late_to_cancel/{in_id(data.order_id)}/{in_id(data.request_id)}",
        kind="too_late_to_cancel",
        cause=f'cancel request "{data.request_id}": the units have left, were cancelled before, or are asked back '
        "already",
        order_id=data.order_id,
        ways_out=["offer the customer a return"],
    )
