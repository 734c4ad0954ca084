"""Orders a second from Kafka to Kafka, exactly once, beside a pass-through on the same broker.

    python -m bench.throughput [--orders 200000] [--pairs 5]

Each pair is a run of `sluice run` on a partition whose stock and reference are in place and whose orders all wait,
and then a pass-through that reads the same orders and writes that run's own records in that run's own bundles.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from msgspec import Struct

from bench.children import pass_through, router
from bench.cluster import Cluster, local_cluster
from bench.cores import SOURCE, best_core
from bench.journal import JournalTail, Rate, rate_of
from bench.recording import Recorded, record
from bench.targets import verdict
from bench.workload import Size, Workload
from schemas.kinds import INVENTORY, ORDERS

PAIRS = 5
RATIO_MIN = 0.35


class Pair(Struct, frozen=True):
    """The router and the pass-through, one after the other, then the router with its core as source."""

    router: Rate
    pass_through: Rate
    router_processor_s: float
    pass_through_processor_s: float
    orders: int
    output_records: int
    output_bytes: int
    source: Rate | None

    @property
    def ratio(self) -> float:
        return self.router.per_second / self.pass_through.per_second

    @property
    def router_us(self) -> float:
        """Processor time of the router's process for each order: less of a busy machine is in it."""
        return 1e6 * self.router_processor_s / self.orders

    @property
    def pass_through_us(self) -> float:
        return 1e6 * self.pass_through_processor_s / self.orders


class Throughput(Struct, frozen=True):
    """Several pairs; every figure is the median over them."""

    pairs: list[Pair]

    @property
    def router_per_second(self) -> float:
        return median(pair.router.per_second for pair in self.pairs)

    @property
    def pass_through_per_second(self) -> float:
        return median(pair.pass_through.per_second for pair in self.pairs)

    @property
    def source_per_second(self) -> float | None:
        """The router with its core as source; None where that is what was measured anyway."""
        rates = [pair.source.per_second for pair in self.pairs if pair.source is not None]
        return median(rates) if rates else None

    @property
    def ratio(self) -> float:
        return median(pair.ratio for pair in self.pairs)


def measure_throughput(
    cluster: Cluster, size: Size, pairs: int, tell: Callable[[str], None] = print
) -> Throughput:
    """Interleaved: router, pass-through, router, pass-through."""
    done = []
    for number in range(1, pairs + 1):
        pair = _pair(cluster, Workload(size, datetime.now(UTC)), f"throughput-{number}.")
        done.append(pair)
        tell(
            f"pair {number}: router {pair.router.per_second:,.0f} orders/s in {pair.router.bundles} bundles, "
            f"pass-through {pair.pass_through.per_second:,.0f}, ratio {pair.ratio:.2f}"
        )
    return Throughput(done)


def _pair(cluster: Cluster, workload: Workload, prefix: str) -> Pair:
    routed, passed = f"{prefix}router.", f"{prefix}pass."
    core = best_core()
    rate, router_s, bundles = _route(cluster, workload, routed, core)
    passing, pass_through_s = _pass_through(cluster, workload, passed, bundles)
    outputs = [output for bundle in bundles for output in bundle.outputs]
    for used in (routed, passed):
        cluster.delete_topics(used)
    source: Rate | None = None
    if core != SOURCE:
        source, _, _ = _route(cluster, workload, routed, SOURCE)
        cluster.delete_topics(routed)
    return Pair(
        rate,
        passing,
        router_s,
        pass_through_s,
        sum(bundle.records for bundle in bundles),
        len(outputs),
        sum(len(output.key or b"") + len(output.value or b"") for output in outputs),
        source,
    )


def _route(
    cluster: Cluster, workload: Workload, prefix: str, core: str
) -> tuple[Rate, float, list[Recorded]]:
    cluster.set_up(prefix, workload)
    reader = cluster.reader(prefix)
    tail = JournalTail(reader)
    with router(cluster, prefix, core) as running:
        running.wait_for(lambda: tail.has_read(INVENTORY, workload.size.stock_rows))
    topics = cluster.output_topics(prefix)
    recorder = cluster.reader(prefix)
    recorder.skip(topics)
    count = cluster.preload(prefix, ORDERS, workload.orders())
    with router(cluster, prefix, core) as running:
        # It has restored by now, and hardly begun to decide.
        running.await_event("ready")
        before_s = running.processor_s()
        running.wait_for(lambda: tail.has_read(ORDERS, count))
        used_s = running.processor_s() - before_s
    reader.close()
    bundles = record(recorder, topics, ORDERS)
    recorder.close()
    return rate_of(tail.bundles, ORDERS), used_s, bundles


def _pass_through(
    cluster: Cluster, workload: Workload, prefix: str, bundles: list[Recorded]
) -> tuple[Rate, float]:
    cluster.create_topics(prefix, workload.wms)
    cluster.preload(prefix, ORDERS, workload.orders())
    with pass_through(cluster, prefix, bundles) as passing:
        passing.finish()
        used_s = float(passing.await_event("passed")["processor_s"])
    reader = cluster.reader(prefix)
    tail = JournalTail(reader)
    tail.read()
    reader.close()
    return rate_of(tail.bundles, ORDERS), used_s


def throughput_lines(result: Throughput) -> list[str]:
    pair = result.pairs[0]
    return [
        f"{'':<14}{'orders/s':>10}   median of {len(result.pairs)} interleaved pairs, {pair.orders:,} orders each",
        f"{'router':<14}{result.router_per_second:>10,.0f}",
        f"{'pass-through':<14}{result.pass_through_per_second:>10,.0f}   the same inputs, bundles and outputs",
        *(
            [f"{'core as source':<14}{result.source_per_second:>10,.0f}   the router, not compiled"]
            if result.source_per_second
            else []
        ),
        f"{'ratio':<14}{result.ratio:>10.2f}",
        f"processor time of the process: {median(pair.router_us for pair in result.pairs):.0f} us an order, "
        f"pass-through {median(pair.pass_through_us for pair in result.pairs):.0f}",
        f"each order led to {pair.output_records / pair.orders:.1f} records, "
        f"{pair.output_bytes / pair.orders:,.0f} bytes",
        "",
        verdict(result.ratio >= RATIO_MIN, f"throughput {result.ratio:.2f} of the pass-through", RATIO_MIN),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.throughput", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--orders", type=int, default=Size().orders)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    with local_cluster() as cluster:
        result = measure_throughput(cluster, Size(orders=given.orders), given.pairs)
    print("\n".join(throughput_lines(result)))


if __name__ == "__main__":
    main()
