"""Cohorts by due time: what was due when a truck left, and how much of it had left with it.

Shipments are counted, not listed: each adds one to what its truck should take, and one to what is done once it has
left, so that nothing is looked up when the truck goes.  Orders are listed by name under their last truck, because how
many of their units have left is known only then.  All of it follows from rows, and is built again when a partition is
taken over.  Deliveries can be counted in the same way, under the instant by which they were first promised.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush

from msgspec import Struct

from operators.measures import Truck
from schemas.rows import PLANNED, OrderRow, ShipmentRow
from schemas.times import DAY_MS, NEVER_MS
from state.order_book import OrderBook
from state.routes import Routes

ORDERS_AT_ONCE = 20_000
"""Orders that one look looks up, in some ten milliseconds; the rest of a great cut-off waits for the next look."""


class Departure:
    """A truck's shipments: how many should leave with it, how many have left, and the orders that end with it."""

    __slots__ = ("done", "due", "figures", "leaves_ms", "orders")

    def __init__(self, leaves_ms: int, figures: list[int]) -> None:
        self.leaves_ms = leaves_ms
        self.figures = figures
        self.due = 0
        self.done = 0
        self.orders: list[str] = []


class Fill(Struct):
    """Units of one channel's orders: how many should have left by now, and how many had."""

    due: int = 0
    filled: int = 0


class Cohorts:
    """The departures, and the orders that wait for something else, of one network that are still to come."""

    def __init__(self) -> None:
        self.departures: dict[Truck, Departure] = {}
        self._leaving: list[tuple[int, Truck]] = []
        self._overdue: list[tuple[int, str]] = []
        self._to_look_up: deque[str] = deque()

    def expect(self, truck: Truck, departure: Departure) -> None:
        """A truck that nothing was planned for until now."""
        self.departures[truck] = departure
        heappush(self._leaving, (departure.leaves_ms, truck))

    def expect_order(self, order_id: str, due_ms: int) -> None:
        """An order that no truck was planned for should be done by then."""
        heappush(self._overdue, (due_ms, order_id))

    def left(self, as_of_ms: int) -> list[Departure]:
        """Take out the trucks that have left."""
        gone: list[Departure] = []
        while self._leaving and self._leaving[0][0] < as_of_ms:
            departure = self.departures.pop(heappop(self._leaving)[1])
            self._to_look_up.extend(departure.orders)
            gone.append(departure)
        while self._overdue and self._overdue[0][0] < as_of_ms:
            self._to_look_up.append(heappop(self._overdue)[1])
        return gone

    def filled(self, book: OrderBook) -> dict[str, Fill]:
        """By channel, what has left of the orders that were due: a bounded number of them at each look."""
        by_channel: dict[str, Fill] = {}
        for _ in range(min(len(self._to_look_up), ORDERS_AT_ONCE)):
            row = book.rows.get(self._to_look_up.popleft())
            if row is not None:
                fill = by_channel.get(row.channel)
                if fill is None:
                    fill = by_channel[row.channel] = Fill()
                for line in row.lines:
                    fill.due += line.quantity - line.cancelled - line.refused
                for shipment in row.shipments:
                    for part in shipment.lines:
                        fill.filled += part.shipped
        return by_channel


def leaves_ms(pool: str, ship_by_ms: int, routes: Routes | None) -> int:
    """When the truck leaves: the ship-by is the last moment to tell the warehouse, which then picks and packs."""
    entity = routes.pools.get(pool) if routes else None
    return (
        ship_by_ms if entity is None else ship_by_ms + (entity.pick_minutes * 60 + entity.pick_seconds) * 1000
    )


def overdue_ms(row: OrderRow, routes: Routes | None) -> int:
    """When units of the order that have no plan become a failure."""
    if row.latest_ship_by_ms != NEVER_MS:
        return row.latest_ship_by_ms
    if row.deliver_by_ms != NEVER_MS:
        return row.deliver_by_ms
    service = routes.services.get(row.service) if routes else None
    return row.placed_at_ms + ((service.target_days if service else 0) + 1) * DAY_MS


def is_due(shipment: ShipmentRow) -> bool:
    """Whether a truck waits for it: the warehouse was told, and not all of it came back or was cancelled."""
    if shipment.state == PLANNED:
        return False
    return any(part.quantity - part.missing - part.rejected - part.cancelled for part in shipment.lines)


def has_left(shipment: ShipmentRow) -> bool:
    """Whether all that is left of it is on its way."""
    return is_due(shipment) and not any(part.unshipped for part in shipment.lines)
