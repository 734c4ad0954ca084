"""The figures of one partition in the hands of this process: its networks', and what must be looked at now and then."""

from __future__ import annotations

from collections.abc import Mapping

from flows.metrics.business import Business
from flows.metrics.causes import Causes
from flows.metrics.cohorts import overdue_ms
from flows.metrics.network import NetworkFigures
from flows.metrics.symptoms import Symptoms
from flows.metrics.taking_over import TakingOver
from operators.measures import BundleMeasures
from state.network import Network
from state.partition import Partition

SELDOM_MS = 5_000
"""What needs a walk is looked at this often."""

WAITING_ORDERS_AT_ONCE = 20_000
"""Waiting orders that one look walks over; with more, the figure takes several looks."""


class PartitionFigures:
    """Every method is called under the catalogue's lock."""

    def __init__(
        self,
        partition: Partition,
        symptoms: Symptoms,
        causes: Causes,
        business: Business,
        now_ms: int,
        judged_ms: int | None,
    ) -> None:
        """`judged_ms`: up to when somebody has judged what fell due there; None where nobody has said so."""
        self.partition = partition
        self._symptoms = symptoms
        self._causes = causes
        self._business = business
        self._networks: dict[str, NetworkFigures] = {}
        self._looked_at_ms = 0
        self._to_walk: list[tuple[Network, str]] = []
        self._overdue = 0
        # By network: the active pools, and when each was heard of, in seconds.
        self._heard: dict[str, dict[str, float]] = {}
        self.judged_ms = partition.decided_at_ms if judged_ms is None else judged_ms
        self.counted_ms = 0
        self._taking_over: TakingOver | None = TakingOver(
            list(self.networks(now_ms).values()), self.judged_ms
        )
        # What is committed before everything is known that it changes.
        self._held: list[BundleMeasures] = []

    @property
    def is_taking_over(self) -> bool:
        """Whether orders of before are still being looked through."""
        return self._taking_over is not None

    def catch_up(self) -> None:
        """Look through some more orders of before the take-over; at the end count what has happened meanwhile."""
        if self._taking_over is not None and self._taking_over.step():
            self._end_taking_over()

    def _end_taking_over(self) -> None:
        self._taking_over = None
        for measures in self._held:
            for name, noted in measures.networks.items():
                self._networks[name].count(noted)
        self._held.clear()

    def networks(self, now_ms: int, activated_ms: int = 0) -> dict[str, NetworkFigures]:
        """The networks that live here, with the names that are in force; a set may just have been activated."""
        for name, network in self.partition.networks.items():
            figures = self._networks.get(name)
            if figures is None:
                at_risk = self._symptoms.at_risk.of(self.partition.number)
                figures = self._networks[name] = NetworkFigures(
                    network, self._symptoms, self._causes, self._business, at_risk
                )
            if figures.follow_reference():
                self._tell_reference(network, now_ms, activated_ms)
        return self._networks

    def count(self, measures: BundleMeasures, decided_at_ms: int, now_ms: int) -> None:
        """A bundle that is committed."""
        networks = self.networks(now_ms, decided_at_ms)
        for name, noted in measures.networks.items():
            if noted.heard:
                self._hear(name, noted.heard, now_ms)
        if self._taking_over is not None:
            self._held.append(measures)
            return
        for name, noted in measures.networks.items():
            networks[name].count(noted)

    def look(self, as_of_ms: int, now_ms: int) -> None:
        """What fell due; `as_of_ms` is how far input is known.  Now and then also what needs a walk."""
        if self._taking_over is None:
            has_counted = [figures.look(as_of_ms) for figures in self._networks.values()]
            self.judged_ms = max(self.judged_ms, as_of_ms)
            if any(has_counted):
                self.counted_ms = self.judged_ms
        if now_ms - self._looked_at_ms >= SELDOM_MS:
            self._looked_at_ms = now_ms
            self._walk_waiting(now_ms)
            self._tell_capacity(now_ms)

    def stop(self) -> None:
        """Nobody reads on, so what its pools say reaches nobody: that does not make them silent."""
        self._heard.clear()
        self._causes.heard.forget(self.partition.number)

    def forget(self) -> None:
        """The partition is gone; what was committed here stays counted."""
        self._end_taking_over()
        for name in self._networks:
            for gauge in self._causes.gauges_of_networks:
                gauge.remove_by_labels({"network": name})

    def _walk_waiting(self, now_ms: int) -> None:
        if not self._to_walk:
            self._overdue = 0
            self._to_walk = [
                (network, order_id)
                for network in self.partition.networks.values()
                for order_id in network.orders.waiting_orders
            ]
        for network, order_id in self._to_walk[-WAITING_ORDERS_AT_ONCE:]:
            row = network.orders.rows.get(order_id)
            if row is not None and order_id in network.orders.waiting_orders:
                self._overdue += overdue_ms(row, network.catalog.routes) < now_ms
        del self._to_walk[-WAITING_ORDERS_AT_ONCE:]
        if not self._to_walk:
            self._symptoms.overdue_orders.labels(str(self.partition.number)).set(self._overdue)

    def _tell_capacity(self, now_ms: int) -> None:
        used = self._business.capacity_used.of(self.partition.number)
        limit = self._business.capacity_limit.of(self.partition.number)
        used.clear()
        limit.clear()
        for network in self.partition.networks.values():
            routes = network.catalog.routes
            for name, pool in (routes.pools if routes else {}).items():
                if routes and pool.orders_per_day:
                    limit[name] = limit.get(name, 0) + pool.orders_per_day
                    used[name] = used.get(name, 0) + network.slots.get(
                        (name, routes.local_day(name, now_ms)), 0
                    )

    def _tell_reference(self, network: Network, now_ms: int, activated_ms: int) -> None:
        routes = network.catalog.routes
        assert routes is not None
        causes, name = self._causes, network.name
        for gauge in causes.gauges_of_networks:
            gauge.remove_by_labels({"network": name})
        causes.network.labels(name, routes.network.currency).set(1)
        causes.reference_set.labels(name, network.catalog.set_id).set(1)
        causes.calendars_end.labels(name).set(routes.calendars_end_ms() / 1000)
        if activated_ms:
            causes.reference_timestamp.labels(name).set(activated_ms / 1000)
        self._expect_stock(now_ms)

    def _expect_stock(self, now_ms: int) -> None:
        """Every active pool should be heard of; one that never was is silent since now."""
        for name, network in self.partition.networks.items():
            routes, before = network.catalog.routes, self._heard.get(name, {})
            self._heard[name] = {
                pool: before.get(pool, now_ms / 1000)
                for pool, entity in (routes.pools if routes else {}).items()
                if entity.status == "active"
            }
        shown = self._causes.heard.of(self.partition.number)
        shown.clear()
        shown.update({pool: self._last_heard(pool) for pools in self._heard.values() for pool in pools})

    def _hear(self, network: str, stamps_ms: Mapping[str, int], now_ms: int) -> None:
        """A pool that is paused owes nobody a count; a source whose clock is ahead is heard of now."""
        pools, shown = self._heard.get(network, {}), self._causes.heard.of(self.partition.number)
        for pool, stamp_ms in stamps_ms.items():
            if pool in pools:
                pools[pool] = min(stamp_ms, now_ms) / 1000
                shown[pool] = self._last_heard(pool)

    def _last_heard(self, pool: str) -> float:
        """Of several networks' pools of one name the one that is silent matters."""
        return min(pools[pool] for pools in self._heard.values() if pool in pools)
