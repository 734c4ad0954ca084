"""A histogram that takes many equal observations at once: a bundle holds thousands of records of one age."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class WeightedHistogram(Collector):
    """Like `prometheus_client.Histogram`, with `observe(label value, value, count)`; one label, or none.

    Three times as fast, and it may be told of something in the middle of being read: the garbage collector reports
    itself from wherever it happens to run.
    """

    def __init__(
        self, name: str, documentation: str, label: str, buckets: Sequence[float], registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._documentation = documentation
        self._labels = [label] if label else []
        self._bounds = tuple(buckets)
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        self._lock = threading.RLock()
        if not label:
            self.begin("")
        registry.register(self)

    def begin(self, label_value: str) -> None:
        """Show a label value before its first observation: what is seen first has no increase."""
        with self._lock:
            self._counts.setdefault(label_value, [0] * (len(self._bounds) + 1))
            self._sums.setdefault(label_value, 0.0)

    def observe(self, label_value: str, value: float, count: int = 1) -> None:
        """Note `count` observations of `value`; the label value is empty where there is no label."""
        with self._lock:
            counts = self._counts.get(label_value)
            if counts is None:
                self.begin(label_value)
                counts = self._counts[label_value]
            counts[bisect_left(self._bounds, value)] += count
            self._sums[label_value] += value * count

    def collect(self) -> Iterator[HistogramMetricFamily]:
        family = HistogramMetricFamily(self._name, self._documentation, labels=self._labels)
        with self._lock:
            for label_value, counts in list(self._counts.items()):
                values = [label_value] if self._labels else []
                family.add_metric(values, self._cumulative(counts), self._sums[label_value])
        yield family

    def _cumulative(self, counts: list[int]) -> list[tuple[str, float]]:
        total = 0
        buckets: list[tuple[str, float]] = []
        for bound, count in zip((*self._bounds, float("inf")), counts, strict=True):
            total += count
            buckets.append(("+Inf" if bound == float("inf") else str(bound), total))
        return buckets
