"""How long a router takes to read a large partition back: 1,000,000 stock rows of 100,000 items.

    python -m bench.restore [--skus 100000] [--runs 3]

The rows are not made up: a router counts the stock in, through its own flow, so reference, journal, head and digest
are what they are in production, and the idempotency window is full.  It has every row in its hands, so its memory is
what a process needs in the end.  Then routers are started on it, which leave their stock packed; the duration is the
router's own, from the assignment of the partition until it decides.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from msgspec import Struct

from bench.children import router
from bench.cluster import Cluster, local_cluster
from bench.cores import best_core
from bench.journal import JournalTail
from bench.targets import verdict
from bench.workload import Size, Workload
from schemas.kinds import INVENTORY

RUNS = 3
SECONDS_MAX = 12
SIZE = Size(skus=100_000)


class Restored(Struct, frozen=True):
    """One start of a router."""

    rows: int
    seconds: float
    resident_bytes: int


class Restores(Struct, frozen=True):
    """Several starts; every figure but the first process's memory is the median over them."""

    stock_rows: int
    unpacked_bytes: int
    """Resident in the process that counted the stock in."""
    runs: list[Restored]

    @property
    def rows(self) -> int:
        return self.runs[0].rows

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)

    @property
    def resident_bytes(self) -> float:
        return median(run.resident_bytes for run in self.runs)


def measure_restore(cluster: Cluster, size: Size, runs: int, tell: Callable[[str], None] = print) -> Restores:
    """Count the stock in, then start a router several times."""
    workload = Workload(size, datetime.now(UTC))
    prefix = "restore."
    cluster.set_up(prefix, workload)
    reader = cluster.reader(prefix)
    tail = JournalTail(reader)
    with router(cluster, prefix, best_core()) as running:
        running.wait_for(lambda: tail.has_read(INVENTORY, size.stock_rows))
        unpacked_bytes = running.resident_bytes()
    reader.close()
    done = []
    for number in range(1, runs + 1):
        with router(cluster, prefix, best_core()) as running:
            running.await_event("ready")
            restored = running.await_event("restored")
            done.append(Restored(restored["rows"], restored["seconds"], running.resident_bytes()))
        tell(f"restore {number}: {done[-1].rows:,} rows in {done[-1].seconds:.2f} s")
    cluster.delete_topics(prefix)
    return Restores(size.stock_rows, unpacked_bytes, done)


def restore_lines(result: Restores) -> list[str]:
    return [
        f"{result.stock_rows:,} stock rows and {result.rows - result.stock_rows:,} others in "
        f"{result.seconds:.1f} s (median of {len(result.runs)})",
        f"{result.rows / result.seconds:,.0f} rows/s, {result.resident_bytes / 2**20:,.0f} MiB resident",
        f"once every row was asked for: {result.unpacked_bytes / 2**20:,.0f} MiB resident, "
        f"{result.unpacked_bytes / result.rows:,.0f} bytes a row",
        "",
        verdict(result.seconds <= SECONDS_MAX, f"restore in {result.seconds:.1f} s", SECONDS_MAX),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.restore", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--skus", type=int, default=SIZE.skus)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    with local_cluster() as cluster:
        result = measure_restore(cluster, Size(skus=given.skus), given.runs)
    print("\n".join(restore_lines(result)))


if __name__ == "__main__":
    main()
