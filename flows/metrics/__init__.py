"""Every metric of the router: symptoms, then causes, then business.  docs/metrics.md lists them all, from this code.

Counters and durations start at zero in each process; gauges describe the partitions that it owns now.  Labels are
bounded: never an order, an item or a customer.  A new figure is declared in `symptoms`, `causes` or `business`, beside
its like, with the question that it answers.
"""

from __future__ import annotations

from collections import Counter as Tally

from prometheus_client import CollectorRegistry

from flows.bundle import Bundle, Decided
from flows.clock import Clock
from flows.metrics.business import Business
from flows.metrics.catalogue import Catalogue
from flows.metrics.causes import Causes, core_form, engine_version
from flows.metrics.symptoms import Symptoms

__all__ = ["Metrics", "core_form", "engine_version"]


class Metrics:
    """The router's own registry, so that tests and several routers in one process do not meet in a global one."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.book = Catalogue(self.registry)
        self.pools = self.book.table("pool")
        self.symptoms = Symptoms(self.book, self.pools)
        self.causes = Causes(self.book, self.pools)
        self.business = Business(self.book, self.pools)

    def committed(self, decided: Decided, commit_s: float, bundle_s: float, clock: Clock) -> None:
        """One bundle is on the topics."""
        bundle, outcome = decided.bundle, decided.outcome
        causes = self.causes
        causes.bundle_records.observe("", sum(map(len, bundle.records.values())))
        causes.decide_seconds.observe("", decided.decided_in_s)
        causes.commit_seconds.observe("", commit_s)
        causes.bundle_seconds.observe("", bundle_s)
        now_ms = clock.wall_ms()
        self._observe_ages(bundle, now_ms)
        with self.book.lock:
            for topic, count in Tally([publication[0] for publication in outcome.publications]).items():
                causes.published.add((topic,), count)
            self._count(decided)
        partition = bundle.lease.partition
        number = str(partition.number)
        causes.rows.labels(number).set(partition.row_count)
        self.symptoms.waiting_orders.labels(number).set(partition.waiting_count)
        causes.last_commit.labels(number).set(now_ms / 1000)
        if outcome.journal is not None:
            # Not the partition's own: the next bundle may be decided already.
            causes.sequence.labels(number).set(outcome.journal.sequence)

    def _count(self, decided: Decided) -> None:
        measures = decided.outcome.measures
        causes, symptoms = self.causes, self.symptoms
        for what, count in measures.received.items():
            causes.records.add(what, count)
        for what, count in measures.decisions.items():
            causes.decisions.add(what, count)
        for what, count in measures.dead_letters.items():
            symptoms.dead_letters.add(what, count)
        for kind, count in measures.exceptions.items():
            symptoms.exceptions.add((kind,), count)
        causes.duplicates.add((), measures.duplicates)
        causes.stale.add((), measures.stale)

    def _observe_ages(self, bundle: Bundle, now_ms: int) -> None:
        # The broker stamps whole batches, so a thousand records have a few time stamps only.
        for topic, records in bundle.records.items():
            for stamp_ms, count in Tally([record.timestamp_ms for record in records]).items():
                self.symptoms.decision_age.observe(topic, max(0, now_ms - stamp_ms) / 1000, count)

    def lag(self, partition: int, topic: str, records: int) -> None:
        """How far the end of an input is away."""
        self.causes.lag_records.labels(topic, str(partition)).set(records)

    def lag_age(self, partition: int, seconds: float) -> None:
        """How old what is being decided is."""
        self.causes.lag_seconds.labels(str(partition)).set(seconds)

    def partition_restored(self, partition: int, seconds: float, rows: int) -> None:
        """A partition decides from now on."""
        number = str(partition)
        self.causes.restore_seconds.observe("", seconds)
        self.causes.rows.labels(number).set(rows)
        self.symptoms.stopped.labels(number).set(0)
        self.symptoms.live.labels(number).set(1)

    def partition_stopped(self, partition: int) -> None:
        """A partition waits for a person."""
        self.symptoms.stopped.labels(str(partition)).set(1)
        self.symptoms.live.labels(str(partition)).set(0)

    def partition_gone(self, partition: int) -> None:
        """Another process has it now: a gauge that stood still would look like a partition that stands still."""
        for gauge in self.book.gauges_of_partitions:
            gauge.remove_by_labels({"partition": str(partition)})
