"""Places in a pool's day: whose turn it is to give one up when a new set leaves fewer of them than are taken."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.rows import PLANNED
from state.network import Network


def losing_their_place(network: Network, order_ids: Iterable[str]) -> set[str]:
    """Of the orders still to be decided the least urgent ones that take a place beyond those that a day still has.

    Nobody asks back what a warehouse was told of: it keeps its place.  Once these orders are decided, which must be
    before all others, every day has a place for each that is left.
    """
    routes = network.catalog.routes
    beyond: dict[tuple[str, int], int] = {}
    for slot, used in network.slots.items():
        pool = routes.pools.get(slot[0]) if routes else None
        if pool is not None and 0 < pool.orders_per_day < used:
            beyond[slot] = used - pool.orders_per_day
    if not beyond:
        return set()
    holders: dict[tuple[str, int], list[tuple[int, int, str]]] = {slot: [] for slot in beyond}
    for order_id in order_ids:
        order = network.orders.rows[order_id]
        for shipment in order.shipments:
            if shipment.state == PLANNED and (shipment.pool, shipment.slot_day) in holders:
                by_urgency = (order.priority, order.placed_at_ms, order_id)
                holders[shipment.pool, shipment.slot_day].append(by_urgency)
    return {order_id for slot, taken in holders.items() for _, _, order_id in sorted(taken)[-beyond[slot] :]}
