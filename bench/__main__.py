"""`make bench`: measure what the documentation claims.

python -m bench                                    everything, about twenty minutes
python -m bench --only throughput latency          some of it
python -m bench --quick                            a few seconds of each: does it work?
python -m bench --paste                            and put the numbers into docs/benchmarks.md
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from bench import latency, metrics_cost, restore, steps, takeover, throughput
from bench.cluster import local_cluster
from bench.machine import this_machine
from bench.report import Results, paste, save, text
from bench.workload import Size

MEASUREMENTS = ("steps", "metrics", "throughput", "latency", "restore", "takeover")

QUICK_ORDERS = 12_000
QUICK_SKUS = 500
QUICK_SECONDS = 2


def measure(wanted: Sequence[str], is_quick: bool) -> Results:
    """Each on a broker of its own, so that what one left behind does not weigh on the next."""
    found = Results(machine=this_machine(), measured_on=f"{datetime.now(UTC):%Y-%m-%d}", is_quick=is_quick)
    if "steps" in wanted:
        size = Size(skus=QUICK_SKUS, orders=QUICK_ORDERS) if is_quick else Size()
        orders = QUICK_ORDERS if is_quick else size.orders
        measured = steps.measure_steps(size, orders, 1 if is_quick else steps.RUNS)
        variants = None if is_quick else steps.measure_variants(steps.VARIANT_ORDERS)
        found = replace(found, steps=measured, variants=variants)
    if "metrics" in wanted:
        found = replace(
            found, metrics=metrics_cost.measure_costs(500, 2) if is_quick else metrics_cost.measure_costs()
        )
    if "throughput" in wanted:
        size = Size(skus=QUICK_SKUS, orders=QUICK_ORDERS) if is_quick else Size()
        with local_cluster() as cluster:
            pairs = throughput.measure_throughput(cluster, size, 1 if is_quick else throughput.PAIRS)
        found = replace(found, throughput=pairs)
    if "latency" in wanted:
        rates = [200] if is_quick else list(latency.RATES)
        seconds = QUICK_SECONDS if is_quick else latency.SECONDS
        rounds = 1 if is_quick else latency.ROUNDS
        size = Size(
            skus=QUICK_SKUS if is_quick else Size().skus,
            orders=latency.orders_needed(rates, seconds, rounds),
        )
        with local_cluster() as cluster:
            at_rates = latency.measure_latency(cluster, size, rates, seconds, rounds)
        found = replace(found, latency=at_rates)
    if "restore" in wanted:
        size = Size(skus=QUICK_SKUS) if is_quick else restore.SIZE
        with local_cluster() as cluster:
            restores = restore.measure_restore(cluster, size, 1 if is_quick else restore.RUNS)
        found = replace(found, restore=restores)
    if "takeover" in wanted:
        size = Size(skus=QUICK_SKUS) if is_quick else restore.SIZE
        with local_cluster() as cluster:
            takeovers = takeover.measure_takeover(cluster, size, 1 if is_quick else takeover.RUNS)
        found = replace(found, takeover=takeovers)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure what the documentation claims."
    )
    parser.add_argument(
        "--only", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS), help="some of it"
    )
    parser.add_argument("--quick", action="store_true", help="a few seconds of each: does it work?")
    parser.add_argument("--paste", action="store_true", help="put the numbers into docs/benchmarks.md")
    given = parser.parse_args(arguments)
    results = measure(given.only, given.quick)
    save(results)
    print("\n" + text(results))
    if given.paste:
        paste(results)


if __name__ == "__main__":
    main()
