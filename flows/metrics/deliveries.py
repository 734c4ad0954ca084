"""What has arrived, and what should have: that is added up by route, because four tables count each package."""

from __future__ import annotations

from flows.metrics.cohorts import is_wanted
from schemas.rows import DELIVERED, OrderRow
from schemas.times import NEVER_MS
from state.order_units import is_live, open_units

Route = tuple[str, str, str, str]
"""(pool, carrier, channel, zone)."""

NOBODY = ""
"""The pool, and the carrier, of units that have no package."""


class Deliveries:
    """Packages that should have arrived, and those of them that did by then."""

    __slots__ = ("due", "on_time")

    def __init__(self) -> None:
        self.due = 0
        self.on_time = 0


def judge_deliveries(row: OrderRow, by_route: dict[Route, Deliveries]) -> None:
    """Once for each order, when its scans must have come: each package by what the customer was first told.

    Units that were promised and have no package by then are one package more, and late.
    """
    for shipment in row.shipments:
        if is_wanted(shipment):
            deliveries = _deliveries(by_route, (shipment.pool, shipment.carrier, row.channel, row.zone))
            deliveries.due += 1
            if shipment.state == DELIVERED and shipment.delivered_at_ms <= row.promise_original_ms:
                deliveries.on_time += 1
    # A promise means that every unit has a place.
    if row.promise_current_ms == NEVER_MS and any(open_units(row)):
        _deliveries(by_route, (NOBODY, NOBODY, row.channel, row.zone)).due += 1


def _deliveries(by_route: dict[Route, Deliveries], route: Route) -> Deliveries:
    deliveries = by_route.get(route)
    if deliveries is None:
        deliveries = by_route[route] = Deliveries()
    return deliveries


def is_complete(row: OrderRow) -> bool:
    """Whether all that the customer is to get has arrived."""
    live = [shipment for shipment in row.shipments if is_live(shipment)]
    return bool(live) and all(shipment.state == DELIVERED for shipment in live) and not any(open_units(row))
