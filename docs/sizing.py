"""Writes the tables of docs/sizing.md from the numbers that `make bench PASTE=1` put into docs/benchmarks.md.

    python -m docs.sizing

What is not measured is assumed, and each assumption is a named constant here and a line of the page.  A test fails
where the page says something else than this would write, so new measurements make new tables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import fmean

from msgspec import Struct

from bench.workload import Size, Workload
from flows.config import RouterConfig

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/sizing.md"
BENCHMARKS = ROOT / "docs/benchmarks.md"
TABLE = re.compile(
    r"(?P<head><!-- sizing: (?P<name>[a-z-]+) -->\n).*?(?P<tail><!-- end of sizing -->)", re.DOTALL
)

# --- assumptions --------------------------------------------------------------------------------------------------

PEAK = 6
"""The busiest second has so many times the orders of the day's mean second: 12 % of a day in one hour, twice within."""
LIFE = 2
"""An order's later life (accepted, picked, dispatched, cancelled) costs as much again as placing it; not measured."""
UTILISATION = 0.5
"""At its busiest a process does this part of what was measured: the rest is for catching up, and for your machine."""
MEMORY_MARGIN = 1.5
"""Over the measured bytes a row: for what grows between two measurements, and for what is being collected."""
BASE_BYTES = 512 * 2**20
"""Of a process without rows: the program, and the client's queues when they are full; not measured."""
COPIES = 3
"""Of each Kafka record, in a cluster of your own."""
SPARE = 1
"""Processes that may be gone at the busiest second."""
PARTITIONS_MIN = 8


class Measured(Struct, frozen=True):
    """What the benchmarks found, on the machine that they name."""

    orders_per_s: float
    bytes_out: float
    """Published for each order, state and journal included."""
    bytes_in: float
    """Of an order as it is sent."""
    restored_rows_per_s: float
    bytes_a_row: float


def measured(page: str) -> Measured:
    """From the text of docs/benchmarks.md; raises `ValueError` where a number is not found."""

    def number(pattern: str) -> float:
        match = re.search(pattern, page, re.MULTILINE)
        if match is None:
            raise ValueError(
                f"docs/benchmarks.md: nothing matches {pattern!r}; has `make bench` changed its lines?"
            )
        return float(match[1].replace(",", ""))

    return Measured(
        orders_per_s=number(r"^router +([\d,]+)$"),
        bytes_out=number(r"^each order led to [\d.,]+ records, ([\d,]+) bytes"),
        bytes_in=bytes_of_an_order(),
        restored_rows_per_s=number(r"^([\d,]+) rows/s, "),
        bytes_a_row=number(r"resident, ([\d,]+) bytes a row"),
    )


def bytes_of_an_order(orders: int = 1_000) -> float:
    """The mean size of an order of the benchmarks' workload, in JSON."""
    workload = Workload(Size(skus=1_000, orders=orders), datetime(2026, 11, 23, tzinfo=UTC))
    return fmean(len(order) for order in islice(workload.orders(), orders))


class Plan(Struct, frozen=True):
    """What a number of networks of equal size needs."""

    networks: int
    orders_per_day: int
    rows: int
    peak_orders_per_s: float
    fits: bool
    """Whether one network's peak is within one process: a network lives on one partition."""
    processes: int
    process_bytes: float
    standby_bytes: float
    partitions: int
    restore_s: float
    disk_bytes_per_day: float


def plan(networks: int, orders_per_day: int, rows: int, found: Measured) -> Plan:
    """The formulas of the page."""
    bearable = found.orders_per_s * UTILISATION / LIFE
    peak = orders_per_day * PEAK / 86_400
    working = min(networks, math.ceil(peak / bearable))
    processes = working + SPARE
    # When one is gone, the others hold what it held; networks are not divided.
    networks_each = math.ceil(networks / max(1, processes - SPARE))
    rows_bytes = found.bytes_a_row * MEMORY_MARGIN
    return Plan(
        networks=networks,
        orders_per_day=orders_per_day,
        rows=rows,
        peak_orders_per_s=peak,
        fits=peak / networks <= bearable,
        processes=processes,
        process_bytes=BASE_BYTES + networks_each * rows / networks * rows_bytes,
        standby_bytes=BASE_BYTES + rows * rows_bytes,
        partitions=max(PARTITIONS_MIN, 2 ** math.ceil(math.log2(2 * networks))),
        restore_s=rows / networks / found.restored_rows_per_s,
        disk_bytes_per_day=orders_per_day * (found.bytes_in + found.bytes_out) * LIFE * COPIES,
    )


