"""Where every metric is declared: its name, what it means and which question it answers, once for code and page.

Two kinds of families live here.  What changes seldom is a plain Prometheus counter or gauge.  What every bundle changes
is kept in plain numbers (`Sums`, `Table`) under one lock for all of them, because a Prometheus counter costs half a
microsecond for each label at each turn, and an order may cost one microsecond in all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flows.metrics.histogram import WeightedHistogram

PREFIX = "sluice_"

COUNTER = "counter"
GAUGE = "gauge"
HISTOGRAM = "histogram"

OTHER = "other"
"""Stands for every label value that the reference does not know, or that there is no room for."""

LABEL_VALUES_MAX = 4_000
"""Rows of a table: twice the pools that a network may have.  What comes later is counted under `other`."""


class Described(Struct, frozen=True):
    """One metric as a person reads of it; `name` is as Prometheus shows it."""

    section: str
    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str
    answers: str


class Sums(Collector):
    """A counter of plain numbers by label values; written under the catalogue's lock."""

    def __init__(self, name: str, labels: Sequence[str], meaning: str, lock: threading.RLock) -> None:
        self._name = name
        self._labels = tuple(labels)
        self._meaning = meaning
        self._lock = lock
        self.values: dict[tuple[str, ...], float] = {} if labels else {(): 0}

    def add(self, labels: tuple[str, ...], amount: float) -> None:
        """Count more of it; the caller holds the lock."""
        known = self.values.get(labels)
        if known is None and len(self.values) >= LABEL_VALUES_MAX:
            labels = (OTHER,) * len(self._labels)
            known = self.values.get(labels)
        self.values[labels] = (known or 0) + amount

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        with self._lock:
            values = list(self.values.items())
        for labels, value in values:
            family.add_metric(labels, value)
        yield family


class PartitionGauge(Collector):
    """A gauge of partitions that every bundle sets: a plain number for each."""

    def __init__(self, name: str, meaning: str) -> None:
        self._name = name
        self._meaning = meaning
        self.values: dict[int, float] = {}

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(self._name, self._meaning, labels=("partition",))
        for partition, value in sorted(self.values.copy().items()):
            family.add_metric((str(partition),), value)
        yield family


class Column(Struct, frozen=True):
    """One figure of a table's rows; `more` are the labels beside the row's own; the figure is divided by `scale`."""

    name: str
    meaning: str
    more: tuple[tuple[str, str], ...] = ()
    scale: int = 1


class Table(Collector):
    """Counters of the same things: a row of plain numbers for each pool, or each channel; starts with zeros."""

    def __init__(self, label: str, lock: threading.RLock) -> None:
        self.label = label
        self._lock = lock
        self._columns: list[Column] = []
        self.rows: dict[str, list[int]] = {}

    def declare(self, column: Column) -> int:
        """Where the new figure stands in every row."""
        self._columns.append(column)
        return len(self._columns) - 1

    def row(self, value: str) -> list[int]:
        """The row of this label value, made when it is first asked for; the caller holds the lock."""
        row = self.rows.get(value)
        if row is None:
            if len(self.rows) >= LABEL_VALUES_MAX and value != OTHER:
                return self.row(OTHER)
            row = self.rows[value] = [0] * len(self._columns)
        return row

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            rows = [(value, list(row)) for value, row in self.rows.items()]
        families: dict[str, CounterMetricFamily] = {}
        for at, column in enumerate(self._columns):
            family = families.get(column.name)
            if family is None:
                names = (self.label, *(name for name, _ in column.more))
                family = families[column.name] = CounterMetricFamily(
                    column.name, column.meaning, labels=names
                )
            more = tuple(value for _, value in column.more)
            for value, row in rows:
                family.add_metric((value, *more), row[at] / column.scale)
        yield from families.values()


