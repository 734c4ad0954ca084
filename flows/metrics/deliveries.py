"""Packages that one look finds should have arrived, added up by route: four tables count each of them."""

from __future__ import annotations

from flows.metrics.cohorts import is_due
from schemas.rows import DELIVERED, OrderRow

Route = tuple[str, str, str, str]
"""(pool, carrier, channel, zone)."""


class Deliveries:
    """Packages that should have arrived, and those of them that did by then."""

    __slots__ = ("due", "on_time")

    def __init__(self) -> None:
        self.due = 0
        self.on_time = 0


def judge_deliveries(row: OrderRow, by_route: dict[Route, Deliveries]) -> None:
    """Once for each order, when its scans must have come: each package by what the customer was first told."""
    for shipment in row.shipments:
        if is_due(shipment):
            route = (shipment.pool, shipment.carrier, row.channel, row.zone)
            deliveries = by_route.get(route)
            if deliveries is None:
                deliveries = by_route[route] = Deliveries()
            deliveries.due += 1
            if shipment.state == DELIVERED and shipment.delivered_at_ms <= row.promise_original_ms:
                deliveries.on_time += 1
