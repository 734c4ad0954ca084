"""The pure core on the workload, in process: no Kafka, no engine, no files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from statistics import median

from msgspec import Struct

from bench.workload import Size, Workload
from cli.decide.offline import reference_set
from flows import collector
from operators.bundle import Outcome, Publication, decide_bundle
from schemas.kinds import INVENTORY, ORDERS, REFERENCE, STATE_TOPICS
from schemas.records import Record
from schemas.times import to_ms
from state.partition import Partition

STARTS = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOW_MS = to_ms(STARTS)
LOAD_RECORDS = 5_000


class Bench:
    """A partition with reference and stock in place, made anew for each run from its own rows."""

    def __init__(self, size: Size, orders: int, bundle_records: int) -> None:
        workload = Workload(size, STARTS)
        self._positions: dict[str, int] = {}
        self._rows: list[Publication] = []
        self._load(workload)
        first = list(islice(workload.orders(), orders))
        self.order_count = len(first)
        self.bundles = [
            [Record(ORDERS, at + offset, NOW_MS, None, value) for offset, value in enumerate(part)]
            for at, part in _parts(first, bundle_records)
        ]

    def _load(self, workload: Workload) -> None:
        partition = Partition(0, 1)
        stated = reference_set(workload.network(), NOW_MS)
        for topic, values in ((REFERENCE, stated), (INVENTORY, list(workload.counts()))):
            for at, part in _parts(values, LOAD_RECORDS):
                records = [
                    Record(topic, at + offset, NOW_MS, None, value) for offset, value in enumerate(part)
                ]
                self._positions[topic] = at + len(part)
                outcome = decide_bundle(partition, {topic: records}, dict(self._positions), NOW_MS)
                self._rows += [each for each in outcome.publications if each[0] in STATE_TOPICS]

    def partition(self) -> Partition:
        """As a router has it that every SKU was asked of, rows frozen as the router freezes them."""
        partition = Partition(0, 1)
        for _, key, value, _ in self._rows:
            assert key is not None
            partition.restore_row(key, value)
        partition.finish_restore()
        for network in partition.networks.values():
            network.ledger.unpack_all()
        collector.take_charge()
        collector.everything()
        return partition

    def decide_all(self, partition: Partition) -> Iterator[Outcome]:
        """Every order, bundle by bundle."""
        position = 0
        for records in self.bundles:
            position += len(records)
            positions = {**self._positions, ORDERS: position}
            yield decide_bundle(partition, {ORDERS: records}, positions, NOW_MS)
            collector.after_bundle()


class Speed(Struct, frozen=True):
    """One variant of the core alone.

    `undisturbed_us` adds up the least that each bundle took in any run: what a quiet machine would show.
    """

    pools: int
    bundle_records: int
    orders: int
    microseconds_per_order: float
    undisturbed_us: float

    @property
    def orders_per_second(self) -> float:
        return 1e6 / self.microseconds_per_order


def measure(bench: Bench, size: Size, bundle_records: int, runs: int) -> Speed:
    """The median of several runs, each on a fresh partition."""
    each_run_us = [bundle_times_us(bench) for _ in range(runs)]
    return Speed(
        size.pool_count,
        bundle_records,
        bench.order_count,
        median(map(sum, each_run_us)) / bench.order_count,
        sum(map(min, zip(*each_run_us, strict=True))) / bench.order_count,
    )


def bundle_times_us(bench: Bench) -> list[float]:
    """Microseconds of processor time of each bundle of one run.

    The core waits for nothing, so on a quiet machine this is the wall clock; a busy one shows less of its own noise.
    """
    times_us: list[float] = []
    outcomes = bench.decide_all(bench.partition())
    started_ns = time.process_time_ns()
    for _outcome in outcomes:
        ended_ns = time.process_time_ns()
        times_us.append((ended_ns - started_ns) / 1_000)
        started_ns = ended_ns
    return times_us


def _parts(values: Sequence[bytes], length: int) -> Iterator[tuple[int, Sequence[bytes]]]:
    return ((at, values[at : at + length]) for at in range(0, len(values), length))
