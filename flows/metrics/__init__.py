"""Every metric of the router: symptoms, then causes, then business.  docs/metrics.md lists them all, from this code.

Counters and durations start at zero in each process; gauges describe the partitions that it owns now.  Labels are
bounded: never an order, an item or a customer.  A new figure is declared in `symptoms`, `causes` or `business`, beside
its like, with the question that it answers.  Nothing is counted before its bundle is committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from msgspec import Struct
from prometheus_client import CollectorRegistry

from flows.arrivals import Arrivals, record_count
from flows.config import RouterConfig
from flows.metrics.business import Business
from flows.metrics.catalogue import Catalogue
from flows.metrics.causes import Causes, core_form, engine_version
from flows.metrics.partition import PartitionFigures
from flows.metrics.symptoms import Symptoms
from operators.bundle import Outcome
from operators.measures import BundleMeasures
from schemas.codec import TOPIC_OF_TYPE
from schemas.journal import JournalEntry
from state.partition import Partition

__all__ = ["Metrics", "Spent", "core_form", "engine_version"]


DEFAULTS = RouterConfig()


class Spent(Struct, frozen=True):
    """Seconds that a bundle took: deciding it, publishing and committing it, and from its poll to the commit."""

    decide_s: float
    commit_s: float
    bundle_s: float


class Committed(Struct, frozen=True):
    """One bundle that is on the topics, not counted yet: of its outcome only what is counted."""

    partition: Partition
    arrivals: Arrivals
    published: Mapping[str, int]
    measures: BundleMeasures
    journal: JournalEntry | None
    spent: Spent
    now_ms: int


class Metrics:
    """The router's own registry, so that tests and several routers in one process do not meet in a global one.

    What a bundle did is laid aside when it is committed, and counted with that of others once a second, on the flow's
    own thread: bundle by bundle, each would find the counters gone from the processor's cache, and wait for them
    longer than adding up takes.
    """

    def __init__(self, config: RouterConfig = DEFAULTS) -> None:
        self.registry = CollectorRegistry()
        self.book = Catalogue(self.registry)
        self.symptoms = Symptoms(self.book, config.dispatch_told_grace_ms, config.delivery_scan_grace_ms)
        self.causes = Causes(self.book, self.symptoms.pools)
        self.business = Business(self.book, self.symptoms)
        self._partitions: dict[int, PartitionFigures] = {}
        # Of partitions that this process had before: up to when it judged there.
        self._left_ms: dict[int, int] = {}
        self._committed: deque[Committed] = deque()

    # --- bundles ----------------------------------------------------------------------------------------------

    def committed(
        self, partition: Partition, arrivals: Arrivals, outcome: Outcome, spent: Spent, now_ms: int
    ) -> None:
        """One bundle is on the topics; may be called beside the flow."""
        self._committed.append(
            Committed(
                partition, arrivals, outcome.published, outcome.measures, outcome.journal, spent, now_ms
            )
        )

    def add_up(self) -> None:
        """Count what was committed since the last time."""
        with self.book.lock:
            while self._committed:
                self._count(self._committed.popleft())

    def _count(self, bundle: Committed) -> None:
        causes, spent, journal, number = self.causes, bundle.spent, bundle.journal, bundle.partition.number
        causes.bundle_records.observe("", record_count(bundle.arrivals))
        causes.decide_seconds.observe("", spent.decide_s)
        causes.commit_seconds.observe("", spent.commit_s)
        causes.bundle_seconds.observe("", spent.bundle_s)
        for topic, stamps in bundle.arrivals.items():
            for stamp_ms, count in stamps.items():
                self.symptoms.decision_age.observe(topic, max(0, bundle.now_ms - stamp_ms) / 1000, count)
        for topic, count in bundle.published.items():
            causes.published.add((topic,), count)
        self._count_measures(bundle.measures)
        figures = self._partitions.get(number)
        if figures is None or figures.partition is not bundle.partition:
            return  # It changed hands while the commit was under way.
        # The journal's, not the partition's own: the next bundle may be decided already.
        if journal is not None:
            figures.count(bundle.measures, journal.decided_at_ms, bundle.now_ms)
            causes.sequence.values[number] = journal.sequence
            causes.state_format.values[number] = journal.format
        causes.rows.values[number] = bundle.partition.row_count
        causes.packed_rows.values[number] = bundle.partition.packed_count
        self.symptoms.waiting_orders.values[number] = bundle.partition.waiting_count
        causes.last_commit.values[number] = bundle.now_ms / 1000

    def _count_measures(self, measures: BundleMeasures) -> None:
        causes, symptoms = self.causes, self.symptoms
        for event_type, count in measures.received.items():
            causes.records.add((TOPIC_OF_TYPE[event_type], event_type), count)
        for what, count in measures.decisions.items():
            causes.decisions.add(what, count)
        for what, count in measures.dead_letters.items():
            symptoms.dead_letters.add(what, count)
        for kind, count in measures.exceptions.items():
            symptoms.exceptions.add((kind,), count)
        if measures.duplicates:
            causes.duplicates.add((), measures.duplicates)
        if measures.stale:
            causes.stale.add((), measures.stale)

    # --- partitions -------------------------------------------------------------------------------------------

    def partition_owned(self, partition: int) -> None:
        """A partition was given to this process, which prepares to decide."""
        self.symptoms.live.labels(str(partition)).set(0)

    def partition_restored(
        self, partition: Partition, seconds: float, now_ms: int, judged_ms: int | None = None
    ) -> None:
        """A partition decides from now on: its next bundle is the first that is not in its rows.

        `judged_ms`: up to when whoever had it before has judged what fell due, as far as that was committed.
        """
        number = str(partition.number)
        self.causes.restore_seconds.observe("", seconds)
        self.causes.rows.values[partition.number] = partition.row_count
        self.causes.packed_rows.values[partition.number] = partition.packed_count
        self.causes.state_format.values[partition.number] = partition.format
        self.causes.last_commit.values[partition.number] = now_ms / 1000
        self.symptoms.waiting_orders.values[partition.number] = partition.waiting_count
        self.symptoms.stopped.labels(number).set(0)
        self.add_up()
        with self.book.lock:
            self._partitions[partition.number] = PartitionFigures(
                partition, self.symptoms, self.causes, self.business, now_ms,
                # What this process has judged beyond what it committed is in its own counters all the same.
                max(judged_ms or 0, self._left_ms.get(partition.number, 0)) or None,
            )  # fmt: skip
        self.symptoms.live.labels(number).set(1)

    def partition_stopped(self, partition: int) -> None:
        """A partition waits for a person: nobody looks any more at what waits for it."""
        self.symptoms.stopped.labels(str(partition)).set(1)
        self.symptoms.live.labels(str(partition)).set(0)
        for gauge in self.causes.gauges_of_waiting:
            gauge.remove_by_labels({"partition": str(partition)})
        with self.book.lock:
            figures = self._partitions.get(partition)
            if figures is not None:
                figures.stop()

    def partition_gone(self, partition: int) -> None:
        """Another process has it now: a gauge that stood still would look like a partition that stands still."""
        self.add_up()
        for gauge in self.book.gauges_of_partitions:
            gauge.remove_by_labels({"partition": str(partition)})
        for numbers in self.book.numbers_of_partitions:
            numbers.values.pop(partition, None)
        with self.book.lock:
            figures = self._partitions.pop(partition, None)
            if figures is not None:
                self._left_ms[partition] = figures.judged_ms
                figures.forget()
            for pools in self.book.gauges_of_pools:
                pools.forget(partition)

    @property
    def is_taking_over(self) -> bool:
        """Whether orders of before a take-over are still being looked through."""
        return any(figures.is_taking_over for figures in self._partitions.values())

    def catch_up(self) -> None:
        """Look through some of the orders that were there before a take-over; next to nothing when there are none."""
        for figures in self._partitions.values():
            if figures.is_taking_over:
                with self.book.lock:
                    figures.catch_up()

    def look(self, partition: int, as_of_ms: int, now_ms: int) -> None:
        """Time passes; nothing of the partition may be under way to a commit.  Input is known up to `as_of_ms`."""
        self.add_up()
        with self.book.lock:
            figures = self._partitions.get(partition)
            if figures is not None:
                figures.look(as_of_ms, now_ms)

    def judged_ms(self, partition: int) -> int | None:
        """Up to when what fell due there is judged: whoever takes the partition over goes on from there."""
        figures = self._partitions.get(partition)
        return None if figures is None else figures.judged_ms

    def counted_ms(self, partition: int) -> int:
        """Up to when it was judged when anything was counted there for the last time by a look of this process."""
        figures = self._partitions.get(partition)
        return 0 if figures is None else figures.counted_ms

    def lag(self, partition: int, topic: str, records: int) -> None:
        """How far the end of an input is away."""
        self.causes.lag_records.labels(topic, str(partition)).set(records)

    def lag_age(self, partition: int, seconds: float) -> None:
        """How long what has waited longest has waited at most."""
        self.causes.lag_seconds.labels(str(partition)).set(seconds)

    def stable_gap(self, partition: int, topic: str, records: int) -> None:
        """What stands behind a transaction that has not ended."""
        self.causes.stable_gap.labels(topic, str(partition)).set(records)

    # --- the process ------------------------------------------------------------------------------------------

    def configured(self, stock_freshness_limit_ms: int, partitions: int) -> None:
        """What every process says alike."""
        self.causes.freshness_limit.set(stock_freshness_limit_ms / 1000)
        self.symptoms.partitions.set(partitions)

    def rebalanced(self, seconds: float) -> None:
        """The consumer group gave partitions, so long after it took the ones before."""
        self.causes.rebalances.inc()
        self.causes.rebalance_seconds.observe("", seconds)

    def broker_errors(self, counts: Mapping[str, int]) -> None:
        """What the Kafka client has reported since the process started, by librdkafka's name."""
        with self.book.lock:
            for kind, count in counts.items():
                self.causes.broker_errors.values[kind,] = count
