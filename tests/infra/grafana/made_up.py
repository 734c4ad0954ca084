"""A router that is made up: it has every figure that is asked of it, and its counters grow at each look."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from flows.metrics import Metrics
from flows.metrics.catalogue import COUNTER, HISTOGRAM, Described

LABELS = {"topic": "orders", "part": "lane", "partition": "0", "type": "order.placed"}
"""What a query names; everything else is called `made up`."""
BUCKET = "0.5"
"""Within the objective, so that it is well."""


def described() -> dict[str, Described]:
    """Every metric that a router has, by its name."""
    return {entry.name: entry for entry in Metrics().book.entries}


class MadeUp(Collector):
    """These metrics, each with one combination of labels."""

    def __init__(self, names: Iterable[str]) -> None:
        known = described()
        self._entries = [known[name] for name in names]
        self._looks = itertools.count(1)

    def collect(self) -> Iterator[Metric]:
        looks = next(self._looks)
        for entry in self._entries:
            labels = [LABELS.get(label, "made up") for label in entry.labels]
            family: CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
            if entry.kind == COUNTER:
                family = CounterMetricFamily(
                    entry.name.removesuffix("_total"), entry.meaning, labels=entry.labels
                )
                family.add_metric(labels, 100 * looks)
            elif entry.kind == HISTOGRAM:
                family = HistogramMetricFamily(entry.name, entry.meaning, labels=entry.labels)
                family.add_metric(labels, [(BUCKET, 100 * looks), ("+Inf", 100 * looks)], sum_value=looks)
            else:
                family = GaugeMetricFamily(entry.name, entry.meaning, labels=entry.labels)
                family.add_metric(labels, time.time() if "timestamp" in entry.name else 1)
            yield family


@contextmanager
def answering(*collectors: Collector) -> Iterator[str]:
    """A process that answers scrapes with these figures until the block ends; its host:port."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
