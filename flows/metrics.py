"""Every metric of the router, with what it means.  Labels are bounded: never an order, an item or a customer.

Counters and durations start at zero in each process; gauges describe the partitions that it owns now.
"""

from __future__ import annotations

import platform
from collections import Counter as Tally
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from flows.bundle import Bundle, Decided
from flows.clock import Clock
from flows.histogram import WeightedHistogram
from operators import bundle as core

COMMIT_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 15)
BUNDLE_RECORDS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
AGE_SECONDS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800)
RESTORE_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 12, 30, 60, 300)


class Metrics:
    """The router's own registry, so that tests and several routers in one process do not meet in a global
    one.
    """

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.records = Counter(
            "sluice_records",
            "Input records decided, by topic and event type.",
            ["topic", "type"],
            registry=registry,
        )
        self.decisions = Counter(
            "sluice_decisions",
            "Decisions about orders, by cause and outcome.",
            ["cause", "outcome"],
            registry=registry,
        )
        self.dead_letters = Counter(
            "sluice_dead_letters", "Input refused with its reason.", ["topic", "reason"], registry=registry
        )
        self.exceptions = Counter(
            "sluice_exceptions", "Things that a person must look at, by kind.", ["kind"], registry=registry
        )
        self.duplicates = Counter(
            "sluice_duplicates", "Input seen before, without a second effect.", registry=registry
        )
        self.stale = Counter(
            "sluice_stale", "Input overtaken by newer input, without an effect.", registry=registry
        )
        self.published = Counter(
            "sluice_published", "Records committed, by topic.", ["topic"], registry=registry
        )
        self.bundle_records = Histogram(
            "sluice_bundle_records", "Input records of one bundle.", buckets=BUNDLE_RECORDS, registry=registry
        )
        self.bundle_seconds = Histogram(
            "sluice_bundle_seconds", "From the poll to the commit of one bundle.",
            buckets=COMMIT_SECONDS, registry=registry,
        )  # fmt: skip
        self.decide_seconds = Histogram(
            "sluice_decide_seconds", "Deciding one bundle.", buckets=COMMIT_SECONDS, registry=registry
        )
        self.commit_seconds = Histogram(
            "sluice_commit_seconds", "Publishing and committing one bundle.",
            buckets=COMMIT_SECONDS, registry=registry,
        )  # fmt: skip
        self.decision_age = WeightedHistogram(
            "sluice_decision_age_seconds", "From an input's Kafka time stamp to the commit, by topic.",
            "topic", AGE_SECONDS, registry,
        )  # fmt: skip
        self.lag_records = Gauge(
            "sluice_lag_records", "Input records not yet decided.", ["topic", "partition"], registry=registry
        )
        self.lag_seconds = Gauge(
            "sluice_lag_seconds", "Age of the last decided record while more wait, else 0.",
            ["partition"], registry=registry,
        )  # fmt: skip
        self.restore_seconds = Histogram(
            "sluice_restore_seconds", "From an assignment until the partition decides.",
            buckets=RESTORE_SECONDS, registry=registry,
        )  # fmt: skip
        self.rows = Gauge("sluice_rows", "Rows in memory.", ["partition"], registry=registry)
        self.waiting_orders = Gauge(
            "sluice_waiting_orders",
            "Orders with units that wait for stock.",
            ["partition"],
            registry=registry,
        )
        self.sequence = Gauge("sluice_sequence", "Journal sequence.", ["partition"], registry=registry)
        self.last_commit = Gauge(
            "sluice_last_commit_timestamp_seconds", "When the last bundle was committed.",
            ["partition"], registry=registry,
        )  # fmt: skip
        self.setbacks = Counter(
            "sluice_setbacks", "Failures that cost a restore, by remedy.", ["remedy"], registry=registry
        )
        self.stopped = Gauge(
            "sluice_partition_stopped", "1 while a person must mend the partition.",
            ["partition"], registry=registry,
        )  # fmt: skip
        self.build = Gauge("sluice_build_info", "Always 1.", ["version", "python", "core"], registry=registry)
        self.build.labels(engine_version(), platform.python_version(), core_form()).set(1)

    def committed(self, decided: Decided, commit_s: float, bundle_s: float, clock: Clock) -> None:
        """One bundle is on the topics."""
        bundle, outcome = decided.bundle, decided.outcome
        partition = str(bundle.lease.number)
        self.bundle_records.observe(sum(len(records) for records in bundle.records.values()))
        self.decide_seconds.observe(decided.decided_in_s)
        self.commit_seconds.observe(commit_s)
        self.bundle_seconds.observe(bundle_s)
        for topic, count in Tally([publication[0] for publication in outcome.publications]).items():
            self.published.labels(topic).inc(count)
        self._count(decided)
        now_ms = clock.wall_ms()
        self._observe_ages(bundle, now_ms)
        self.last_commit.labels(partition).set(now_ms / 1000)
        if outcome.journal is not None:
            # Not the partition's own: the next bundle may be decided already.
            self.sequence.labels(partition).set(outcome.journal.sequence)

    def _count(self, decided: Decided) -> None:
        measures = decided.outcome.measures
        for (topic, kind), count in measures.received.items():
            self.records.labels(topic, kind).inc(count)
        for (cause, outcome), count in measures.decisions.items():
            self.decisions.labels(cause, outcome).inc(count)
        for (topic, reason), count in measures.dead_letters.items():
            self.dead_letters.labels(topic, reason).inc(count)
        for kind, count in measures.exceptions.items():
            self.exceptions.labels(kind).inc(count)
        self.duplicates.inc(measures.duplicates)
        self.stale.inc(measures.stale)
        partition = decided.bundle.lease.partition
        self.rows.labels(str(partition.number)).set(partition.row_count)
        self.waiting_orders.labels(str(partition.number)).set(partition.waiting_count)

    def _observe_ages(self, bundle: Bundle, now_ms: int) -> None:
        # The broker stamps whole batches, so a thousand records have a few time stamps only.
        for topic, records in bundle.records.items():
            for stamp_ms, count in Tally([record.timestamp_ms for record in records]).items():
                self.decision_age.observe(topic, max(0, now_ms - stamp_ms) / 1000, count)

    def lag(self, partition: int, topic: str, records: int) -> None:
        """How far the end of an input is away."""
        self.lag_records.labels(topic, str(partition)).set(records)

    def lag_age(self, partition: int, seconds: float) -> None:
        """How old what is being decided is."""
        self.lag_seconds.labels(str(partition)).set(seconds)

    def partition_restored(self, partition: int, seconds: float, rows: int) -> None:
        """A partition decides from now on."""
        self.restore_seconds.observe(seconds)
        self.rows.labels(str(partition)).set(rows)
        self.stopped.labels(str(partition)).set(0)

    def partition_stopped(self, partition: int) -> None:
        """A partition waits for a person."""
        self.stopped.labels(str(partition)).set(1)

    def partition_gone(self, partition: int, topics: tuple[str, ...]) -> None:
        """Another process has it now: a gauge that stood still would look like a partition that stands
        still.
        """
        number = str(partition)
        for gauge in (
            self.rows, self.waiting_orders, self.sequence, self.last_commit, self.stopped, self.lag_seconds,
        ):  # fmt: skip
            gauge.remove_by_labels({"partition": number})
        for topic in topics:
            self.lag_records.remove_by_labels({"topic": topic, "partition": number})


def core_form() -> str:
    """`compiled` or `source`: what the pure core of this process is made of."""
    return "source" if (core.__file__ or "").endswith(".py") else "compiled"


def engine_version() -> str:
    """The version of this installation."""
    try:
        return version("sluice")
    except PackageNotFoundError:
        return "unknown"
