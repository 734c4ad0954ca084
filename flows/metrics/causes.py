"""Causes: what may be behind a symptom, from the broker's side to this process's own."""

from __future__ import annotations

import gc
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import ProcessCollector

from flows.metrics.catalogue import COUNTER, GAUGE, Catalogue, Table
from operators import bundle as core

COMMIT_SECONDS = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 15)
BUNDLE_RECORDS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
RESTORE_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 12, 30, 60, 300)
REBALANCE_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
GC_SECONDS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)


class Causes:
    """What is behind it?"""

    def __init__(self, book: Catalogue, pools: Table) -> None:
        """`pools`: the table by pool, which the symptoms and business figures share."""
        self._stock(book, pools)
        self._input(book)
        self._bundles(book)
        self._partitions(book)
        self._process(book)
        self._reference(book)

    def _stock(self, book: Catalogue, pools: Table) -> None:
        book.section("Causes: stock feeds")
        # Of two pools with one name the one that is silent matters.
        self.heard = book.pool_gauge(
            "stock_event_timestamp_seconds", min,
            "Kafka's time of the pool's last inventory record that was not ignored; of a pool not heard of since this "
            "process took its partition, the time of that.",
            "Which stock feed has fallen silent?",
        )  # fmt: skip
        (self.ignored,) = book.column(
            pools, "stock_ignored",
            "Counts and movements without an effect, because by the pool's own sequence they stand before the count in "
            "force. What is only said once more is none of them; a few that are late are usual.",
            "Whose sequence has begun anew?",
        )  # fmt: skip
        self.freshness_limit = book.gauge(
            "stock_freshness_limit_seconds", [], "How long a pool may be silent: stock_freshness_limit_ms.",
            "When is a pool's stock out of date?",
        )  # fmt: skip

    def _input(self, book: Catalogue) -> None:
        book.section("Causes: input and the broker")
        self.lag_records = book.gauge(
            "lag_records", ["topic", "partition"], "Input records not yet decided.", "Does it keep up?"
        )
        self.lag_seconds = book.gauge(
            "lag_seconds", ["partition"], "How long the input record that has waited longest has waited at most.",
            "How late is it?",
        )  # fmt: skip
        self.stable_gap = book.gauge(
            "stable_gap_records", ["topic", "partition"],
            "High watermark less last stable offset: records behind a transaction that has not ended.",
            "Does somebody's open transaction keep input back?",
        )  # fmt: skip
        self.gauges_of_waiting = (self.lag_records, self.lag_seconds, self.stable_gap)
        self.broker_errors = book.sums(
            "broker_errors", ["kind"], "Errors that the Kafka client reported, by librdkafka's name.",
            "Is the broker away?",
        )  # fmt: skip
        self.setbacks = book.counter(
            "setbacks", ["remedy"], "Failures that cost a restore, by remedy.", "Do commits fail?"
        )
        self.rebalances = book.counter(
            "rebalances", [], "Assignments by the consumer group.", "Do partitions move about?"
        )
        self.rebalance_seconds = book.histogram(
            "rebalance_seconds", "", REBALANCE_SECONDS,
            "From losing the partitions (or asking for the first ones) to the next assignment.",
            "How long does nobody own them?",
        )  # fmt: skip

    def _bundles(self, book: Catalogue) -> None:
        book.section("Causes: bundles and their commits")
        self.records = book.sums(
            "records", ["topic", "type"], "Input records decided, by topic and event type.", "What comes in?"
        )
        self.duplicates = book.sums(
            "duplicates", [], "Input seen before, without a second effect.", "Does a source repeat itself?"
        )
        self.stale = book.sums(
            "stale", [], "Input overtaken by newer input, without an effect.", "Does a source send late?"
        )
        self.decisions = book.sums(
            "decisions", ["cause", "outcome"], "Decisions about orders, by cause and outcome.",
            "Why does it decide, and how does it end?",
        )  # fmt: skip
        self.published = book.sums("published", ["topic"], "Records committed, by topic.", "What goes out?")
        self.bundle_records = book.histogram(
            "bundle_records", "", BUNDLE_RECORDS, "Input records of one bundle.", "Are bundles full?"
        )
        self.bundle_seconds = book.histogram(
            "bundle_seconds", "", COMMIT_SECONDS, "From the poll to the commit of one bundle.",
            "How long does a bundle take?",
        )  # fmt: skip
        self.decide_seconds = book.histogram(
            "decide_seconds", "", COMMIT_SECONDS, "Deciding one bundle.", "Is it the deciding?"
        )
        self.commit_seconds = book.histogram(
            "commit_seconds", "", COMMIT_SECONDS, "Publishing and committing one bundle.", "Is it the broker?"
        )

    def _partitions(self, book: Catalogue) -> None:
        book.section("Causes: partitions and their memory")
        self.rows = book.partition_gauge("rows", "Rows in memory.", "How much is remembered?")
        self.packed_rows = book.partition_gauge(
            "packed_rows", "Those of which nobody has asked for the SKU since they were restored.",
            "How much memory is still to be taken?",
        )  # fmt: skip
        self.sequence = book.partition_gauge("sequence", "Journal sequence.", "Does it move on?")
        self.state_format = book.partition_gauge(
            "state_format", "Format in which its rows are written.", "Is the upgrade finalised?"
        )
        self.last_commit = book.partition_gauge(
            "last_commit_timestamp_seconds", "When the last bundle was committed; of a partition that has committed "
            "none since this process took it, when it took it.",
            "When did it last move on?",
        )  # fmt: skip
        self.restore_seconds = book.histogram(
            "restore_seconds", "", RESTORE_SECONDS, "From an assignment until the partition decides.",
            "How long does a take-over take?",
        )  # fmt: skip
        self.standby_rows = book.gauge(
            "standby_rows", ["partition"], "Rows in a warm standby's copy.", "Would a take-over be warm?"
        )
        self.standby_lag = book.gauge(
            "standby_lag_records", ["partition"], "Records that a warm standby's copy is behind.",
            "How warm would a take-over be?",
        )  # fmt: skip

    def _process(self, book: Catalogue) -> None:
        book.section("Causes: the process itself")
        self.last_poll = book.gauge(
            "last_poll_timestamp_seconds", [], "When the flow last asked for input; it does so at least every tick_ms.",
            "Does the process hang?",
        )  # fmt: skip
        self.stalls = book.counter(
            "stalls",
            [],
            "Polls that came later than stall_ms after the one before.",
            "Did the flow stand still?",
        )
        self.log_left_out = book.counter(
            "log_left_out_lines", [], "Lines of the log that nobody took or that could not be written.",
            "Does somebody read the log?",
        )  # fmt: skip
        self.gc_seconds = book.histogram(
            "gc_seconds", "", GC_SECONDS, "One collection of garbage.", "Is it the garbage?"
        )
        self.build = book.gauge(
            "build_info", ["version", "python", "core"], "Always 1.", "Which version runs, and in which form?"
        )
        self.build.labels(engine_version(), platform.python_version(), core_form()).set(1)
        _watch_process(book)

    def _reference(self, book: Catalogue) -> None:
        book.section("Causes: the reference in force")
        self.network = book.gauge(
            "network_info", ["network", "currency"], "Always 1, for each network decided here.",
            "In which currency are its costs?",
        )  # fmt: skip
        self.reference_set = book.gauge(
            "reference_set_info", ["network", "set_id"], "1 for the set in force.",
            "What changed in the network, and when?",
        )  # fmt: skip
        self.reference_timestamp = book.gauge(
            "reference_set_timestamp_seconds", ["network"],
            "When the set in force took effect; not known of one that took effect before this process decided.",
            "How old is the reference?",
        )  # fmt: skip
        self.calendars_end = book.gauge(
            "calendars_end_timestamp_seconds", ["network"],
            "When the first calendar of the set in force ends: beyond it no truck leaves, and orders wait.",
            "Until when can orders be routed?",
        )  # fmt: skip
        self.gauges_of_networks = (
            self.network, self.reference_set, self.reference_timestamp, self.calendars_end,
        )  # fmt: skip

    def watch_garbage(self) -> Callable[[], None]:
        """Measure every collection of this process from here on, until the answer is called."""
        started_s = 0.0

        def note(phase: str, _info: dict[str, int]) -> None:
            nonlocal started_s
            if phase == "start":
                started_s = time.perf_counter()
            else:
                self.gc_seconds.observe("", time.perf_counter() - started_s)

        gc.callbacks.append(note)
        return lambda: gc.callbacks.remove(note)


def _watch_process(book: Catalogue) -> None:
    """What the operating system says of this process; names by convention of all Prometheus clients."""
    ProcessCollector(registry=book.registry)
    book.foreign(
        "process_resident_memory_bytes", GAUGE, "Memory of the process that is in the machine's memory.",
        "Does it fit?",
    )  # fmt: skip
    book.foreign(
        "process_cpu_seconds_total", COUNTER, "Processor time of the process.", "Is the processor its limit?"
    )


def core_form() -> str:
    """`compiled` or `source`: what the pure core of this process is made of."""
    return "source" if (core.__file__ or "").endswith(".py") else "compiled"


def engine_version() -> str:
    """The version of this installation."""
    try:
        return version("sluice")
    except PackageNotFoundError:
        return "unknown"
