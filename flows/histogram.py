"""A histogram that takes many equal observations at once: a bundle holds thousands of records of one age."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class WeightedHistogram(Collector):
    """Like `prometheus_client.Histogram`, with `observe(value, count)`, one label at most."""

    def __init__(
        self, name: str, documentation: str, label: str, buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._label = label
        self._bounds = tuple(buckets)
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        self._lock = threading.Lock()
        registry.register(self)

    def observe(self, label_value: str, value: float, count: int = 1) -> None:
        with self._lock:
            counts = self._counts.setdefault(label_value, [0] * (len(self._bounds) + 1))
            counts[bisect_left(self._bounds, value)] += count
            self._sums[label_value] = self._sums.get(label_value, 0.0) + value * count

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self._name, self._documentation, labels=[self._label])
        with self._lock:
            for label_value, counts in self._counts.items():
                family.add_metric([label_value], self._cumulative(counts), self._sums[label_value])
        yield family

    def _cumulative(self, counts: list[int]) -> list[tuple[str, float]]:
        total = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*self._bounds, float("inf")), counts, strict=True):
            total += count
            buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
        return buckets
