"""Counts what one network's committed bundles did: orders placed, shipments released, what warehouses reported."""

from __future__ import annotations

from flows.metrics.business import Business
from flows.metrics.catalogue import OTHER
from flows.metrics.cohorts import Cohorts, Departure, has_left, is_due, leaves_ms, overdue_ms
from flows.metrics.symptoms import Symptoms
from operators.measures import Load, NetworkMeasures, Truck
from schemas.rows import PLANNED, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.network import Network
from state.order_units import open_units
from state.routes import Routes


class NetworkFigures:
    """One network in the hands of this process; every method is called under the catalogue's lock."""

    def __init__(
        self,
        network: Network,
        symptoms: Symptoms,
        business: Business,
        at_risk: dict[str, float],
    ) -> None:
        self.cohorts = Cohorts()
        self._network = network
        self._routes: Routes | None = None
        self._symptoms = symptoms
        self._business = business
        self._pools = business.pools
        self._at_risk = at_risk
        self._channels: dict[str, list[int]] = {}
        # By zone: the labels of its country.
        self._countries: dict[str, tuple[str]] = {}

    def follow_reference(self) -> bool:
        """Know the names in force, each counted from zero on; whether they have changed."""
        routes = self._network.catalog.routes
        if routes is self._routes or routes is None:
            return False
        self._routes = routes
        self._channels = {name: self._business.channels.row(name) for name in routes.channels}
        self._countries = {name: (zone.country,) for name, zone in routes.zones.items()}
        for pool in routes.pools:
            self._pools.row(pool)
        return True

    def count(self, measures: NetworkMeasures) -> None:
        """What one bundle did here; it is committed."""
        business = self._business
        for (name, zone, _outcome), (orders, units) in measures.placed.items():
            channel = self._channel(name)
            channel[business.orders] += orders
            channel[business.ordered_units] += units
            business.countries.add(self._countries.get(zone) or (OTHER,), orders)
        for truck, load in measures.loads.items():
            self._count_load(self.cohorts.departures.get(truck) or self._departure(truck), load)
        for order in measures.waiting:
            self._channel(order.channel)[business.backordered] += 1
            self.cohorts.expect_order(order.order_id, overdue_ms(order, self._routes))
        for before, after in measures.changes:
            self._count_change(before, after)

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
            figures[lateness] += load.lateness
            figures[capacity] += load.capacity

    # --- what warehouses and missing stock changed ------------------------------------------------------------

    def _count_change(self, before: OrderRow, after: OrderRow) -> None:
        """The difference between two rows of an order; shipments that are the same object have not changed."""
        known = {shipment.shipment_id: shipment for shipment in before.shipments}
        packages = 0
        for shipment in after.shipments:
            old = known.pop(shipment.shipment_id)
            if old is shipment or old == shipment:
                continue
            figures = self._pool(shipment.pool)
            if shipment.state == PLANNED:
                figures[self._symptoms.withdrawn] += 1
                continue
            self._count_failures(figures, old, shipment)
            packages += self._count_departure(figures, old, shipment)
        # What is gone from the order was not released yet, and its stock is gone.
        for shipment in known.values():
            self._pool(shipment.pool)[self._symptoms.withdrawn] += 1
        if packages:
            self._count_packages(before, after, packages)

    def _count_failures(self, figures: list[int], old: ShipmentRow, new: ShipmentRow) -> None:
        failed = rejected_before = rejected = risk = 0
        for was, part in zip(old.lines, new.lines, strict=True):
            failed += part.missing - was.missing + part.rejected - was.rejected
            rejected_before += was.rejected
            rejected += part.rejected
            risk += part.at_risk - was.at_risk
        figures[self._business.failed_units] += failed
        if rejected and not rejected_before:
            figures[self._business.rejected_shipments] += 1
        if risk:
            self._add_risk(new.pool, risk)

    def _count_departure(self, figures: list[int], old: ShipmentRow, new: ShipmentRow) -> int:
        """How many packages left by this change, as far as one shipment goes: one, or none."""
        has_left_now = has_left(new) - has_left(old)
        # A truck that has gone is settled: what happens afterwards changes nothing of it.
        departure = self.cohorts.departures.get((new.pool, new.ship_by_ms))
        if departure is not None:
            departure.due += is_due(new) - is_due(old)
            departure.done += has_left_now
        left = max(0, has_left_now)
        figures[self._business.dispatched_shipments] += left
        return left

    def _count_packages(self, before: OrderRow, after: OrderRow, packages: int) -> None:
        known = after.channel in self._channels
        routes = self._routes
        service = after.service if routes is not None and after.service in routes.services else OTHER
        self._business.packages.add((after.channel if known else OTHER, service), packages)
        if not any(map(has_left, before.shipments)):
            self._channel(after.channel)[self._business.shipped_orders] += 1

    # --- taking over, and time --------------------------------------------------------------------------------

    def take_over(self, since_ms: int) -> None:
        """Find in the order book what is still to come, and what was due shortly before."""
        for row in self._network.orders.rows.values():
            last: Departure | None = None
            for shipment in row.shipments:
                if shipment.state != PLANNED:
                    self._add_risk(shipment.pool, sum([part.at_risk for part in shipment.lines]))
                truck = (shipment.pool, shipment.ship_by_ms)
                departure = self.cohorts.departures.get(truck)
                if departure is None:
                    if leaves_ms(*truck, self._routes) < since_ms:
                        continue
                    departure = self._departure(truck)
                departure.due += is_due(shipment)
                departure.done += has_left(shipment)
                if last is None or departure.leaves_ms > last.leaves_ms:
                    last = departure
            if row.closed_at_ms == NEVER_MS and any(open_units(row)):
                due_ms = overdue_ms(row, self._routes)
                if due_ms >= since_ms:
                    self.cohorts.expect_order(row.order_id, due_ms)
            elif last is not None:
                last.orders.append(row.order_id)

    def look(self, as_of_ms: int) -> None:
        """Count what fell due until then; nothing that is still under way to a commit may be in the order book."""
        symptoms = self._symptoms
        for departure in self.cohorts.left(as_of_ms):
            figures = departure.figures
            figures[symptoms.dispatch_due] += departure.due
            figures[symptoms.dispatch_on_time] += departure.done
            figures[symptoms.missed] += departure.due - departure.done
        for name, fill in self.cohorts.filled(self._network.orders).items():
            channel = self._channel(name)
            channel[self._business.units_due] += fill.due
            channel[self._business.units_filled] += min(fill.filled, fill.due)

    # --- rows by name -----------------------------------------------------------------------------------------

    def _departure(self, truck: Truck) -> Departure:
        departure = Departure(leaves_ms(*truck, self._routes), self._pool(truck[0]))
        self.cohorts.expect(truck, departure)
        return departure

    def _channel(self, name: str) -> list[int]:
        """Names that are not in force any more are counted together."""
        return self._channels.get(name) or self._business.channels.row(OTHER)

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
