"""Counts what one network's committed bundles did: orders placed, shipments released, what was done with them."""

from __future__ import annotations

from flows.metrics.business import Business
from flows.metrics.causes import Causes
from flows.metrics.cohorts import Departure, has_left, is_answered, is_due, left_by
from flows.metrics.deliveries import is_complete
from flows.metrics.judging import Judging
from flows.metrics.named_rows import NamedRows
from flows.metrics.symptoms import Symptoms
from operators.measures import Load, Market, NetworkMeasures
from schemas.rows import DELIVERED, PLANNED, OrderRow, ShipmentRow
from state.network import Network
from state.order_units import is_live


class NetworkFigures:
    """One network in the hands of this process; every method is called under the catalogue's lock."""

    def __init__(
        self,
        network: Network,
        symptoms: Symptoms,
        causes: Causes,
        business: Business,
        at_risk: dict[str, float],
    ) -> None:
        self._network = network
        self._symptoms = symptoms
        self._causes = causes
        self._business = business
        self._at_risk = at_risk
        self._rows = NamedRows(symptoms, business)
        self._judging = Judging(self._rows, network.orders, symptoms, business)

    def follow_reference(self) -> bool:
        """Know the names in force, each counted from zero on; whether they have changed."""
        return self._rows.follow(self._network.catalog.routes)

    def count(self, measures: NetworkMeasures) -> None:
        """What one bundle did here; it is committed."""
        rows, judging = self._rows, self._judging
        for (channel, zone), market in measures.markets.items():
            self._count_market(rows.channel(channel), rows.country(zone), market)
        by_truck = judging.departures.by_truck
        for truck, load in measures.loads.items():
            self._count_load(by_truck.get(truck) or judging.departure(truck), load)
        for order in measures.waiting:
            judging.expect_fill(order)
        # An order that loses several items in one bundle loses its place in the pool once.
        withdrawn: set[tuple[str, str]] = set()
        for before, after in measures.changes:
            self._count_change(before, after, withdrawn)
        for pool, _ in withdrawn:
            rows.pool(pool)[self._symptoms.withdrawn] += 1
        for pool, records in measures.ignored.items():
            rows.pool(pool)[self._causes.ignored] += records

    def _count_market(self, channel: list[int], country: list[int], market: Market) -> None:
        business = self._business
        if market.orders:
            channel[business.orders] += market.orders
            channel[business.backordered] += market.without_place
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
            figures = self._rows.pool(shipment.pool)
            figures[self._business.answered_shipments] += is_answered(shipment) - is_answered(old)
            self._count_units(figures, old, shipment)
            packages += self._count_departure(figures, old, shipment)
            if shipment.state == DELIVERED and old.state != DELIVERED:
                for figures, delivery in self._rows.of_delivery(
                    shipment.pool, shipment.carrier, after.channel, after.zone
                ):
                    figures[delivery.told] += 1
        # What is gone from the order was not released yet, and its stock is gone.
        withdrawn.update((shipment.pool, after.order_id) for shipment in known.values())
        if packages:
            self._count_packages(before, after, packages)
        if is_complete(after) and not is_complete(before):
            taken_ms = max(shipment.delivered_at_ms for shipment in after.shipments if is_live(shipment))
            name = self._rows.channel_name(after.channel)
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
        departure = self._judging.departures.by_truck.get((new.pool, new.ship_by_ms))
        if departure is not None:
            departure.due += is_due(new) - is_due(old)
            departure.done += left_by(new, departure.leaves_ms) - left_by(old, departure.leaves_ms)
        left = max(0, has_left(new) - has_left(old))
        figures[self._business.dispatched_shipments] += left
        return left

    def _count_packages(self, before: OrderRow, after: OrderRow, packages: int) -> None:
        rows = self._rows
        self._business.packages.add(
            (rows.channel_name(after.channel), rows.service_name(after.service)), packages
        )
        if not any(map(has_left, before.shipments)):
            rows.channel(after.channel)[self._business.shipped_orders] += 1

    # --- taking over, and time --------------------------------------------------------------------------------

    def orders_now(self) -> list[OrderRow]:
        """All orders as they are now; the list does not follow what is decided later."""
        return list(self._network.orders.rows.values())

    def find(self, row: OrderRow, since_ms: int) -> None:
        """At a take-over: what of this order is at risk, and what is still to come or was due since then."""
        for shipment in row.shipments:
            if shipment.state != PLANNED:
                self._add_risk(shipment.pool, sum([part.at_risk for part in shipment.lines]))
        self._judging.find(row, since_ms)

    def look(self, as_of_ms: int) -> bool:
        """Count what fell due until then, if anything did.

        Nothing that is still under way to a commit may be in the order book.
        """
        return self._judging.look(as_of_ms)

    def _add_risk(self, pool: str, units: int) -> None:
        if units:
            left = self._at_risk.get(pool, 0) + units
            if left > 0:
                self._at_risk[pool] = left
            else:
                self._at_risk.pop(pool, None)
