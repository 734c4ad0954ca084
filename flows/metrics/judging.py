"""Judges one network's trucks, orders and deliveries when they fall due: what should have left or arrived, and has."""

from __future__ import annotations

from flows.metrics.business import Business
from flows.metrics.cohorts import (
    Departure,
    Departures,
    DueOrders,
    LeaveTimes,
    fill_judged_ms,
    is_due,
    left_by,
    overdue_ms,
)
from flows.metrics.deliveries import Deliveries, Route, judge_deliveries
from flows.metrics.named_rows import NamedRows
from flows.metrics.symptoms import Symptoms
from operators.measures import Truck
from schemas.rows import OrderRow
from schemas.times import DAY_MS, NEVER_MS
from state.order_book import OrderBook

TRUCKS_KEPT_MS = 14 * DAY_MS
"""Longer than an order waits to be judged; of what waits longer the reference in force says when its trucks left."""


class Judging:
    """What is still to come of one network; every method is called under the catalogue's lock."""

    def __init__(self, rows: NamedRows, book: OrderBook, symptoms: Symptoms, business: Business) -> None:
        self.departures = Departures()
        self._unfilled = DueOrders()
        self._undelivered = DueOrders()
        self._times = LeaveTimes()
        self._ask_again_ms = 0
        self._rows = rows
        self._book = book
        self._symptoms = symptoms
        self._business = business

    # --- what is to come --------------------------------------------------------------------------------------

    def departure(self, truck: Truck) -> Departure:
        """A truck that nothing was planned for until now."""
        departure = Departure(self._times.of(*truck, self._rows.routes), self._rows.pool(truck[0]))
        self.departures.expect(truck, departure)
        return departure

    def expect_fill(self, row: OrderRow) -> None:
        """A new order of which some unit found no place: it is judged when that is overdue."""
        self._unfilled.expect(row.order_id, overdue_ms(row, self._rows.routes))

    def find(self, row: OrderRow, since_ms: int) -> None:
        """At a take-over: what of this order is still to come, or was due since then.

        Whoever was here before has judged no truck that is younger than the grace.
        """
        routes = self._rows.routes
        told_ms = since_ms - self._symptoms.told_grace_ms
        for shipment in row.shipments:
            truck = (shipment.pool, shipment.ship_by_ms)
            departure = self.departures.by_truck.get(truck)
            if departure is None:
                if self._times.of(*truck, routes) < told_ms:
                    continue
                departure = self.departure(truck)
            departure.due += is_due(shipment)
            departure.done += left_by(shipment, departure.leaves_ms)
        judged_ms = fill_judged_ms(row, routes, self._times)
        if judged_ms >= told_ms:
            self._unfilled.expect(row.order_id, judged_ms)
        elif row.promise_original_ms == NEVER_MS or self._delivery_ms(row) >= since_ms:
            self._expect_delivery(row)

    def _expect_delivery(self, row: OrderRow) -> None:
        """Units that wait are promised one day: then they have an original deliver-by, too."""
        if row.promise_original_ms != NEVER_MS:
            self._undelivered.expect(row.order_id, self._delivery_ms(row))
        elif row.closed_at_ms == NEVER_MS:
            self._undelivered.expect(row.order_id, self._ask_again_ms)

    def _delivery_ms(self, row: OrderRow) -> int:
        """When a delivery that was promised is judged."""
        return row.promise_original_ms + self._symptoms.scan_grace_ms

    # --- what fell due ----------------------------------------------------------------------------------------

    def look(self, as_of_ms: int) -> bool:
        """Count what fell due until then, if anything did.

        Nothing that is still under way to a commit may be in the order book.
        """
        told_ms = as_of_ms - self._symptoms.told_grace_ms
        # The same instant for all that wait on one day.
        tomorrow_ms = (as_of_ms // DAY_MS + 1) * DAY_MS
        if tomorrow_ms != self._ask_again_ms:
            self._ask_again_ms = tomorrow_ms
            self._times.forget(tomorrow_ms - TRUCKS_KEPT_MS)
        # In this order, and all of them: a truck that goes makes the orders that end with it fall due.
        has_counted = self._judge_departures(told_ms)
        has_counted |= self._judge_fills(told_ms)
        has_counted |= self._judge_deliveries(as_of_ms)
        return has_counted

    def _judge_departures(self, told_ms: int) -> bool:
        symptoms = self._symptoms
        gone = self.departures.left(told_ms)
        for departure in gone:
            figures = departure.figures
            figures[symptoms.dispatch_due] += departure.due
            figures[symptoms.dispatch_on_time] += departure.done
            figures[symptoms.missed] += departure.due - departure.done
            self._unfilled.fall_due(departure.orders)
        return bool(gone)

    def _judge_fills(self, told_ms: int) -> bool:
        has_counted = False
        for row in self._unfilled.taken(told_ms, self._book):
            judged_ms = fill_judged_ms(row, self._rows.routes, self._times)
            if judged_ms < told_ms:
                has_counted = True
                self._judge_fill(row, judged_ms, told_ms)
                self._expect_delivery(row)
            else:
                # Its plan was changed before any warehouse was told, or its last truck to be told is not its last one.
                self._unfilled.expect(row.order_id, judged_ms)
        return has_counted

    def _judge_fill(self, row: OrderRow, judged_ms: int, as_of_ms: int) -> None:
        """Once for each order, when the last truck of its first plan has left: what leaves later is late."""
        units_due = units_filled = packages_due = packages_left = 0
        for line in row.lines:
            units_due += line.quantity - line.cancelled - line.refused
        for shipment in row.shipments:
            leaves = self._times.of(shipment.pool, shipment.ship_by_ms, self._rows.routes)
            if leaves < as_of_ms and is_due(shipment):
                packages_due += 1
                packages_left += left_by(shipment, leaves)
            if shipment.dispatched_at_ms <= min(leaves, judged_ms):
                for part in shipment.lines:
                    units_filled += part.shipped
        channel = self._rows.channel(row.channel)
        channel[self._business.units_due] += units_due
        channel[self._business.units_filled] += min(units_filled, units_due)
        channel[self._symptoms.channel_dispatch_due] += packages_due
        channel[self._symptoms.channel_dispatch_on_time] += packages_left

    def _judge_deliveries(self, as_of_ms: int) -> bool:
        deliveries: dict[Route, Deliveries] = {}
        for row in self._undelivered.taken(as_of_ms, self._book):
            if row.promise_original_ms == NEVER_MS or self._delivery_ms(row) >= as_of_ms:
                self._expect_delivery(row)
            else:
                judge_deliveries(row, deliveries)
        for route, judged in deliveries.items():
            for figures, delivery in self._rows.of_delivery(*route):
                figures[delivery.due] += judged.due
                figures[delivery.on_time] += judged.on_time
        return bool(deliveries)
