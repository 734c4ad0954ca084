"""Facts about shipments: what the warehouse accepted, rejected, could not find, sent or will not send; what arrived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from operators import remarks
from operators.delivery import delivered
from operators.dispatch import dispatched
from operators.effects import Effects, Moment, exception_opened, nothing
from operators.obstacles import obstacles_met
from operators.order_change import asked_again, changed, decided, order_of, with_line, with_shipment
from operators.shipment_change import by_index, concluded, gave_back, shipment_exception, without_request
from operators.stock import suspected
from schemas.codec import BadRecord
from schemas.envelope import Event
from schemas.formats import SHIPMENT_TIMES
from schemas.fulfilment import (
    CancelAcceptedEvent,
    CancelRefusedEvent,
    LineShortPickedEvent,
    ShipmentAcceptedEvent,
    ShipmentDeliveredEvent,
    ShipmentDispatchedEvent,
    ShipmentRejectedEvent,
)
from schemas.ids import in_id
from schemas.kinds import ALLOCATIONS
from schemas.notices import CountRequested, CountRequestedData, ExceptionData, Outgoing, SentBack, Why
from schemas.rows import (
    ACCEPTED,
    CANCELLED,
    CLOSED,
    PLANNED,
    REJECTED,
    SENT,
    LineRow,
    OrderRow,
    ShipmentRow,
    StockRow,
)
from state.network import Network
from state.order_units import shipped


def decide(network: Network, event: Event, moment: Moment) -> Effects:
    """The rows and notices of one fulfilment fact.

    A shipment that is not known, or that no warehouse was told of, is an exception for a person.  Raises
    `BadRecord` when the event names a line that the shipment does not have, or cannot be kept yet.
    """
    if type(event) is ShipmentDeliveredEvent and moment.format < SHIPMENT_TIMES:
        raise BadRecord(
            "not_finalised",
            f"deliveries are kept from format {SHIPMENT_TIMES} on, and format {moment.format} is in force here until "
            "the upgrade is finalised: say `sluice finalise`, then `sluice dead-letters retry --reason not_finalised`",
        )
    data: Any = event.data  # type: ignore[attr-defined]
    order = network.orders.rows.get(data.shipment_id.rsplit("/", 2)[0])
    shipment = _find(order, data.shipment_id)
    if order is None or shipment is None or shipment.state == PLANNED:
        return Effects([], [_unknown(network, data.shipment_id, moment)])
    effects = _DECIDE[type(event)](network, order, shipment, event, moment)
    if effects.rows and isinstance(effects.rows[0], OrderRow):
        effects.before = order
    return effects


def _find(order: OrderRow | None, shipment_id: str) -> ShipmentRow | None:
    if order is not None:
        for shipment in order.shipments:
            if shipment.shipment_id == shipment_id:
                return shipment
    return None


def _accepted(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: ShipmentAcceptedEvent, moment: Moment
) -> Effects:
    if shipment.state != SENT:
        return nothing()  # It is further on already: late states are legal.
    return changed(network, order, moment, shipments=with_shipment(order, replace(shipment, state=ACCEPTED)))


def _rejected(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: ShipmentRejectedEvent, moment: Moment
) -> Effects:
    stated = event.data.lines
    totals = by_index(order, shipment, stated) if stated is not None else None
    lines = order.lines
    after = shipment
    back: dict[str, int] = {}
    for at, part in enumerate(shipment.lines):
        more = part.unshipped if totals is None else totals.get(part.line, 0) - part.rejected
        more = min(more, part.unshipped)
        if more > 0:
            after, cancelled = gave_back(after, at, rejected=part.rejected + more)
            lines = _without_pool(lines, part.line, shipment.pool, cancelled)
            back[order.lines[part.line].line_id] = more
    if after is shipment:
        return nothing()
    after = concluded(after, REJECTED)
    effects = changed(
        network, order, moment,
        lines=lines, shipments=with_shipment(order, after), needs_decision="shipment.rejected",
    )  # fmt: skip
    effects.sent_back = _sent_back(shipment, "shipment.rejected", back, event.data.reason)
    effects.notices += obstacles_met(network, order, order_of(effects), moment)
    return effects


def _short_picked(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: LineShortPickedEvent, moment: Moment
) -> Effects:
    data = event.data
    totals = by_index(order, shipment, {data.line_id: data.missing})
    lines = order.lines
    after = shipment
    back: dict[str, int] = {}
    for at, part in enumerate(shipment.lines):
        more = min(totals.get(part.line, 0) - part.missing, part.unshipped)
        if more > 0:
            after, cancelled = gave_back(after, at, missing=part.missing + more)
            lines = _without_pool(lines, part.line, shipment.pool, cancelled)
            back[data.line_id] = more
    sku = order.lines[next(iter(totals))].sku
    if after is shipment:
        is_news = any(totals.get(part.line, 0) > part.missing for part in shipment.lines)
        return _doubted(network, shipment, sku, data.position, moment) if is_news else nothing()
    after = concluded(after, CLOSED)
    effects = changed(
        network, order, moment,
        lines=lines, shipments=with_shipment(order, after), needs_decision="line.short_picked",
    )  # fmt: skip
    effects.sent_back = _sent_back(shipment, "line.short_picked", back, data.reason)
    _suspect(effects, shipment.pool, sku, data.position)
    effects.notices.append(_count_requested(network, shipment, sku, moment))
    effects.notices += obstacles_met(network, order, order_of(effects), moment)
    return effects


def _suspect(effects: Effects, pool: str, sku: str, position: int) -> None:
    """What else the ledger holds of that SKU there may be missing as well."""
    for at, row in enumerate(effects.rows):
        if isinstance(row, StockRow) and row.pool == pool and row.sku == sku:
            # A count with a later mark has already looked.
            if position >= row.mark:
                effects.rows[at] = suspected(row, position)
            return


def _doubted(network: Network, shipment: ShipmentRow, sku: str, position: int, moment: Moment) -> Effects:
    """The shipment holds none of the units any more, they were cancelled, say: the picker has looked all the same."""
    row = network.ledger.row(shipment.pool, sku)
    # What is doubted from a later pick on is not doubted again: the same pick may be told twice.
    if row is None or position < row.mark or position <= row.suspect_position:
        return nothing()
    return Effects([suspected(row, position)], [_count_requested(network, shipment, sku, moment)])


def _sent_back(shipment: ShipmentRow, cause: str, units: dict[str, int], reason: str) -> SentBack:
    """For the decision that follows: what of the shipment came back, and what the warehouse says about it."""
    return SentBack(
        shipment_id=shipment.shipment_id, pool=shipment.pool, cause=cause, lines=units,
        reason=remarks.first_words(reason),
    )  # fmt: skip


def _without_pool(lines: tuple[LineRow, ...], index: int, pool: str, cancelled: int) -> tuple[LineRow, ...]:
    """The line that may not go to this pool again, with the units that were to be cancelled anyway."""
    line = lines[index]
    excluded = line.excluded if pool in line.excluded else (*line.excluded, pool)
    return with_line(lines, index, excluded=excluded, cancelled=line.cancelled + cancelled)


def _cancel_accepted(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: CancelAcceptedEvent, moment: Moment
) -> Effects:
    data = event.data
    pending = next((request for request in shipment.pending if request.request_id == data.request_id), None)
    if pending is None:
        return _late(
            network, order, shipment, "cancel.accepted", f'request "{data.request_id}" is not open', moment
        )
    agreed = None if data.lines is None else by_index(order, shipment, data.lines)
    after = without_request(shipment, data.request_id, agreed)
    lines = order.lines
    for index, asked in pending.lines:
        units = asked if agreed is None else min(asked, agreed.get(index, 0))
        if units:
            at = next(at for at, part in enumerate(after.lines) if part.line == index)
            part = after.lines[at]
            units = min(units, part.unshipped)
            after, _ = gave_back(after, at, cancelled=part.cancelled + units)
            lines = with_line(lines, index, cancelled=lines[index].cancelled + units)
    if after == shipment:
        return _late(network, order, shipment, "cancel.accepted", _names_none(data.request_id), moment)
    after = concluded(after, CANCELLED)
    effects = decided(
        network, order, moment, "cancel.accepted", Why(note=f'cancel request "{data.request_id}" is agreed to'),
        lines=lines, shipments=with_shipment(order, after),
    )  # fmt: skip
    effects.notices += obstacles_met(network, order, order_of(effects), moment)
    return asked_again(effects)


def _cancel_refused(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: CancelRefusedEvent, moment: Moment
) -> Effects:
    data = event.data
    if all(request.request_id != data.request_id for request in shipment.pending):
        if _left_first(shipment):
            return nothing()  # The dispatch has said so, and a person knows of it.
        return _late(
            network, order, shipment, "cancel.refused", f'request "{data.request_id}" is not open', moment
        )
    refused = None if data.lines is None else by_index(order, shipment, data.lines)
    after = without_request(shipment, data.request_id, refused)
    if after == shipment:
        return _late(network, order, shipment, "cancel.refused", _names_none(data.request_id), moment)
    said = remarks.first_words(data.reason) or "no reason given"
    effects = decided(
        network, order, moment, "cancel.refused", Why(note=f'cancel request "{data.request_id}" is refused: {said}'),
        shipments=with_shipment(order, after),
    )  # fmt: skip
    effects.notices.append(
        exception_opened(
            moment,
            network.name,
            shipment_exception(
                order,
                shipment,
                "cancel_refused",
                f"the warehouse will ship all the same: {said}",
                ["tell the customer", "offer a return"],
            ),
        )
    )
    return effects


def _left_first(shipment: ShipmentRow) -> bool:
    """Whether it left before the warehouse read that it was not to, as happens every day: nothing came back of it."""
    return shipped(shipment) > 0 and not any(part.cancelled for part in shipment.lines)


def _names_none(request_id: str) -> str:
    return f'request "{request_id}" asks for none of these units, or not any more'


def _count_requested(network: Network, shipment: ShipmentRow, sku: str, moment: Moment) -> Outgoing:
    data = CountRequestedData(
        pool=shipment.pool,
        sku=sku,
        reason=f"short pick in shipment {shipment.shipment_id}: count what is left",
    )
    notice = CountRequested(
        id=f"{moment.sequence}/count/{in_id(shipment.pool)}/{in_id(sku)}/{shipment.shipment_id}",
        time=moment.time,
        network=network.name,
        sequence=moment.sequence,
        data=data,
    )
    return Outgoing(ALLOCATIONS + shipment.wms, shipment.pool, notice)


def _late(
    network: Network, order: OrderRow, shipment: ShipmentRow, event_type: str, cause: str, moment: Moment
) -> Effects:
    data = shipment_exception(
        order,
        shipment,
        "late_event",
        f"{event_type} came too late or twice: {cause}",
        ["compare with the warehouse"],
    )
    return Effects([], [exception_opened(moment, network.name, data)])


def _unknown(network: Network, shipment_id: str, moment: Moment) -> Outgoing:
    return exception_opened(
        moment,
        network.name,
        ExceptionData(
            exception_id=f"unknown_shipment/{shipment_id}",
            kind="unknown_shipment",
            cause=f'no warehouse was told of shipment "{shipment_id}", or its order is closed and forgotten',
            shipment_id=shipment_id,
            ways_out=["compare the shipment_id with the allocation", "ignore it if the order was closed"],
        ),
    )


_Decide = Callable[[Network, OrderRow, ShipmentRow, Any, Moment], Effects]
_DECIDE: dict[type, _Decide] = {
    ShipmentAcceptedEvent: _accepted,
    ShipmentRejectedEvent: _rejected,
    LineShortPickedEvent: _short_picked,
    ShipmentDispatchedEvent: dispatched,
    ShipmentDeliveredEvent: delivered,
    CancelAcceptedEvent: _cancel_accepted,
    CancelRefusedEvent: _cancel_refused,
}