def threads(partitions: int, brokers: int = 3, addresses: int = 3) -> int:
    """Of a process that owns or follows so many partitions; `addresses` are those of `bootstrap.servers`.

    Each partition has a client of its own, with a thread for each broker and address, and one that waits for commits.
    """
    return 20 + partitions * (3 + brokers + addresses)


CASES = (
    (1, 10_000, 50_000),
    (1, 100_000, 200_000),
    (1, 1_000_000, 1_000_000),
    (3, 1_000_000, 1_000_000),
    (10, 10_000_000, 5_000_000),
    (20, 50_000_000, 20_000_000),
    (1, 50_000_000, 5_000_000),
)


def plans_table(found: Measured) -> Iterator[str]:
    yield (
        "| networks | orders a day | rows | peak, orders/s | processes | memory of each | of a standby | partitions "
        "| restore of one | Kafka disk a day |"
    )
    yield "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for case in CASES:
        each = plan(*case, found)
        processes = f"{each.processes}" if each.fits else "divide the network"
        cells = (
            each.networks, f"{each.orders_per_day:,}", f"{each.rows:,}", f"{each.peak_orders_per_s:,.0f}", processes,
            _gib(each.process_bytes), _gib(each.standby_bytes), each.partitions, f"{each.restore_s:.1f} s",
            _gb(each.disk_bytes_per_day),
        )  # fmt: skip
        yield f"| {' | '.join(map(str, cells))} |"


def measured_table(found: Measured) -> Iterator[str]:
    yield "| measured | value |"
    yield "|---|--:|"
    yield f"| orders a second of one process, exactly once, on one partition | {found.orders_per_s:,.0f} |"
    yield f"| bytes of an order as it is sent | {found.bytes_in:,.0f} |"
    yield f"| bytes published for it | {found.bytes_out:,.0f} |"
    yield f"| rows read back a second | {found.restored_rows_per_s:,.0f} |"
    yield f"| resident bytes a row | {found.bytes_a_row:,.0f} |"


def assumed_table(_found: Measured) -> Iterator[str]:
    silence_s = RouterConfig().session_timeout_ms / 1000
    yield "| assumed | value | because |"
    yield "|---|--:|---|"
    yield f"| `PEAK` | {PEAK} | 12 % of a day's orders come in its busiest hour, and twice as many in a second of it |"
    yield f"| `LIFE` | {LIFE} | what becomes of an order later costs as much again as placing it; not measured |"
    yield f"| `UTILISATION` | {UTILISATION} | half is for catching up after an outage, and for your machine |"
    yield f"| `MEMORY_MARGIN` | {MEMORY_MARGIN} | over the bytes a row: growth, and what is about to be collected |"
    yield f"| `BASE` | {BASE_BYTES // 2**20} MiB | a process without rows, its client's queues full; not measured |"
    yield f"| `SPARE` | {SPARE} | one process may be gone at the busiest second |"
    yield f"| `COPIES` | {COPIES} | of each record, in a cluster of your own |"
    yield f"| silence | {silence_s:.0f} s | `session_timeout_ms`: after a crash, before a restore begins |"


def limits_table(found: Measured) -> Iterator[str]:
    bearable = found.orders_per_s * UTILISATION / LIFE
    yield "| one network at most | value |"
    yield "|---|--:|"
    yield f"| orders in its busiest second | {bearable:,.0f} |"
    yield f"| orders a day | {_rounded(bearable * 86_400 / PEAK):,} |"


TABLES = {
    "measured": measured_table,
    "assumed": assumed_table,
    "plans": plans_table,
    "limits": limits_table,
}


def refreshed(document: str, found: Measured) -> str:
    """The page with its tables as they are computed now."""

    def fresh(block: re.Match[str]) -> str:
        rows = "\n".join(TABLES[block["name"]](found))
        return f"{block['head']}{rows}\n{block['tail']}"

    return TABLE.sub(fresh, document)


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"


def _gb(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size < 1e11 else f"{size / 1e9:,.0f} GB"


def _rounded(number: float) -> int:
    """To two digits: more would promise more than was measured."""
    return int(float(f"{number:.1e}"))


def main() -> None:
    before = PAGE.read_text(encoding="utf-8")
    after = refreshed(before, measured(BENCHMARKS.read_text(encoding="utf-8")))
    if after != before:
        PAGE.write_text(after, encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
