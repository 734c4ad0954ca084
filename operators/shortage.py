"""When stock turns out to be gone: withdraw what is not released, mark at risk what is, in a fixed order."""

from __future__ import annotations

from msgspec.structs import replace

from operators.effects import Effects, Moment
from operators.order_change import decided
from operators.price import repriced
from operators.remarks import gone
from schemas.notices import Why
from schemas.rows import PLANNED, OrderRow, ShipmentRow
from state.ledger import shortfall
from state.network import Network
from state.routes import Routes

WITHDRAWN = "stock_gone"
AT_RISK = "at_risk"


def holders_last_first(network: Network, sku: str, pool: str) -> list[OrderRow]:
    """Orders with unshipped units there: least urgent first, then latest due, then by name."""
    rows = network.orders.rows
    holders = [rows[order_id] for order_id in network.orders.holders.get((sku, pool), ())]
    return sorted(
        holders,
        key=lambda order: (-order.priority, -_due_ms(order, pool), -order.placed_at_ms, order.order_id),
    )


def _due_ms(order: OrderRow, pool: str) -> int:
    return max((shipment.ship_by_ms for shipment in order.shipments if shipment.pool == pool), default=0)


def relieve(network: Network, order_id: str, sku: str, pool: str, moment: Moment) -> Effects:
    """Withdraw this order's unreleased units of the SKU there, as many as are short; nothing once none are.

    The caller puts the rows and goes on with the next holder, so that each sees what the ones before gave back.
    """
    row = network.ledger.row(pool, sku)
    order = network.orders.rows.get(order_id)
    if row is None or order is None:
        return Effects([], [])
    short = min(shortfall(row), row.reserved - row.released)
    if short <= 0:
        return Effects([], [])
    shipments, withdrawn = _without(order, sku, pool, short, network.catalog.routes)
    if not withdrawn:
        return Effects([], [])
    note = gone(withdrawn, sku, pool, row.on_hand, row.blocked, row.suspect, row.reserved)
    effects = decided(
        network,
        order,
        moment,
        WITHDRAWN,
        Why(note=note),
        shipments=shipments,
        needs_decision=order.needs_decision or WITHDRAWN,
    )
    effects.before = order
    return effects


def _without(
    order: OrderRow, sku: str, pool: str, units: int, routes: Routes | None
) -> tuple[tuple[ShipmentRow, ...], int]:
    """The order's shipments without up to `units` unreleased ones of the SKU from the pool, and how many went."""
    left = units
    shipments: list[ShipmentRow] = []
    for shipment in order.shipments:
        if shipment.state != PLANNED or shipment.pool != pool or not left:
            shipments.append(shipment)
            continue
        parts = []
        for part in shipment.lines:
            taken = min(left, part.quantity) if order.lines[part.line].sku == sku else 0
            left -= taken
            if part.quantity > taken:
                parts.append(replace(part, quantity=part.quantity - taken))
        if parts:
            shipments.append(repriced(replace(shipment, lines=tuple(parts)), order, routes))
    return tuple(shipments), units - left


def mark_at_risk(network: Network, sku: str, pool: str) -> list[tuple[str, int]]:
    """Which orders must carry how many units at risk there: (order, units), those whose mark changes.

    What is still short after all unreleased promises went is at risk in released shipments; the warehouse may find
    it, so it is sourced again only after it says that it can't.
    """
    row = network.ledger.row(pool, sku)
    if row is None:
        return []
    short = max(0, shortfall(row))
    changes: list[tuple[str, int]] = []
    for order in holders_last_first(network, sku, pool):
        held, marked = _released_units(order, sku, pool)
        risk = min(held, short)
        short -= risk
        if risk != marked:
            changes.append((order.order_id, risk))
    return changes


def _released_units(order: OrderRow, sku: str, pool: str) -> tuple[int, int]:
    """Unshipped units of the SKU in released shipments from the pool, and how many of them are marked at risk."""
    held = marked = 0
    for shipment in order.shipments:
        if shipment.pool == pool and shipment.state != PLANNED:
            for part in shipment.lines:
                if order.lines[part.line].sku == sku:
                    held += part.unshipped
                    marked += part.at_risk
    return held, marked


def put_at_risk(network: Network, order_id: str, sku: str, pool: str, units: int, moment: Moment) -> Effects:
    """The decision that marks exactly that many of the order's released units there."""
    order = network.orders.rows[order_id]
    left = units
    shipments = []
    for shipment in order.shipments:
        if shipment.pool == pool and shipment.state != PLANNED:
            parts = []
            for part in shipment.lines:
                if order.lines[part.line].sku == sku:
                    risk = min(left, part.unshipped)
                    left -= risk
                    part = replace(part, at_risk=risk)
                parts.append(part)
            shipment = replace(shipment, lines=tuple(parts))
        shipments.append(shipment)
    note = (
        f"{units} of {sku} at {pool} are released, and the ledger does not have them"
        if units
        else (f"{sku} at {pool} is there again")
    )
    effects = decided(network, order, moment, AT_RISK, Why(note=note), shipments=tuple(shipments))
    effects.before = order
    return effects
