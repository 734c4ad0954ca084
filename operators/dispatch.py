"""Dispatch: goods left the building.  It beats everything that was decided otherwise meanwhile."""

from __future__ import annotations

from msgspec.structs import replace

from operators.delivery import dispatch_told
from operators.effects import Effects, Moment, exception_opened, nothing
from operators.order_change import changed, with_shipment
from operators.remarks import counted
from operators.shipment_change import by_index, concluded, less_pending, shipment_exception
from operators.stock import moved, new_row
from schemas.formats import SHIPMENT_TIMES
from schemas.fulfilment import ShipmentDispatchedEvent
from schemas.inventory import GOOD
from schemas.rows import OrderRow, ShipmentLine, ShipmentRow, StockRow
from schemas.times import to_ms
from state.network import Network
from state.order_units import pending_units


def dispatched(
    network: Network, order: OrderRow, shipment: ShipmentRow, event: ShipmentDispatchedEvent, moment: Moment
) -> Effects:
    """Units become SHIPPED and the reservation is consumed; stock falls unless a later count has seen it already.

    More units than the shipment holds move stock all the same (they are gone) and open an exception.
    """
    totals = by_index(order, shipment, event.data.lines_total)
    parts: list[ShipmentLine] = []
    gone: list[tuple[int, int]] = []
    surplus = despite_cancel = 0
    pending = shipment.pending
    for part in shipment.lines:
        total = totals.get(part.line, 0)
        more = total - part.dispatched
        if more > 0:
            held = min(more, part.unshipped)
            surplus += more - held
            gone.append((part.line, more))
            part = replace(part, shipped=part.shipped + held, dispatched=total)
            part = replace(part, at_risk=min(part.at_risk, part.unshipped))
            overtaken = max(0, pending_units(shipment, part.line) - part.unshipped)
            despite_cancel += overtaken
            pending = less_pending(pending, part.line, overtaken)
        parts.append(part)
    after = replace(shipment, lines=tuple(parts), pending=pending)
    if gone and moment.format >= SHIPMENT_TIMES:
        after = replace(after, dispatched_at_ms=max(shipment.dispatched_at_ms, to_ms(event.time)))
    after = concluded(after, after.state)
    effects = (
        changed(network, order, moment, shipments=with_shipment(order, after))
        if after != shipment
        else nothing()
    )
    _take_out(network, order, shipment, gone, event.data.position, effects, moment)
    effects.notices += dispatch_told(network, order, shipment, after, moment)
    if surplus:
        effects.notices.append(
            exception_opened(
                moment,
                network.name,
                shipment_exception(
                    order,
                    shipment,
                    "dispatched_too_much",
                    f"{counted(surplus, 'unit')} left that this shipment ({shipment.state}) did not hold any more; "
                    "the customer may get them twice",
                    ["ask the warehouse to stop the parcel", "offer a return", "count the SKU"],
                ),
            )
        )
    if despite_cancel:
        effects.notices.append(
            exception_opened(
                moment,
                network.name,
                shipment_exception(
                    order,
                    shipment,
                    "shipped_despite_cancel",
                    f"{counted(despite_cancel, 'unit')} left although a cancellation was asked for",
                    ["offer a return"],
                ),
            )
        )
    return effects


def _take_out(
    network: Network,
    order: OrderRow,
    shipment: ShipmentRow,
    gone: list[tuple[int, int]],
    position: int,
    effects: Effects,
    moment: Moment,
) -> None:
    """Move the stock of what left; `gone` holds (line index, units)."""
    for index, units in gone:
        sku = order.lines[index].sku
        at = _at(effects, shipment.pool, sku)
        row = effects.rows[at] if at is not None else network.ledger.row(shipment.pool, sku)
        if not isinstance(row, StockRow):
            row = new_row(network.name, shipment.pool, sku, GOOD)
        # Cumulative totals tell repeats already, so the row need not remember a document.
        after = moved(row, position, -units, None, moment.limits)
        if after is None:
            continue
        if at is not None:
            effects.rows[at] = after
        else:
            effects.rows.append(after)


def _at(effects: Effects, pool: str, sku: str) -> int | None:
    for at, row in enumerate(effects.rows):
        if isinstance(row, StockRow) and row.pool == pool and row.sku == sku:
            return at
    return None
