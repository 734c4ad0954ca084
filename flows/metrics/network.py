"""Counts what one network's committed bundles did: orders placed, shipments released, what was done with them."""

from __future__ import annotations

from flows.metrics.business import Business
from flows.metrics.catalogue import OTHER
from flows.metrics.cohorts import (
    Departure,
    Departures,
    DueOrders,
    LeaveTimes,
    fill_judged_ms,
    has_left,
    is_due,
    left_by,
    overdue_ms,
)
from flows.metrics.deliveries import NOBODY, Deliveries, Route, is_complete, judge_deliveries
from flows.metrics.symptoms import DeliveryColumns, Symptoms
from operators.measures import Load, Market, NetworkMeasures, Truck
from schemas.rows import DELIVERED, PLANNED, OrderRow, ShipmentRow
from schemas.times import DAY_MS, NEVER_MS
from state.network import Network
from state.order_units import is_live
from state.routes import Routes

TRUCKS_KEPT_MS = 14 * DAY_MS
"""Longer than an order waits to be judged; of what waits longer the reference in force says when its trucks left."""


class NetworkFigures:
    """One network in the hands of this process; every method is called under the catalogue's lock."""

    def __init__(
        self,
        network: Network,
        symptoms: Symptoms,
        business: Business,
        at_risk: dict[str, float],
    ) -> None:
        self.departures = Departures()
        self.unfilled = DueOrders()
        self.undelivered = DueOrders()
        self._times = LeaveTimes()
        self._ask_again_ms = 0
        self._network = network
        self._routes: Routes | None = None
        self._symptoms = symptoms
        self._business = business
        self._pools = symptoms.pools
        self._at_risk = at_risk
        self._channels: dict[str, list[int]] = {}
        self._carriers: dict[str, list[int]] = {}
        # By zone: the figures of its country.
        self._countries: dict[str, list[int]] = {}

    def follow_reference(self) -> bool:
        """Know the names in force, each counted from zero on; whether they have changed."""
        routes = self._network.catalog.routes
        if routes is self._routes or routes is None:
            return False
        self._routes = routes
        symptoms = self._symptoms
        self._channels = {name: symptoms.channels.row(name) for name in routes.channels}
        self._carriers = {name: symptoms.carriers.row(name) for name in routes.carriers}
        self._countries = {name: symptoms.countries.row(zone.country) for name, zone in routes.zones.items()}
        for pool in routes.pools:
            self._pools.row(pool)
        # A counter that begins with its first value has no increase there: the first packages would not be seen.
        for channel in routes.channels:
            for service in routes.services:
                self._business.packages.add((channel, service), 0)
        return True

    def count(self, measures: NetworkMeasures) -> None:
        """What one bundle did here; it is committed."""
        for (channel, zone), market in measures.markets.items():
            self._count_market(self._channel(channel), self._country(zone), market)
        by_truck = self.departures.by_truck
        for truck, load in measures.loads.items():
            self._count_load(by_truck.get(truck) or self._departure(truck), load)
        for order in measures.waiting:
            self._channel(order.channel)[self._business.backordered] += 1
            self.unfilled.expect(order.order_id, overdue_ms(order, self._routes))
        # An order that loses several items in one bundle loses its place in the pool once.
        withdrawn: set[tuple[str, str]] = set()
        for before, after in measures.changes:
            self._count_change(before, after, withdrawn)
        for pool, _ in withdrawn:
            self._pool(pool)[self._symptoms.withdrawn] += 1

    def _count_market(self, channel: list[int], country: list[int], market: Market) -> None:
        business = self._business
        if market.orders:
            channel[business.orders] += market.orders
            channel[business.ordered_units] += market.units
            country[business.orders_by_country] += market.orders
            country[business.units_by_country] += market.units
        lane, handling, lateness, capacity = business.channel_path_cost
        channel[lane] += market.lane
        channel[handling] += market.handling
        if market.lateness or market.capacity:
            channel[lateness] += market.lateness
            channel[capacity] += market.capacity

    def _count_load(self, departure: Departure, load: Load) -> None:
        departure.orders += load.orders
        if load.shipments:
            departure.due += load.shipments
            business, figures = self._business, departure.figures
            lane, handling, lateness, capacity = business.path_cost
            figures[business.released_shipments] += load.shipments
            figures[business.released_units] += load.units
            figures[lane] += load.lane
            figures[handling] += load.handling
            if load.split:
                figures[business.split_shipments] += load.split
            if load.lateness or load.capacity:
                figures[lateness] += load.lateness
                figures[capacity] += load.capacity

    # --- what warehouses, carriers and missing stock changed --------------------------------------------------

    def _count_change(self, before: OrderRow, after: OrderRow, withdrawn: set[tuple[str, str]]) -> None:
        """The difference between two rows of an order; shipments that are the same object have not changed.

        `withdrawn` takes (pool, order) of each promise that is gone.
        """
        known = {shipment.shipment_id: shipment for shipment in before.shipments}
        packages = 0
        for shipment in after.shipments:
            old = known.pop(shipment.shipment_id)
            if old is shipment or old == shipment:
                continue
            if shipment.state == PLANNED:
                withdrawn.add((shipment.pool, after.order_id))
                continue
            figures = self._pool(shipment.pool)
            self._count_units(figures, old, shipment)
            packages += self._count_departure(figures, old, shipment)
            if shipment.state == DELIVERED and old.state != DELIVERED:
                for figures, delivery in self._delivery_figures(
                    shipment.pool, shipment.carrier, after.channel, after.zone
                ):
                    figures[delivery.told] += 1
        # What is gone from the order was not released yet, and its stock is gone.
        withdrawn.update((shipment.pool, after.order_id) for shipment in known.values())
        if packages:
            self._count_packages(before, after, packages)
        if is_complete(after) and not is_complete(before):
            taken_ms = max(shipment.delivered_at_ms for shipment in after.shipments if is_live(shipment))
            name = after.channel if after.channel in self._channels else OTHER
            self._business.cycle_time.observe(name, max(0, taken_ms - after.placed_at_ms) / 1000)

    def _count_units(self, figures: list[int], old: ShipmentRow, new: ShipmentRow) -> None:
        failed = rejected_before = rejected = risk = shipped = 0
        for was, part in zip(old.lines, new.lines, strict=True):
            failed += part.missing - was.missing + part.rejected - was.rejected
            rejected_before += was.rejected
            rejected += part.rejected
            shipped += part.shipped - was.shipped
            risk += part.at_risk - was.at_risk
        figures[self._business.failed_units] += failed
        figures[self._business.dispatched_units] += shipped
        if rejected and not rejected_before:
            figures[self._business.rejected_shipments] += 1
        if risk:
            self._add_risk(new.pool, risk)

    def _count_departure(self, figures: list[int], old: ShipmentRow, new: ShipmentRow) -> int:
        """How many packages left by this change, as far as one shipment goes: one, or none."""
        # A truck that is judged is settled: what happens afterwards changes nothing of it.
        departure = self.departures.by_truck.get((new.pool, new.ship_by_ms))
        if departure is not None:
            departure.due += is_due(new) - is_due(old)
            departure.done += left_by(new, departure.leaves_ms) - left_by(old, departure.leaves_ms)
        left = max(0, has_left(new) - has_left(old))
        figures[self._business.dispatched_shipments] += left
        return left

    def _count_packages(self, before: OrderRow, after: OrderRow, packages: int) -> None:
        known = after.channel in self._channels
        routes = self._routes
        service = after.service if routes is not None and after.service in routes.services else OTHER
        self._business.packages.add((after.channel if known else OTHER, service), packages)
        if not any(map(has_left, before.shipments)):
            self._channel(after.channel)[self._business.shipped_orders] += 1

    # --- taking over ------------------------------------------------------------------------------------------

    def orders_now(self) -> list[OrderRow]:
        """All orders as they are now; the list does not follow what is decided later."""
        return list(self._network.orders.rows.values())

    def find(self, row: OrderRow, since_ms: int) -> None:
        """At a take-over: what of this order is still to come, or was due since then.

        Whoever was here before has judged no truck that is younger than the grace.
        """
        told_ms = since_ms - self._symptoms.told_grace_ms
        for shipment in row.shipments:
            if shipment.state != PLANNED:
                self._add_risk(shipment.pool, sum([part.at_risk for part in shipment.lines]))
            truck = (shipment.pool, shipment.ship_by_ms)
            departure = self.departures.by_truck.get(truck)
            if departure is None:
                if self._times.of(*truck, self._routes) < told_ms:
                    continue
                departure = self._departure(truck)
            departure.due += is_due(shipment)
            departure.done += left_by(shipment, departure.leaves_ms)
        judged_ms = fill_judged_ms(row, self._routes, self._times)
        if judged_ms >= told_ms:
            self.unfilled.expect(row.order_id, judged_ms)
        elif row.promise_original_ms == NEVER_MS or self._delivery_ms(row) >= since_ms:
            self._expect_delivery(row)

    # --- time -------------------------------------------------------------------------------------------------

    def look(self, as_of_ms: int) -> bool:
        """Count what fell due until then, if anything did.

        Nothing that is still under way to a commit may be in the order book.
        """
        symptoms, book = self._symptoms, self._network.orders
        told_ms = as_of_ms - symptoms.told_grace_ms
        # The same instant for all that wait on one day.
        tomorrow_ms = (as_of_ms // DAY_MS + 1) * DAY_MS
        if tomorrow_ms != self._ask_again_ms:
            self._ask_again_ms = tomorrow_ms
            self._times.forget(tomorrow_ms - TRUCKS_KEPT_MS)
        gone = self.departures.left(told_ms)
        has_counted = bool(gone)
        for departure in gone:
            figures = departure.figures
            figures[symptoms.dispatch_due] += departure.due
            figures[symptoms.dispatch_on_time] += departure.done
            figures[symptoms.missed] += departure.due - departure.done
            self.unfilled.fall_due(departure.orders)
        for row in self.unfilled.taken(told_ms, book):
            judged_ms = fill_judged_ms(row, self._routes, self._times)
            if judged_ms < told_ms:
                has_counted = True
                self._judge_fill(row, judged_ms, told_ms)
                self._expect_delivery(row)
            else:
                # Its plan was changed before any warehouse was told, or its last truck to be told is not its last one.
                self.unfilled.expect(row.order_id, judged_ms)
        deliveries: dict[Route, Deliveries] = {}
        for row in self.undelivered.taken(as_of_ms, book):
            if row.promise_original_ms == NEVER_MS or self._delivery_ms(row) >= as_of_ms:
                self._expect_delivery(row)
            else:
                judge_deliveries(row, deliveries)
        for route, judged in deliveries.items():
            for figures, delivery in self._delivery_figures(*route):
                figures[delivery.due] += judged.due
                figures[delivery.on_time] += judged.on_time
        return has_counted or bool(deliveries)

    def _judge_fill(self, row: OrderRow, judged_ms: int, as_of_ms: int) -> None:
        """Once for each order, when the last truck of its first plan has left: what leaves later is late."""
        units_due = units_filled = packages_due = packages_left = 0
        for line in row.lines:
            units_due += line.quantity - line.cancelled - line.refused
        for shipment in row.shipments:
            leaves = self._times.of(shipment.pool, shipment.ship_by_ms, self._routes)
            if leaves < as_of_ms and is_due(shipment):
                packages_due += 1
                packages_left += left_by(shipment, leaves)
            if shipment.dispatched_at_ms <= min(leaves, judged_ms):
                for part in shipment.lines:
                    units_filled += part.shipped
        channel = self._channel(row.channel)
        channel[self._business.units_due] += units_due
        channel[self._business.units_filled] += min(units_filled, units_due)
        channel[self._symptoms.channel_dispatch_due] += packages_due
        channel[self._symptoms.channel_dispatch_on_time] += packages_left

    def _delivery_ms(self, row: OrderRow) -> int:
        """When a delivery that was promised is judged."""
        return row.promise_original_ms + self._symptoms.scan_grace_ms

    def _expect_delivery(self, row: OrderRow) -> None:
        """Units that wait are promised one day: then they have an original deliver-by, too."""
        if row.promise_original_ms != NEVER_MS:
            self.undelivered.expect(row.order_id, self._delivery_ms(row))
        elif row.closed_at_ms == NEVER_MS:
            self.undelivered.expect(row.order_id, self._ask_again_ms)

    # --- rows by name -----------------------------------------------------------------------------------------

    def _departure(self, truck: Truck) -> Departure:
        departure = Departure(self._times.of(*truck, self._routes), self._pool(truck[0]))
        self.departures.expect(truck, departure)
        return departure

    def _channel(self, name: str) -> list[int]:
        """Names that are not in force any more are counted together."""
        return self._channels.get(name) or self._symptoms.channels.row(OTHER)

    def _country(self, zone: str) -> list[int]:
        return self._countries.get(zone) or self._symptoms.countries.row(OTHER)

    def _delivery_figures(
        self, pool: str, carrier: str, channel: str, zone: str
    ) -> tuple[tuple[list[int], DeliveryColumns], ...]:
        """Everybody whose deliveries these are."""
        symptoms = self._symptoms
        waits = (
            (self._channel(channel), symptoms.channel_delivery),
            (self._country(zone), symptoms.country_delivery),
        )
        if pool == NOBODY:
            return waits
        return (
            (self._pool(pool), symptoms.delivery),
            (self._carriers.get(carrier) or symptoms.carriers.row(OTHER), symptoms.carrier_delivery),
            *waits,
        )

    def _pool(self, name: str) -> list[int]:
        known = self._routes is not None and name in self._routes.pools
        return self._pools.row(name if known else OTHER)

    def _add_risk(self, pool: str, units: int) -> None:
        if units:
            left = self._at_risk.get(pool, 0) + units
            if left > 0:
                self._at_risk[pool] = left
            else:
                self._at_risk.pop(pool, None)