class PoolGauges(Collector):
    """A gauge of pools, kept by partition: it vanishes with the partition on which the pool's network lives.

    Two networks may have a pool of the same name on two partitions; `combine` makes one figure of theirs.
    """

    def __init__(
        self, name: str, meaning: str, combine: Callable[[float, float], float], lock: threading.RLock
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._combine = combine
        self._lock = lock
        self._partitions: dict[int, dict[str, float]] = {}

    def of(self, partition: int) -> dict[str, float]:
        """The figures of the partition's pools, to be written; the caller holds the lock."""
        return self._partitions.setdefault(partition, {})

    def forget(self, partition: int) -> None:
        """The partition is gone; the caller holds the lock."""
        self._partitions.pop(partition, None)

    def collect(self) -> Iterator[Metric]:
        together: dict[str, float] = {}
        with self._lock:
            for pools in self._partitions.values():
                for pool, value in pools.items():
                    together[pool] = self._combine(together[pool], value) if pool in together else value
        family = GaugeMetricFamily(self._name, self._meaning, labels=("pool",))
        for pool, value in together.items():
            family.add_metric((pool,), value)
        yield family


class Catalogue:
    """Declares metrics in the order in which a person should read of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.lock = threading.RLock()
        self.entries: list[Described] = []
        self.gauges_of_partitions: list[Gauge] = []
        self.numbers_of_partitions: list[PartitionGauge] = []
        self.gauges_of_pools: list[PoolGauges] = []
        self._section = ""

    def section(self, title: str) -> None:
        """What is declared from here on belongs under this title."""
        self._section = title

    def counter(self, name: str, labels: Sequence[str], meaning: str, answers: str) -> Counter:
        """For what happens a few times a minute."""
        self._describe(name + "_total", COUNTER, labels, meaning, answers)
        return Counter(PREFIX + name, meaning, labels, registry=self.registry)

    def gauge(self, name: str, labels: Sequence[str], meaning: str, answers: str) -> Gauge:
        """For what is so now; one with a partition label vanishes with the partition."""
        self._describe(name, GAUGE, labels, meaning, answers)
        gauge = Gauge(PREFIX + name, meaning, labels, registry=self.registry)
        if "partition" in labels:
            self.gauges_of_partitions.append(gauge)
        return gauge

    def partition_gauge(self, name: str, meaning: str, answers: str) -> PartitionGauge:
        """For what every bundle says of its partition; it vanishes with it."""
        self._describe(name, GAUGE, ("partition",), meaning, answers)
        gauge = PartitionGauge(PREFIX + name, meaning)
        self.numbers_of_partitions.append(gauge)
        self.registry.register(gauge)
        return gauge

    def sums(self, name: str, labels: Sequence[str], meaning: str, answers: str) -> Sums:
        """For what every bundle counts."""
        self._describe(name + "_total", COUNTER, labels, meaning, answers)
        sums = Sums(PREFIX + name, labels, meaning, self.lock)
        self.registry.register(sums)
        return sums

    def histogram(
        self, name: str, label: str, bounds: Sequence[float], meaning: str, answers: str
    ) -> WeightedHistogram:
        """For durations and sizes; one label, or none when it is empty."""
        self._describe(name, HISTOGRAM, (label,) if label else (), meaning, answers)
        return WeightedHistogram(PREFIX + name, meaning, label, bounds, self.registry)

    def table(self, label: str) -> Table:
        """For many counters of each pool, or of each channel; its columns follow."""
        table = Table(label, self.lock)
        self.registry.register(table)
        return table

    def column(
        self,
        table: Table,
        name: str,
        meaning: str,
        answers: str,
        more: tuple[str, Sequence[str]] | None = None,
        scale: int = 1,
    ) -> list[int]:
        """Where the new counters stand in the table's rows: one, or one for each value of the label `more`."""
        labels = (table.label, more[0]) if more else (table.label,)
        self._describe(name + "_total", COUNTER, labels, meaning, answers)
        if more is None:
            return [table.declare(Column(PREFIX + name, meaning, (), scale))]
        label, values = more
        return [table.declare(Column(PREFIX + name, meaning, ((label, value),), scale)) for value in values]

    def pool_gauge(
        self, name: str, combine: Callable[[float, float], float], meaning: str, answers: str
    ) -> PoolGauges:
        """For what is so now in each pool."""
        self._describe(name, GAUGE, ("pool",), meaning, answers)
        gauges = PoolGauges(PREFIX + name, meaning, combine, self.lock)
        self.gauges_of_pools.append(gauges)
        self.registry.register(gauges)
        return gauges

    def foreign(self, name: str, kind: str, meaning: str, answers: str) -> None:
        """Say of a metric that a library counts what it answers."""
        self.entries.append(Described(self._section, name, kind, (), meaning, answers))

    def _describe(self, name: str, kind: str, labels: Sequence[str], meaning: str, answers: str) -> None:
        self.entries.append(Described(self._section, PREFIX + name, kind, tuple(labels), meaning, answers))
