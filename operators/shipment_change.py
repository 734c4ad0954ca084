"""A shipment's next row: what goes back from it, and what is no longer asked of it."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.codec import BadRecord
from schemas.notices import ExceptionData
from schemas.rows import DELIVERED, DISPATCHED, CancelPending, OrderRow, ShipmentRow
from state.order_units import all_arrived, pending_units, shipped, unshipped


def gave_back(
    shipment: ShipmentRow, at: int, missing: int = -1, rejected: int = -1, cancelled: int = -1
) -> tuple[ShipmentRow, int]:
    """The shipment after units of its part number `at` went back, and how many of them were to be cancelled.

    Exactly one of the three totals is given: why they went back.  What is left answers a pending cancel request first,
    because the warehouse may still agree to it; units for which too few are left are not sent from elsewhere.
    """
    part = shipment.lines[at]
    part = replace(
        part,
        missing=part.missing if missing < 0 else missing,
        rejected=part.rejected if rejected < 0 else rejected,
        cancelled=part.cancelled if cancelled < 0 else cancelled,
    )
    part = replace(part, at_risk=min(part.at_risk, part.unshipped))
    unwanted = max(0, pending_units(shipment, part.line) - part.unshipped) if cancelled < 0 else 0
    after = replace(
        shipment,
        lines=(*shipment.lines[:at], part, *shipment.lines[at + 1 :]),
        pending=less_pending(shipment.pending, part.line, unwanted),
    )
    return after, unwanted


def concluded(shipment: ShipmentRow, if_none_left: str) -> ShipmentRow:
    """The shipment in the state that follows once nothing of it is left in the building.

    `if_none_left` is the state of one of which no unit was shipped.
    """
    if unshipped(shipment):
        return shipment
    if not shipped(shipment):
        return replace(shipment, state=if_none_left)
    return replace(shipment, state=DELIVERED if all_arrived(shipment) else DISPATCHED)


def less_pending(pending: tuple[CancelPending, ...], line: int, units: int) -> tuple[CancelPending, ...]:
    """The cancel requests with that many units of a line answered, oldest request first."""
    if not units:
        return pending
    left = units
    after = []
    for request in pending:
        lines = []
        for index, asked in request.lines:
            answered = min(asked, left) if index == line else 0
            left -= answered
            if asked > answered:
                lines.append((index, asked - answered))
        if lines:
            after.append(replace(request, lines=tuple(lines)))
    return tuple(after)


def without_request(shipment: ShipmentRow, request_id: str, answered: dict[int, int] | None) -> ShipmentRow:
    """The shipment without a cancel request, or without the answered part of it: the rest is still to be answered."""
    after = []
    for request in shipment.pending:
        if request.request_id != request_id:
            after.append(request)
        elif answered is not None:
            lines = tuple(
                (index, asked - answered.get(index, 0))
                for index, asked in request.lines
                if asked > answered.get(index, 0)
            )
            if lines:
                after.append(replace(request, lines=lines))
    return replace(shipment, pending=tuple(after))


def by_index(order: OrderRow, shipment: ShipmentRow, stated: dict[str, int]) -> dict[int, int]:
    """The stated quantities by line index; raises `BadRecord` for a line that the shipment does not have."""
    indexes = {order.lines[part.line].line_id: part.line for part in shipment.lines}
    for line_id in stated:
        if line_id not in indexes:
            raise BadRecord(
                "unknown_line",
                f'shipment "{shipment.shipment_id}" has no line "{line_id}"; it has {", ".join(sorted(indexes))}',
            )
    return {indexes[line_id]: quantity for line_id, quantity in stated.items()}


def shipment_exception(
    order: OrderRow, shipment: ShipmentRow, kind: str, cause: str, ways_out: list[str]
) -> ExceptionData:
    """What a person must look at about one shipment."""
    return ExceptionData(
        exception_id=f"{kind}/{shipment.shipment_id}",
        kind=kind,
        cause=cause,
        order_id=order.order_id,
        shipment_id=shipment.shipment_id,
        pool=shipment.pool,
        ways_out=ways_out,
    )
