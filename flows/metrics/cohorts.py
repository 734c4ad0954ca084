"""Cohorts by due time: what was due when a truck left, and how much of it had left with it.

Shipments are counted, not listed: each adds one to what its truck should take, and one to what is done once it has
left, so that nothing is looked up when the truck goes.  Orders are listed by name, under their last truck and later
under the instant by which they should have arrived, because how much of them is done is known only then.  All of it
follows from rows, and is built again when a partition is taken over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush

from operators.measures import Truck
from operators.promise import target_ms
from schemas.rows import PLANNED, SENT, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.order_book import OrderBook
from state.routes import Routes

ORDERS_AT_ONCE_MIN = 2_000
SHARE_AT_ONCE = 16
"""One look looks up a sixteenth of the orders that are due, but so many at least.

Deciding stands still meanwhile, 3 to 4 us for each: a great cut-off is spread over half a minute, and what falls due
without end at any rate is kept up with.
"""


class LeaveTimes:
    """When each truck leaves, as it was first known: one that something is planned for is not moved by a reference that
    changes how long its warehouse picks.
    """

    def __init__(self) -> None:
        self.known: dict[Truck, int] = {}

    def of(self, pool: str, ship_by_ms: int, routes: Routes | None) -> int:
        """When that truck leaves; by the reference only if it is asked for the first time."""
        truck = (pool, ship_by_ms)
        known_ms = self.known.get(truck)
        if known_ms is None:
            known_ms = self.known[truck] = leaves_ms(pool, ship_by_ms, routes)
        return known_ms

    def forget(self, before_ms: int) -> None:
        """No order on a truck that left before then is still to be judged by it."""
        self.known = {truck: left_ms for truck, left_ms in self.known.items() if left_ms >= before_ms}


class Departure:
    """A truck's shipments: how many should leave with it, how many have left, and the orders that end with it."""

    __slots__ = ("done", "due", "figures", "leaves_ms", "orders")

    def __init__(self, leaves_ms: int, figures: list[int]) -> None:
        self.leaves_ms = leaves_ms
        self.figures = figures
        self.due = 0
        self.done = 0
        self.orders: list[str] = []


class Departures:
    """The trucks of one network that are still to come."""

    def __init__(self) -> None:
        self.by_truck: dict[Truck, Departure] = {}
        self._leaving: list[tuple[int, Truck]] = []

    def expect(self, truck: Truck, departure: Departure) -> None:
        """A truck that nothing was planned for until now."""
        self.by_truck[truck] = departure
        heappush(self._leaving, (departure.leaves_ms, truck))

    def left(self, as_of_ms: int) -> list[Departure]:
        """Take out the trucks that have left."""
        gone: list[Departure] = []
        while self._leaving and self._leaving[0][0] < as_of_ms:
            gone.append(self.by_truck.pop(heappop(self._leaving)[1]))
        return gone


class DueOrders:
    """Orders by the instant at which they are judged; many fall due at the same one."""

    def __init__(self) -> None:
        self._orders: dict[int, list[str]] = {}
        self._instants: list[int] = []
        self._to_look_up: deque[str] = deque()

    def expect(self, order_id: str, due_ms: int) -> None:
        """The order is judged once that instant has passed."""
        orders = self._orders.get(due_ms)
        if orders is None:
            orders = self._orders[due_ms] = []
            heappush(self._instants, due_ms)
        orders.append(order_id)

    def fall_due(self, order_ids: list[str]) -> None:
        """These are judged at the next look."""
        self._to_look_up.extend(order_ids)

    def taken(self, as_of_ms: int, book: OrderBook) -> Iterator[OrderRow]:
        """Take out the orders that are due, a bounded number of them; one that is forgotten was judged long ago."""
        while self._instants and self._instants[0] < as_of_ms:
            self._to_look_up.extend(self._orders.pop(heappop(self._instants)))
        due = len(self._to_look_up)
        for _ in range(min(due, max(ORDERS_AT_ONCE_MIN, due // SHARE_AT_ONCE))):
            row = book.rows.get(self._to_look_up.popleft())
            if row is not None:
                yield row


def leaves_ms(pool: str, ship_by_ms: int, routes: Routes | None) -> int:
    """When the truck leaves: the ship-by is the last moment to tell the warehouse, which then picks and packs."""
    entity = routes.pools.get(pool) if routes else None
    return (
        ship_by_ms if entity is None else ship_by_ms + (entity.pick_minutes * 60 + entity.pick_seconds) * 1000
    )


def overdue_ms(row: OrderRow, routes: Routes | None) -> int:
    """When units of the order that have no plan become a failure: at its latest ship-by, else as routing says."""
    if row.latest_ship_by_ms != NEVER_MS:
        return row.latest_ship_by_ms
    service = routes.services.get(row.service) if routes else None
    return target_ms(row, service.target_days if service else 0)


def is_due(shipment: ShipmentRow) -> bool:
    """Whether a truck waits for it: the warehouse was told, and not all of it came back or was cancelled."""
    return shipment.state != PLANNED and is_wanted(shipment)


def is_wanted(shipment: ShipmentRow) -> bool:
    """Whether the customer waits for it: not all of it came back or was cancelled."""
    for part in shipment.lines:  # noqa: SIM110 - every order comes here twice, and a generator costs twice as much.
        if part.quantity - part.missing - part.rejected - part.cancelled:
            return True
    return False


def is_answered(shipment: ShipmentRow) -> bool:
    """Whether its warehouse has said anything of it."""
    if shipment.state in (PLANNED, SENT):
        return any(part.unshipped < part.quantity for part in shipment.lines)
    return True


def has_left(shipment: ShipmentRow) -> bool:
    """Whether all that is left of it is on its way."""
    if not is_due(shipment):
        return False
    for part in shipment.lines:  # noqa: SIM110 - as above.
        if part.unshipped:
            return False
    return True


def left_by(shipment: ShipmentRow, moment_ms: int) -> bool:
    """Whether all that is left of it had left by then, as the warehouse tells.

    What was written before shipments had times left when it was told.
    """
    return shipment.dispatched_at_ms <= moment_ms and has_left(shipment)


def fill_judged_ms(row: OrderRow, routes: Routes | None, times: LeaveTimes) -> int:
    """When it is judged how much of an order has left: with the last truck of its first plan.

    An order whose first plan left something waiting is judged when that is overdue; so is one whose first plan is not
    in the row any more, because it was changed before any warehouse was told.  What was cancelled since, or came back
    and was refused, brings nothing forward: whoever takes over could not tell an order that is still to be judged from
    one that was.
    """
    judged_ms = 0
    without_place = [line.quantity - line.refused for line in row.lines]
    for shipment in row.shipments:
        if shipment.shipment_id.rsplit("/", 2)[1] == "1":
            judged_ms = max(judged_ms, times.of(shipment.pool, shipment.ship_by_ms, routes))
            for part in shipment.lines:
                without_place[part.line] -= part.quantity
    return judged_ms if judged_ms and max(without_place) <= 0 else overdue_ms(row, routes)
