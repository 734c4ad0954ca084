"""What all metrics together cost for each order, in microseconds.

python -m bench.metrics_cost

Everything that is done for the sake of metrics alone is measured: what the core notes of each decision, and counting a
bundle after its commit.  Apart from these stands what comes once and later: looking an order up when its truck has
left.  Every run makes the same calls in the same order; "undisturbed" adds up the least that each call took in any of
them, which is what a quiet machine would show.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from operator import itemgetter
from statistics import median
from typing import Any

from msgspec import Struct

from bench.core import NOW_MS, Bench
from bench.workload import Size
from flows.metrics import Metrics, Spent
from operators.bundle import Outcome
from schemas.codec import ORDERS
from schemas.records import Record
from schemas.times import DAY_MS
from state.partition import Partition

BUNDLES = (250, 85)
ORDER_COUNT = 20_000
RUNS = 7

RECEIVE = "receive"
NOTE = "note"
TOPICS = "topics"
COUNT = "count"
LOOK = "look"
PARTS = {
    RECEIVE: "by type, as records are decoded",
    NOTE: "what the core notes of each decision",
    TOPICS: "records by topic, as they are published",
    COUNT: "counting a bundle that is committed",
    LOOK: "later, once: when its truck has left",
}

SPENT = Spent(0.01, 0.003, 0.02)


class Cost(Struct, frozen=True):
    """Microseconds for each order, by part: the median of all runs, and undisturbed."""

    bundle_records: int
    orders: int
    medians: dict[str, float]
    undisturbed: dict[str, float]

    @staticmethod
    def total(parts: Mapping[str, float]) -> float:
        """Without what comes later and once."""
        return sum(us for part, us in parts.items() if part != LOOK)


class Stopwatch:
    """Nanoseconds of each call, less what measuring takes itself."""

    def __init__(self) -> None:
        self.calls: dict[str, list[int]] = {part: [] for part in PARTS}
        self._own_ns = 0
        empty = self.timed(NOTE, lambda: None)
        for _ in range(10_000):
            empty()
        self._own_ns = min(self.calls[NOTE])
        self.calls[NOTE].clear()

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""
        note = self.calls[part].append
        now_ns = time.perf_counter_ns

        def call(*arguments: Any) -> Any:
            started_ns = now_ns()
            result = function(*arguments)
            note(now_ns() - started_ns - self._own_ns)
            return result

        return call


def measure_cost(size: Size, orders: int, bundle_records: int, runs: int) -> Cost:
    """Several runs, each on a fresh partition and with metrics of its own."""
    bench = Bench(size, orders, bundle_records)
    watches = [_run(bench) for _ in range(runs)]
    per_order = 1_000 * bench.order_count
    return Cost(
        bundle_records,
        bench.order_count,
        {part: median(sum(watch.calls[part]) for watch in watches) / per_order for part in PARTS},
        {part: _least(watches, part) / per_order for part in PARTS},
    )


def _least(watches: list[Stopwatch], part: str) -> int:
    return sum(map(min, zip(*[watch.calls[part] for watch in watches], strict=True)))


def _run(bench: Bench) -> Stopwatch:
    partition = bench.partition()
    metrics = Metrics()
    metrics.partition_restored(partition, 0.0, NOW_MS)
    watch = Stopwatch()
    receive = watch.timed(RECEIVE, _receive)
    by_topic = watch.timed(TOPICS, _by_topic)
    committed = watch.timed(COUNT, metrics.committed)
    with _replaced("operators.step", "note", lambda note: watch.timed(NOTE, note)):
        for records, outcome in zip(bench.bundles, bench.decide_all(partition), strict=True):
            receive(records)
            committed(partition, {ORDERS: records}, outcome, by_topic(outcome), SPENT, NOW_MS + 20)
    watch.timed(LOOK, _look)(metrics, partition)
    return watch


@contextmanager
def _replaced(module: str, name: str, wrap: Callable[[Any], Any]) -> Iterator[None]:
    owner = import_module(module)
    original = getattr(owner, name)
    setattr(owner, name, wrap(original))
    try:
        yield
    finally:
        setattr(owner, name, original)


def _receive(records: Sequence[Record]) -> None:
    """As `operators.step` does it for each record."""
    received: dict[tuple[str, str], int] = {}
    event_type = "order.placed"
    for record in records:
        topic = record.topic
        received[topic, event_type] = received.get((topic, event_type), 0) + 1


def _by_topic(outcome: Outcome) -> Mapping[str, int]:
    """As `flows.sink` counts them, which also needs to know that every topic exists."""
    return Tally(map(itemgetter(0), outcome.publications))


def _look(metrics: Metrics, partition: Partition) -> None:
    """Until every order was looked up."""
    later_ms = NOW_MS + 30 * DAY_MS
    for _ in range(2 + partition.row_count // 20_000):
        metrics.look(partition.number, later_ms, later_ms)


def cost_table(costs: Sequence[Cost]) -> list[str]:
    """Lines for a person."""
    lines = [
        f"{'us an order: median, undisturbed':<48}"
        + "".join(f"{f'bundles of {cost.bundle_records}':>18}" for cost in costs)
    ]
    for part, meaning in PARTS.items():
        figures = "".join(f"{cost.medians[part]:>11.2f}{cost.undisturbed[part]:>7.2f}" for cost in costs)
        lines.append(f"{part:<9}{meaning:<39}{figures}")
    totals = "".join(
        f"{cost.total(cost.medians):>11.2f}{cost.total(cost.undisturbed):>7.2f}" for cost in costs
    )
    lines.append(f"{'all but the last':<48}{totals}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.metrics_cost", description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDER_COUNT, help="how many (default %(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="the median of so many (default %(default)s)")
    given = parser.parse_args()
    costs = []
    for bundle_records in BUNDLES:
        costs.append(measure_cost(Size(), given.orders, bundle_records, given.runs))
        gc.unfreeze()
    print("\n".join(cost_table(costs)))


if __name__ == "__main__":
    main()
