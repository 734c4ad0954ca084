"""The demo that stays as a process of its own, watched by a real Prometheus from its first second on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from infra.errors import SluiceError
from infra.kafka.ports import free_port
from infra.prometheus.client import PrometheusClient
from infra.prometheus.local import local_prometheus
from infra.prometheus.scaled import RULES

SCRAPE_INTERVAL_S = 1.0
RULE_FILES = sorted(RULES.glob("*.yaml"))
TRUCK_HAS_LEFT = "sum(sluice_units_filled_total) > 0 and on () sum(sluice_dispatch_on_time_total) > 0"
TRUCK_TIMEOUT_S = 120.0
STAYS = "Ctrl-C closes the shops"
PATIENCE_S = 1.0
END_TIMEOUT_S = 60.0


class ObservedDemo(NamedTuple):
    """A demo whose story is told, whose first trucks have left and whose shops stay open."""

    prometheus: PrometheusClient
    started_s: float
    """When its router was first seen."""
    instance: str
    """What Prometheus calls that router."""


@contextmanager
def observed_demo(
    directory: Path, orders_per_second: float, beside: Sequence[str] = ()
) -> Iterator[ObservedDemo]:
    """The demo, from when its story is told and a truck has left until the block ends; in an empty directory.

    Prometheus watches those `host:port` that answer `beside` it, too.

    Raises `SluiceError` with what the demo said when it ends before that.
    """
    address = f"127.0.0.1:{free_port()}"
    command = [
        sys.executable, "-P", "-m", "cli.demo.early_trucks", "--directory", str(directory),
        "--orders-per-second", str(orders_per_second), "--metrics", address,
    ]  # fmt: skip
    # Prometheus looks first: what happens before its first look at a counter, it takes for old.
    with (
        local_prometheus([address, *beside], SCRAPE_INTERVAL_S, RULE_FILES) as prometheus,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        began_s = time.time()
        try:
            _wait_for_the_stay(process)
            prometheus.wait_until(TRUCK_HAS_LEFT, TRUCK_TIMEOUT_S)
            started_s = first_seen_s(prometheus, address, began_s, time.time())
            yield ObservedDemo(prometheus, started_s, address)
        finally:
            _end(process)


def first_seen_s(prometheus: PrometheusClient, instance: str, since_s: float, until_s: float) -> float:
    """When the router first answered a scrape in that time."""
    seen = prometheus.query_range(f'up{{instance="{instance}"}} == 1', since_s, until_s, SCRAPE_INTERVAL_S)
    if not seen:
        raise SluiceError("Prometheus has not seen the demo's router")
    return seen[0].points[0][0]


def _wait_for_the_stay(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if STAYS in line:
            return
    raise SluiceError(f"The demo ended before its story was told. It said:\n{''.join(said)}")


def _end(process: subprocess.Popen[str]) -> None:
    """Twice: after the first time it would still ship what is on its way, and prove that nothing was lost.

    Not by the signal of Ctrl-C, which a shell lets programs in the background ignore.
    """
    for _ in range(2):
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_S)
    if process.poll() is None:
        try:
            process.communicate(timeout=END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
