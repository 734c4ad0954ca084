"""`make bench`: measure what the documentation claims.

python -m bench                                    everything: half an hour, more on a slow machine
python -m bench --only throughput latency          some of it
python -m bench --quick                            a few seconds of each: does it work?
python -m bench --paste                            and put each measurement into docs/benchmarks.md when it is done
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from bench import latency, metrics_cost, restore, steps, takeover, throughput
from bench.cluster import local_cluster
from bench.machine import this_machine
from bench.report import Results, paste, save, text
from bench.workload import Size

QUICK_ORDERS = 12_000
QUICK_SKUS = 500
QUICK_SECONDS = 2


def _steps(found: Results) -> Results:
    size = _orders_size(found)
    if found.is_quick:
        return replace(found, steps=steps.measure_steps(size, QUICK_ORDERS, 1))
    measured = steps.measure_steps(size, size.orders, steps.RUNS)
    return replace(found, steps=measured, variants=steps.measure_variants(steps.VARIANT_ORDERS))


def _metrics(found: Results) -> Results:
    costs = metrics_cost.measure_costs(500, 2) if found.is_quick else metrics_cost.measure_costs()
    return replace(found, metrics=costs)


def _throughput(found: Results) -> Results:
    pairs = 1 if found.is_quick else throughput.PAIRS
    with local_cluster() as cluster:
        return replace(found, throughput=throughput.measure_throughput(cluster, _orders_size(found), pairs))


def _latency(found: Results) -> Results:
    rates = [200] if found.is_quick else list(latency.RATES)
    seconds = QUICK_SECONDS if found.is_quick else latency.SECONDS
    rounds = 1 if found.is_quick else latency.ROUNDS
    skus = QUICK_SKUS if found.is_quick else Size().skus
    size = Size(skus=skus, orders=latency.orders_needed(rates, seconds, rounds))
    with local_cluster() as cluster:
        return replace(found, latency=latency.measure_latency(cluster, size, rates, seconds, rounds))


def _restore(found: Results) -> Results:
    runs = 1 if found.is_quick else restore.RUNS
    with local_cluster() as cluster:
        return replace(found, restore=restore.measure_restore(cluster, _rows_size(found), runs))


def _takeover(found: Results) -> Results:
    runs = 1 if found.is_quick else takeover.RUNS
    with local_cluster() as cluster:
        return replace(found, takeover=takeover.measure_takeover(cluster, _rows_size(found), runs))


def _orders_size(found: Results) -> Size:
    return Size(skus=QUICK_SKUS, orders=QUICK_ORDERS) if found.is_quick else Size()


def _rows_size(found: Results) -> Size:
    return Size(skus=QUICK_SKUS) if found.is_quick else restore.SIZE


MEASUREMENTS: dict[str, Callable[[Results], Results]] = {
    "steps": _steps,
    "metrics": _metrics,
    "throughput": _throughput,
    "latency": _latency,
    "restore": _restore,
    "takeover": _takeover,
}
"""Each on a broker of its own, so that what one left behind does not weigh on the next."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure what the documentation claims."
    )
    parser.add_argument(
        "--only", nargs="+", choices=list(MEASUREMENTS), default=list(MEASUREMENTS), help="some of it"
    )
    parser.add_argument("--quick", action="store_true", help="a few seconds of each: does it work?")
    parser.add_argument("--paste", action="store_true", help="put each measurement into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    if given.quick and given.paste:
        parser.error("the numbers of --quick mean nothing: they do not go into the documentation")
    found = Results(machine=this_machine(), measured_on=f"{datetime.now(UTC):%Y-%m-%d}", is_quick=given.quick)
    for name in given.only:
        found = MEASUREMENTS[name](found)
        # Whoever ends it half-way keeps what was measured by then.
        save(found)
        if given.paste:
            paste(found)
    print("\n" + text(found))


if __name__ == "__main__":
    main()
