"""From an order's produce to a read_committed consumer of the warehouse topics, beside a pass-through.

    python -m bench.latency [--rates 1000 5000] [--seconds 15] [--rounds 3]

Orders come on a fixed schedule whether or not anybody keeps up.  Source, broker, router and subscriber share the
machine.  The pass-through is a plain loop without the engine, on the router's client port with its settings and its
bundle policy (wait for one record, take what is there); it writes for each order the records that the router wrote.
"""

from __future__ import annotations

import argparse
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from msgspec import Struct

from bench.children import child, pass_through, router
from bench.cluster import Cluster, local_cluster
from bench.cores import best_core
from bench.frames import write_frames
from bench.journal import JournalTail
from bench.recording import Recorded, record
from bench.targets import verdict
from bench.workload import Size, Workload
from schemas.kinds import ALLOCATIONS, INVENTORY, ORDERS

RATES = (1_000, 5_000)
SECONDS = 15
ROUNDS = 3
WARM_UP_S = 2
SETTLE_S = 0.5
RATIO_MAX = 2.5


class Latency(Struct, frozen=True):
    """Milliseconds from produce to the subscriber, of `samples` orders."""

    samples: int
    p50_ms: float
    p99_ms: float


class Round(Struct, frozen=True):
    """Router and pass-through at one rate, one after the other."""

    per_second: int
    router: Latency
    pass_through: Latency

    @property
    def ratio(self) -> float:
        return self.router.p99_ms / self.pass_through.p99_ms


class AtRate(Struct, frozen=True):
    """The rounds at one rate; every figure is the median over them."""

    per_second: int
    rounds: list[Round]

    def router_ms(self) -> tuple[float, float]:
        """p50 and p99."""
        return _medians([each.router for each in self.rounds])

    def pass_through_ms(self) -> tuple[float, float]:
        """p50 and p99."""
        return _medians([each.pass_through for each in self.rounds])

    @property
    def ratio(self) -> float:
        return median(each.ratio for each in self.rounds)


def _medians(latencies: list[Latency]) -> tuple[float, float]:
    return median(each.p50_ms for each in latencies), median(each.p99_ms for each in latencies)


class Stretch(Struct, frozen=True):
    """Orders with consecutive numbers, to be sent at one rate."""

    first: int
    values: list[bytes]
    per_second: int


def measure_latency(
    cluster: Cluster,
    size: Size,
    rates: list[int],
    seconds: int,
    rounds: int,
    tell: Callable[[str], None] = print,
) -> list[AtRate]:
    """One router process for all rounds; `size.orders` must be enough for them."""
    workload = Workload(size, datetime.now(UTC))
    prefix = "latency-router."
    cluster.set_up(prefix, workload)
    topics = cluster.output_topics(prefix)
    reader, recorder = cluster.reader(prefix), cluster.reader(prefix)
    tail = JournalTail(reader)
    with router(cluster, prefix, best_core()) as running:
        running.wait_for(lambda: tail.has_read(INVENTORY, size.stock_rows))
    recorder.skip(topics)
    found: dict[int, list[Round]] = {rate: [] for rate in rates}
    with router(cluster, prefix, best_core()) as running:
        running.await_event("ready")
        for stretch in _stretches(workload.orders(), rates, seconds, rounds):
            routed = _latency(cluster, prefix, topics, stretch, partial(_is_routed, tail, stretch))
            bundles = record(recorder, topics, ORDERS)
            each = Round(
                stretch.per_second, routed, _pass_through(cluster, workload, topics, stretch, bundles)
            )
            found[stretch.per_second].append(each)
            tell(_told(each))
    reader.close()
    recorder.close()
    cluster.delete_topics(prefix)
    return [AtRate(rate, done) for rate, done in found.items()]


def _is_routed(tail: JournalTail, stretch: Stretch) -> bool:
    return tail.has_read(ORDERS, stretch.first + len(stretch.values))


def _pass_through(
    cluster: Cluster, workload: Workload, topics: list[str], stretch: Stretch, bundles: list[Recorded]
) -> Latency:
    """On topics of its own, with the records that the router has just written for the same orders."""
    prefix = f"latency-pass-{stretch.first}."
    cluster.create_topics(prefix, workload.wms)
    with pass_through(cluster, prefix, bundles, "--by-order") as passing:
        passing.await_event("ready")
        latency = _latency(cluster, prefix, topics, stretch, passing.has_ended)
    cluster.delete_topics(prefix)
    return latency


