"""The step of the dataflow that decides: one logic for each partition that this process owns."""

from __future__ import annotations

import time
from collections.abc import Callable

from bytewax.operators import StatefulBatchLogic

from flows.arrivals import arrivals_of
from flows.bundle import Assigned, Bundle, Decided, Item, Revoked
from flows.lease import Lease
from flows.logs.quoting import where_it_failed
from flows.services import Services
from operators.bundle import decide_bundle


class RouteLogic(StatefulBatchLogic[Item, Decided, None]):
    """Calls the pure core.  Recovery is Kafka's: the engine is given no snapshot."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lease: Lease | None = None

    def on_batch(self, values: list[Item]) -> tuple[list[Decided], bool]:
        decided: list[Decided] = []
        for item in values:
            if isinstance(item, Assigned):
                self._lease = item.lease
            elif isinstance(item, Revoked):
                self._lease = None
            elif item.lease is self._lease:
                decided += self._decide(item)
        return decided, self._lease is None

    def _decide(self, bundle: Bundle) -> list[Decided]:
        partition = bundle.lease.partition
        started_s = time.perf_counter()
        arrivals = arrivals_of(bundle.records)
        try:
            outcome = decide_bundle(partition, bundle.records, bundle.positions, bundle.now_ms)
        except Exception as error:
            # A fault of this program: deciding the same records again would end the same way, and skipping
            # them would lose them.
            bundle.lease.stop(f"deciding failed, which is a fault of this program: {where_it_failed(error)}")
            return []
        if not outcome.publications:
            return []
        return [Decided(bundle, outcome, arrivals, time.perf_counter() - started_s)]

    def snapshot(self) -> None:
        return None


def route_builder(services: Services) -> Callable[[None], RouteLogic]:
    """What the engine calls when a partition first appears."""
    return lambda _resumed: RouteLogic(services)
