"""An order's next row, and all that follows from the difference: stock, slots, promise, closing."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from operators.effects import Effects, Moment
from operators.explain import NO_REASONS, decision
from operators.intake import CAUSE as PLACED
from operators.reservations import reservation_rows
from schemas.notices import Why
from schemas.rows import PLANNED, LineRow, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.network import Network
from state.order_units import all_arrived, is_closed, is_live, open_units, units_left

FEWER_UNITS = "units_cancelled"


def changed(network: Network, order: OrderRow, moment: Moment, **changes: Any) -> Effects:
    """The order with these fields changed, its promise and closing derived anew, and the ledger rows that follow."""
    after = _settled(replace(order, version=order.version + 1, **changes), moment)
    stock_rows, slot_rows, empty = reservation_rows(network, order.lines, order.shipments, after.shipments)
    return Effects([after, *stock_rows, *slot_rows], [], empty)


def decided(
    network: Network, order: OrderRow, moment: Moment, cause: str, why: Why = NO_REASONS, **changes: Any
) -> Effects:
    """As `changed`, as a decision of its own: numbered and published with the whole plan."""
    effects = changed(network, order, moment, decision=order.decision + 1, **changes)
    effects.notices.append(decision(network, order_of(effects), moment, cause, why))
    return effects


def asked_again(effects: Effects) -> Effects:
    """The effects of a cancellation, with a decision due for all that no warehouse was told of.

    What is left may ship where all of it could not: complete, in one shipment, or in the shipment that came free.  A
    new order of which nothing is left needs no plan.  Whatever else asked for a decision stays: a timer asks for it
    again after a restart, which must decide the same.
    """
    order = order_of(effects)
    is_left = any(shipment.state == PLANNED for shipment in order.shipments) or any(open_units(order))
    if is_left and not order.needs_decision:
        effects.rows[0] = replace(order, needs_decision=FEWER_UNITS)
    elif not is_left and order.needs_decision == PLACED:
        effects.rows[0] = replace(order, needs_decision="")
    return effects


def _settled(order: OrderRow, moment: Moment) -> OrderRow:
    promise_ms = promise_of(order.lines, order.shipments)
    closing_ms = closing_of(order, order.lines, order.shipments, moment)
    return replace(
        order,
        closed_at_ms=closing_ms,
        promise_current_ms=promise_ms,
        promise_original_ms=promise_ms
        if order.promise_original_ms == NEVER_MS
        else order.promise_original_ms,
    )


def promise_of(lines: tuple[LineRow, ...], shipments: tuple[ShipmentRow, ...]) -> int:
    """When the last live shipment arrives; never, while any unit has no plan."""
    if any(units_left(lines, shipments)):
        return NEVER_MS
    return max([shipment.deliver_by_ms for shipment in shipments if is_live(shipment)], default=NEVER_MS)


def closing_of(
    order: OrderRow, lines: tuple[LineRow, ...], shipments: tuple[ShipmentRow, ...], moment: Moment
) -> int:
    """When the order may be forgotten: a grace after it closed, later if goods are on their way; never while open.

    An order that is closed already keeps its time, unless the last of its goods arrived meanwhile and nobody need wait
    for word of them any longer.  One that was placed in the future is remembered until it would be too old to be
    booked again.
    """
    if not is_closed(lines, shipments):
        return NEVER_MS
    limits = moment.limits
    closed_ms = max(moment.now_ms, order.placed_at_ms)
    if not all(map(all_arrived, shipments)):
        if order.closed_at_ms != NEVER_MS:
            return order.closed_at_ms
        return closed_ms + limits.shipped_silence_ms + limits.closed_grace_ms
    closing_ms = closed_ms + limits.closed_grace_ms
    return closing_ms if order.closed_at_ms == NEVER_MS else min(closing_ms, order.closed_at_ms)


def with_line(lines: tuple[LineRow, ...], index: int, **changes: Any) -> tuple[LineRow, ...]:
    """The lines with one of them changed."""
    return (*lines[:index], replace(lines[index], **changes), *lines[index + 1 :])


def with_shipment(order: OrderRow, shipment: ShipmentRow) -> tuple[ShipmentRow, ...]:
    """The order's shipments with this one in the place of its former value."""
    return tuple(shipment if old.shipment_id == shipment.shipment_id else old for old in order.shipments)


def order_of(effects: Effects) -> OrderRow:
    """The order row of a change: always its first row."""
    order = effects.rows[0]
    assert isinstance(order, OrderRow)
    return order
