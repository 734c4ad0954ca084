"""How long nobody decides after the owner of a large partition is killed: 1,000,000 stock rows of 100,000 items.

    python -m bench.drill takeover [--skus 100000] [--runs 3]

One router owns the partition and decides a trickle of counts, another one is a member of the group and owns nothing.
The owner gets a kill -9.  Measured is the time until the other one's first commit is on the journal, by the broker's
time stamp: first with an other that reads everything back then, and again with a standby that has followed.  In both
the group has to notice first: the session time-out is the least that the router allows.  The limit is for every single
kill.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median

from confluent_kafka import Producer
from msgspec import Struct

from bench.children import Child, router
from bench.cluster import PARTITION, Cluster
from bench.cores import best_core
from bench.journal import JournalTail
from bench.machine import machine_line, this_machine
from bench.targets import verdict
from bench.workload import NETWORK, Size, Workload
from schemas.kinds import INVENTORY

RUNS = 3
SESSION_S = 6
COLD_SECONDS_MAX = SESSION_S + 10
WARM_SECONDS_MAX = SESSION_S + 2

COLD = "cold"
WARM = "warm"

TRICKLE_PAUSE_S = 0.02
FLUSH_TIMEOUT_S = 10.0
# What a killed owner had on its way reaches the broker within this, long before a session ends.
LAST_WORDS_MS = 1_000


class TakeOver(Struct, frozen=True):
    """One kill.  `prepared_s` is the survivor's own part: from its assignment until it decides."""

    seconds: float
    prepared_s: float
    rows: int
    read: int
    resident_bytes: int


class TakeOvers(Struct, frozen=True):
    """Several kills of each kind."""

    stock_rows: int
    cold: list[TakeOver]
    warm: list[TakeOver]

    @property
    def cold_s(self) -> float:
        """The slowest."""
        return max((each.seconds for each in self.cold), default=0.0)

    @property
    def warm_s(self) -> float:
        return max((each.seconds for each in self.warm), default=0.0)

    @property
    def is_within_limits(self) -> bool:
        """Every single kill."""
        return self.cold_s <= COLD_SECONDS_MAX and self.warm_s <= WARM_SECONDS_MAX


def measure_takeover(
    cluster: Cluster,
    size: Size,
    runs: int,
    tell: Callable[[str], None] = print,
    kinds: Sequence[str] = (COLD, WARM),
) -> TakeOvers:
    """Count the stock in; then kill the owner again and again: whoever took over is the next one's owner."""
    workload = Workload(size, datetime.now(UTC))
    prefix = "takeover."
    cluster.set_up(prefix, workload)
    reader = cluster.reader(prefix)
    tail = JournalTail(reader)
    found: dict[str, list[TakeOver]] = {COLD: [], WARM: []}
    with ExitStack() as processes:
        owner = processes.enter_context(_router(cluster, prefix, COLD))
        owner.wait_for(lambda: tail.has_read(INVENTORY, size.stock_rows))
        processes.enter_context(_trickle(cluster, prefix, workload))
        for kind in kinds:
            for number in range(1, runs + 1):
                other = processes.enter_context(_router(cluster, prefix, kind))
                other.await_event("assigned")
                done = _kill(owner, other, tail)
                found[kind].append(done)
                tell(
                    f"{kind} take-over {number}: {done.rows:,} rows, first commit {done.seconds:.2f} s after the kill, "
                    f"{done.prepared_s:.2f} s of it the router's own, {done.read:,} records read after the fence"
                )
                owner = other
    reader.close()
    cluster.delete_topics(prefix)
    return TakeOvers(size.stock_rows, found[COLD], found[WARM])


def takeover_lines(result: TakeOvers) -> list[str]:
    lines = [
        f"{result.stock_rows:,} stock rows; session time-out {SESSION_S} s; from kill -9 to the next commit"
    ]
    targets = [""]
    for kind, done, seconds, seconds_max in (
        (COLD, result.cold, result.cold_s, COLD_SECONDS_MAX),
        (WARM, result.warm, result.warm_s, WARM_SECONDS_MAX),
    ):
        if done:
            targets.append(
                verdict(
                    seconds <= seconds_max, f"each {kind} take-over in at most {seconds:.1f} s", seconds_max
                )
            )
            lines.append(
                f"{kind}  {_each(done)} s; "
                f"{median(each.prepared_s for each in done):.2f} s of it from the assignment until it decides"
            )
    if result.warm:
        lines.append(_held(result))
    return lines + targets


def takeover_table(result: TakeOvers) -> list[str]:
    """As the documentation has it."""
    lines = [
        f"{result.stock_rows:,} stock rows, a session time-out of {SESSION_S} s; seconds from the kill -9 of the owner "
        f"to the next commit, each kill. {datetime.now(UTC):%Y-%m-%d}: {machine_line(this_machine())}; load average "
        f"{os.getloadavg()[1]:.1f}.",
        "",
        "| | each kill | limit | of it from the assignment until it decides |",
        "|---|---|---|---|",
    ]
    for name, done, seconds_max in (
        ("cold", result.cold, COLD_SECONDS_MAX),
        ("standby", result.warm, WARM_SECONDS_MAX),
    ):
        too_slow = sum(each.seconds > seconds_max for each in done)
        said = f"{seconds_max} s" + (f"; EXCEEDED {too_slow} times" if too_slow else "")
        prepared = ", ".join(f"{each.prepared_s:.1f}" for each in done)
        lines.append(f"| {name} | {_each(done)} s | {said} | {prepared} s |")
    return [*lines, "", f"{_held(result)}."]


def _each(done: list[TakeOver]) -> str:
    return ", ".join(f"{each.seconds:.1f}" for each in done)


def _held(result: TakeOvers) -> str:
    resident = median(each.resident_bytes for each in result.warm)
    return f"The standby holds {resident / 2**20:,.0f} MiB before it takes over"


def _router(cluster: Cluster, prefix: str, kind: str) -> AbstractContextManager[Child]:
    settings = f"session_timeout_ms = {SESSION_S * 1_000}\nstandby = {str(kind == WARM).lower()}"
    return router(cluster, prefix, best_core(), f"[router]\n{settings}\n")


def _kill(owner: Child, other: Child, tail: JournalTail) -> TakeOver:
    tail.read()
    decided = len(tail.bundles)
    owner.wait_for(lambda: _bundles(tail) > decided)
    resident_bytes = other.resident_bytes()
    killed_ms = time.time_ns() // 1_000_000
    owner.kill()
    last_ms = killed_ms + LAST_WORDS_MS
    other.wait_for(lambda: _bundles(tail) > 0 and tail.bundles[-1].appended_ms > last_ms)
    first_ms = next(bundle.appended_ms for bundle in tail.bundles if bundle.appended_ms > last_ms)
    restored = other.await_event("restored")
    return TakeOver(
        (first_ms - killed_ms) / 1_000,
        restored["seconds"],
        restored["rows"],
        restored["read"],
        resident_bytes,
    )


def _bundles(tail: JournalTail) -> int:
    tail.read()
    return len(tail.bundles)


@contextmanager
def _trickle(cluster: Cluster, prefix: str, workload: Workload) -> Iterator[None]:
    """Counts, a few a second, so that there is always something to decide."""
    producer = Producer({**cluster.properties(), "log_level": 0})
    is_over = threading.Event()

    def send() -> None:
        for value in workload.recounts():
            if is_over.wait(TRICKLE_PAUSE_S):
                return
            producer.produce(prefix + INVENTORY, value, NETWORK.encode(), PARTITION)
            producer.poll(0)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
        producer.flush(FLUSH_TIMEOUT_S)