def _told(each: Round) -> str:
    return (
        f"{each.per_second:,} orders/s: router p50 {each.router.p50_ms:.1f} ms, p99 {each.router.p99_ms:.1f}; "
        f"pass-through p50 {each.pass_through.p50_ms:.1f}, p99 {each.pass_through.p99_ms:.1f}; "
        f"ratio {each.ratio:.2f}"
    )


def orders_needed(rates: list[int], seconds: int, rounds: int) -> int:
    """For all rounds at all rates."""
    return sum(rates) * seconds * rounds


def _stretches(orders: Iterator[bytes], rates: list[int], seconds: int, rounds: int) -> Iterator[Stretch]:
    first = 0
    for _ in range(rounds):
        for rate in rates:
            values = list(islice(orders, rate * seconds))
            yield Stretch(first, values, rate)
            first += len(values)


def _latency(
    cluster: Cluster, prefix: str, topics: list[str], stretch: Stretch, is_done: Callable[[], bool]
) -> Latency:
    """Send the stretch and see it come out on the warehouse topics."""
    with TemporaryDirectory(prefix="sluice-bench-latency-") as directory, ExitStack() as started:
        orders, sent, came = (Path(directory) / name for name in ("orders", "sent", "came"))
        write_frames(stretch.values, orders)
        where = ["--kafka", cluster.bootstrap]
        subscribed = [
            part for topic in topics if topic.startswith(ALLOCATIONS) for part in ("--topic", prefix + topic)
        ]
        subscriber = started.enter_context(
            child(["-m", "bench.subscriber", *where, *subscribed, "--times", str(came)])
        )
        subscriber.await_event("ready")
        options = ["--prefix", prefix, "--orders", str(orders), "--rate", str(stretch.per_second)]
        with child(["-m", "bench.load", *where, *options, "--times", str(sent)]) as load:
            load.finish()
        subscriber.wait_for(is_done)
        time.sleep(SETTLE_S)
        started.close()
        return _compared(_times(sent), _times(came), stretch)


def _times(path: Path) -> array[int]:
    times = array("q")
    times.frombytes(path.read_bytes())
    return times


def _compared(sent_ns: array[int], came: array[int], stretch: Stretch) -> Latency:
    """Leaves out the warm-up, and orders that nobody was told to ship because they wait for stock."""
    warm_up = min(WARM_UP_S * stretch.per_second, len(sent_ns) // 4)
    waits_ms = []
    for number, came_ns in zip(came[::2], came[1::2], strict=True):
        at = number - stretch.first
        if warm_up <= at < len(sent_ns):
            waits_ms.append((came_ns - sent_ns[at]) / 1e6)
    cuts = quantiles(waits_ms, n=100, method="inclusive")
    return Latency(len(waits_ms), cuts[49], cuts[98])


def latency_lines(found: list[AtRate]) -> list[str]:
    lines = [
        f"{'orders/s':>8}{'router p50':>12}{'p99':>8}{'pass-through p50':>18}{'p99':>8}{'p99 ratio':>11}   ms"
    ]
    for each in found:
        (p50_ms, p99_ms), (passed_p50_ms, passed_p99_ms) = each.router_ms(), each.pass_through_ms()
        lines.append(
            f"{each.per_second:>8,}{p50_ms:>12.1f}{p99_ms:>8.1f}{passed_p50_ms:>18.1f}{passed_p99_ms:>8.1f}"
            f"{each.ratio:>11.2f}   median of {len(each.rounds)} interleaved rounds"
        )
    lines.append("")
    for each in found:
        sentence = f"p99 at {each.per_second:,} orders/s {each.ratio:.2f} x the pass-through's"
        lines.append(verdict(each.ratio <= RATIO_MAX, sentence, RATIO_MAX))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.latency", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--rates", type=int, nargs="+", default=list(RATES))
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    size = Size(orders=orders_needed(given.rates, given.seconds, given.rounds))
    with local_cluster() as cluster:
        found = measure_latency(cluster, size, given.rates, given.seconds, given.rounds)
    print("\n".join(latency_lines(found)))


if __name__ == "__main__":
    main()
