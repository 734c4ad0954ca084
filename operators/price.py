"""What a shipment costs beyond its units, in micros of the network's currency."""

from __future__ import annotations

from msgspec.structs import replace

from schemas.rows import OrderRow, ShipmentRow
from schemas.times import DAY_MS
from state.routes import Routes


def lateness_price(deliver_by_ms: int, target_ms: int, penalty_per_day: int) -> int:
    """The penalty for each begun day after the target; nothing for being early."""
    if deliver_by_ms <= target_ms:
        return 0
    return -(-(deliver_by_ms - target_ms) // DAY_MS) * penalty_per_day


def capacity_price(used: int, limit: int, full_price: int) -> int:
    """Rises in a straight line from nothing at 70 % of the day's places to the full price at the last one."""
    over = 10 * used - 7 * limit
    return full_price * over // (3 * limit) if over > 0 else 0


def repriced(shipment: ShipmentRow, order: OrderRow, routes: Routes | None) -> ShipmentRow:
    """A planned shipment that holds fewer units than before, at what those cost; as it is where its lane is gone."""
    if routes is None or order.channel not in routes.channels:
        return shipment
    for lane in routes.candidates(order.zone, order.service, order.channel).ranked:
        if lane.pool == shipment.pool and lane.carrier == shipment.carrier:
            carrying = handling = 0
            for part in shipment.lines:
                item = routes.items.get(order.lines[part.line].sku)
                carrying += part.quantity * (lane.per_kg * (item.weight_grams if item else 0) // 1000)
                handling += part.quantity * lane.handling_per_unit
            return replace(shipment, cost=(lane.fixed + carrying, handling, *shipment.cost[2:]))
    return shipment
