"""What all metrics together cost for each order, in microseconds.

python -m bench.metrics_cost

Everything that is done for the sake of metrics alone is measured where it is done, between decisions: what the core
notes of each decision, and counting bundles after their commit, as many at a time as a second brings.  Apart from
these stands what comes once and later: looking an order up when its truck has left, and again when it should have
arrived.  Beside it the whole core is measured in the same run, because a microsecond is not the same everywhere.

Every run makes the same calls in the same order; "undisturbed" adds up the least that
each call took in any of them, which is what a quiet machine would show.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any
from unittest.mock import patch

from msgspec import Struct

from bench.core import NOW_MS, Bench
from bench.targets import verdict
from bench.workload import Size
from flows.arrivals import arrivals_of
from flows.metrics import Metrics, Spent
from operators import bundle
from operators.measures import NetworkMeasures
from schemas.kinds import ORDERS
from schemas.records import Record
from schemas.times import DAY_MS
from state.partition import Partition

BUNDLES = (250, 85)
ORDER_COUNT = 20_000
RUNS = 10
COST_US_MAX = 1.0

ORDERS_A_SECOND = 5_000

RECEIVE = "receive"
ARRIVALS = "arrivals"
NOTE = "note"
PUBLISHED = "published"
COUNT = "count"
LOOK = "look"
PARTS = {
    RECEIVE: "by type, as records are decoded",
    ARRIVALS: "by time stamp, after the poll",
    NOTE: "what the core notes of each decision",
    PUBLISHED: "records by topic, as they are encoded",
    COUNT: "counting bundles that are committed",
    LOOK: "later: its truck has left; it has arrived",
}

SPENT = Spent(0.01, 0.003, 0.02)


class Cost(Struct, frozen=True):
    """Microseconds for each order, by part: the median of all runs, and undisturbed."""

    bundle_records: int
    orders: int
    medians: dict[str, float]
    undisturbed: dict[str, float]
    core_us: float
    """The whole core, what it notes included: undisturbed."""

    @property
    def at_once_us(self) -> float:
        """While the router decides, undisturbed."""
        return self.total(self.undisturbed)

    @staticmethod
    def total(parts: Mapping[str, float]) -> float:
        """Without what comes later and once."""
        return sum(us for part, us in parts.items() if part != LOOK)


class Stopwatch:
    """Nanoseconds of every call of one run, or what measuring nothing takes in its place: the two take turns.

    An order costs less than a microsecond, and reading the clock takes a tenth of that, more where it is done only now
    and then: so it is measured there.
    """

    def __init__(self, turn: int) -> None:
        self.calls: dict[str, list[int]] = {part: [] for part in PARTS}
        self.core_ns: list[int] = []
        self._turn = turn

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        calls = self.calls[part]
        now_ns = time.perf_counter_ns

        def call(*arguments: Any) -> Any:
            if self.is_real(len(calls)):
                started_ns = now_ns()
                result = function(*arguments)
                calls.append(now_ns() - started_ns)
                return result
            started_ns = now_ns()
            _nothing(*arguments)
            calls.append(now_ns() - started_ns)
            return function(*arguments)

        return call

    def is_real(self, at: int) -> bool:
        """Whether that call was measured, or nothing in its place."""
        return (at + self._turn) % 2 == 0


def _nothing(*_arguments: Any) -> None:
    return None


def measure_costs(orders: int = ORDER_COUNT, runs: int = RUNS) -> list[Cost]:
    """With full bundles, and with those of a router that is not behind."""
    costs = []
    for bundle_records in BUNDLES:
        costs.append(measure_cost(Size(), orders, bundle_records, runs))
        gc.unfreeze()
    return costs


def measure_cost(size: Size, orders: int, bundle_records: int, runs: int) -> Cost:
    """Several runs, at least two, each on a fresh partition and with metrics of its own."""
    bench = Bench(size, orders, bundle_records)
    watches = [_run(bench, bundle_records, turn) for turn in range(max(2, runs))]
    per_order = 1_000 * bench.order_count
    return Cost(
        bundle_records,
        bench.order_count,
        {part: _of_all_calls(watches, part, median) / per_order for part in PARTS},
        {part: _of_all_calls(watches, part, min) / per_order for part in PARTS},
        sum(map(min, zip(*[watch.core_ns for watch in watches], strict=True))) / per_order,
    )


def _of_all_calls(watches: list[Stopwatch], part: str, of_runs: Callable[[list[int]], float]) -> float:
    """Nanoseconds of all calls, less those of measuring."""
    total_ns = 0.0
    for at, call in enumerate(zip(*[watch.calls[part] for watch in watches], strict=True)):
        real: list[int] = []
        own: list[int] = []
        for watch, ns in zip(watches, call, strict=True):
            (real if watch.is_real(at) else own).append(ns)
        total_ns += of_runs(real) - of_runs(own)
    return total_ns


def _run(bench: Bench, bundle_records: int, turn: int) -> Stopwatch:
    partition = bench.partition()
    metrics = Metrics()
    metrics.partition_restored(partition, 0.0, NOW_MS)
    metrics.catch_up()
    watch = Stopwatch(turn)
    receive, arrivals = watch.timed(RECEIVE, _receive), watch.timed(ARRIVALS, arrivals_of)
    committed, add_up = watch.timed(COUNT, metrics.committed), watch.timed(COUNT, metrics.add_up)
    counted_at = ORDERS_A_SECOND // bundle_records
    with (
        patch.object(NetworkMeasures, "note", watch.timed(NOTE, NetworkMeasures.note)),
        patch.object(bundle, "_published", watch.timed(PUBLISHED, bundle._published)),
    ):
        outcomes = bench.decide_all(partition)
        for number, records in enumerate(bench.bundles, start=1):
            came = arrivals({ORDERS: records})
            started_ns = time.perf_counter_ns()
            outcome = next(outcomes)
            watch.core_ns.append(time.perf_counter_ns() - started_ns)
            receive(records)
            committed(partition, came, outcome, SPENT, NOW_MS + 20)
            if number % counted_at == 0 or number == len(bench.bundles):
                add_up()
    watch.timed(LOOK, _look)(metrics, partition)
    return watch


def _receive(records: Sequence[Record]) -> None:
    """As `operators.step` does it for each record."""
    received: dict[str, int] = {}
    event_type = "order.placed"
    for _record in records:
        received[event_type] = received.get(event_type, 0) + 1


def _look(metrics: Metrics, partition: Partition) -> None:
    """Until every order was looked up."""
    later_ms = NOW_MS + 30 * DAY_MS
    for _ in range(2 + partition.row_count // 20_000):
        metrics.look(partition.number, later_ms, later_ms)


def cost_table(costs: Sequence[Cost]) -> list[str]:
    lines = [
        f"{'us an order: median, undisturbed':<48}"
        + "".join(f"{f'bundles of {cost.bundle_records}':>18}" for cost in costs)
    ]
    for part, meaning in PARTS.items():
        figures = "".join(f"{cost.medians[part]:>11.2f}{cost.undisturbed[part]:>7.2f}" for cost in costs)
        lines.append(f"{part:<10}{meaning:<38}{figures}")
    totals = "".join(
        f"{cost.total(cost.medians):>11.2f}{cost.total(cost.undisturbed):>7.2f}" for cost in costs
    )
    lines.append(f"{'all but the last':<48}{totals}")
    cores = "".join(f"{cost.core_us:>18.1f}" for cost in costs)
    lines.append(f"{'beside it: the whole core, what it notes included':<48}{cores}")
    lines.append("")
    for cost in costs:
        sentence = f"metrics in {cost.at_once_us:.2f} us an order, bundles of {cost.bundle_records}"
        lines.append(verdict(cost.at_once_us <= COST_US_MAX, sentence, COST_US_MAX))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.metrics_cost", description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDER_COUNT, help="how many (default %(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="the median of so many (default %(default)s)")
    given = parser.parse_args()
    print("\n".join(cost_table(measure_costs(given.orders, given.runs))))


if __name__ == "__main__":
    main()
