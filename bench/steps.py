"""Microseconds for each order, step by step, and how many orders a second the core alone decides.

python -m bench.steps                 the steps
python -m bench.steps --profile       the functions that take most
python -m bench.steps --variants      500 and 2,000 pools, and other bundle sizes
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats

from msgspec import Struct

from bench.core import Bench, Speed, measure
from bench.probes import Probe, Probes, planted
from bench.workload import Size

BUNDLE_RECORDS = 500
RUNS = 3
ORDERS = 40_000
VARIANT_ORDERS = 10_000
FUNCTIONS_SHOWN = 45

# In the order of a record's way.  A step is what its functions do themselves, less the steps that they call.
STEPS = {
    "decode": "bytes to a typed event",
    "hash": "identity and content of the event",
    "booking": "the order as a row, all units open",
    "put": "rows into tables and indexes",
    "agenda": "what was touched, in order",
    "choose": "weigh the pools: rule out, time, price, search",
    "build": "the plan as rows: order, stock, slots",
    "notices": "decision with its reasons, instruction to the warehouse",
    "encode notices": "notices to bytes",
    "encode rows": "rows and their keys to bytes",
    "digest": "hash of the changed rows",
    "journal": "hashes of the accepted inputs",
    "rest": "everything between the steps",
}

PROBES = (
    Probe("operators.step", "decode_input", "decode"),
    Probe("operators.step", "identity_hash", "hash"),
    Probe("operators.step", "content_hash", "hash"),
    Probe("operators.step", "book", "booking"),
    Probe("state.network:Network", "put", "put"),
    Probe("state.network:Network", "put_stock", "put"),
    Probe("operators.agenda:Agenda", "settle", "agenda"),
    Probe("operators.agenda", "route", "build"),
    Probe("operators.weigh", "choose", "choose"),
    Probe("operators.route", "decision", "notices"),
    Probe("operators.route", "why_of", "notices"),
    Probe("operators.route", "shipment_requested", "notices"),
    Probe("operators.bundle", "encode_notice", "encode notices"),
    Probe("operators.bundle", "encode_key", "encode rows"),
    Probe("operators.bundle", "_encode_rows", "encode rows"),
    Probe("state.partition:Partition", "note_row", "digest"),
    Probe("operators.bundle", "pack_hashes", "journal"),
    Probe("bench.core", "decide_bundle", "rest"),
)

# The number of stock rows stays the same, so that the variants differ in the width of the choice alone.
WIDER = (
    Size(pools=(20, 80, 400), pools_per_sku=(12, 30, 58), skus=2_000),
    Size(pools=(10, 40, 1_950), pools_per_sku=(6, 14, 380), skus=500),
)


class Steps(Struct, frozen=True):
    """Microseconds per order by step; they add up to the unprobed total."""

    speed: Speed
    microseconds: dict[str, float]
    calls: dict[str, float]
    outcomes: dict[str, int]
    missing: list[str]


def measure_steps(size: Size, orders: int, runs: int = RUNS, bundle_records: int = BUNDLE_RECORDS) -> Steps:
    """Runs without probes for the total, then one with them for its parts."""
    bench = Bench(size, orders, bundle_records)
    speed = measure(bench, size, bundle_records, runs)
    book = Probes([*STEPS])
    outcomes: dict[str, int] = {}
    partition = bench.partition()
    with planted(PROBES, book) as missing:
        for outcome in bench.decide_all(partition):
            for (_, how), count in outcome.measures.decisions.items():
                outcomes[how] = outcomes.get(how, 0) + count
    total_ns = sum(times.own_ns for times in book.times.values())
    return Steps(
        speed,
        {step: speed.microseconds_per_order * times.own_ns / total_ns for step, times in book.times.items()},
        {step: times.calls / bench.order_count for step, times in book.times.items()},
        dict(sorted(outcomes.items())),
        [f"{probe.module}.{probe.name}" for probe in missing],
    )


def measure_variants(orders: int, runs: int = RUNS) -> list[Speed]:
    """Other bundle sizes, and wider networks."""
    speeds = []
    size = Size()
    for bundle_records in (1, 10, 5_000):
        bench = Bench(size, orders, bundle_records)
        speeds.append(measure(bench, size, bundle_records, runs))
    for size in WIDER:
        bench = Bench(size, orders, BUNDLE_RECORDS)
        speeds.append(measure(bench, size, BUNDLE_RECORDS, runs))
        del bench
        gc.unfreeze()
    return speeds


def steps_table(steps: Steps) -> list[str]:
    speed = steps.speed
    lines = [
        f"{speed.orders_per_second:,.0f} orders/s in the core alone: {speed.microseconds_per_order:.1f} us an "
        f"order, {speed.undisturbed_us:.1f} undisturbed",
        f"{speed.pools} pools, bundles of {speed.bundle_records}, {speed.orders:,} orders",
        f"decisions: {', '.join(f'{count:,} {how}' for how, count in steps.outcomes.items())}",
        "",
        f"{'step':<16}{'us/order':>9}{'calls':>8}  what",
    ]
    lines += [
        f"{step:<16}{steps.microseconds[step]:>9.2f}{steps.calls[step]:>8.2f}  {meaning}"
        for step, meaning in STEPS.items()
    ]
    if steps.missing:
        lines.append(f"not found, counted with its caller: {', '.join(steps.missing)}")
    return lines


def variants_table(speeds: list[Speed]) -> list[str]:
    return [f"{'pools':>6}{'bundle':>8}{'us/order':>10}{'undisturbed':>13}{'orders/s':>10}"] + [
        f"{speed.pools:>6,}{speed.bundle_records:>8,}{speed.microseconds_per_order:>10.1f}"
        f"{speed.undisturbed_us:>13.1f}{speed.orders_per_second:>10,.0f}"
        for speed in speeds
    ]


def profile(size: Size, orders: int, bundle_records: int) -> None:
    """The functions that take most.  cProfile slows down small functions most: believe the order, not the sums."""
    bench = Bench(size, orders, bundle_records)
    partition = bench.partition()
    profiler = cProfile.Profile()
    profiler.enable()
    for _outcome in bench.decide_all(partition):
        pass
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(FUNCTIONS_SHOWN)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.steps", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--orders", type=int, default=ORDERS, help="how many of the 200,000 (default %(default)s)"
    )
    parser.add_argument(
        "--bundle", type=int, default=BUNDLE_RECORDS, help="orders a bundle (default %(default)s)"
    )
    parser.add_argument("--runs", type=int, default=RUNS, help="the median of so many (default %(default)s)")
    parser.add_argument("--profile", action="store_true", help="show the functions that take most")
    parser.add_argument("--variants", action="store_true", help="other bundle sizes and wider networks")
    given = parser.parse_args()
    if given.profile:
        profile(Size(), given.orders, given.bundle)
    elif given.variants:
        print("\n".join(variants_table(measure_variants(min(given.orders, VARIANT_ORDERS), given.runs))))
    else:
        print("\n".join(steps_table(measure_steps(Size(), given.orders, given.runs, given.bundle))))


if __name__ == "__main__":
    main()
