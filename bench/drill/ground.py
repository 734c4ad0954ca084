"""Where a drill takes place: the demo's network in separate processes, and a fresh Prometheus that watches the router.

Every duration of the rules is divided by one factor, and so is the limit for the freshness of stock; thresholds stay.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.drill.limits import FRESHNESS_LIMIT
from cli.demo.acts import opening
from cli.demo.screen import Screen
from cli.demo.stage import Choices, Stage, set_up
from flows.metrics import DEFAULTS
from infra.errors import SluiceError
from infra.prometheus.client import PrometheusClient
from infra.prometheus.durations import Scale, milliseconds_of
from infra.prometheus.local import local_prometheus
from infra.prometheus.scaled import write_rules

FACTOR = 60
SCRAPE_INTERVAL_S = 1.0
SCALE = Scale(FACTOR, round(SCRAPE_INTERVAL_S * 1000))
ORDERS_PER_SECOND = 60.0
SEED = 7
STOCK_FOR_S = 300.0
ATTEMPTS_MAX = 3
QUIET_S = 12.0
"""So long nothing may fire before the fault: as long as the windows of most alerts."""
COMMAND_TIMEOUT_S = 60.0
POLL_S = 0.2

ROUTER_SETTINGS = f"""# Divided by {FACTOR}, as the rules are.
[router]
stock_freshness_limit_ms = {milliseconds_of(FRESHNESS_LIMIT) // FACTOR}
dispatch_told_grace_ms = {DEFAULTS.dispatch_told_grace_ms // FACTOR}
"""


@dataclass
class Ground:
    """The network and who watches it; `fired_s` is when each alert was first seen to fire, on the steady clock."""

    stage: Stage
    prometheus: PrometheusClient
    fired_s: dict[str, float]

    def look(self) -> set[str]:
        """The alerts that fire now, noted for later."""
        firing = self.prometheus.firing()
        for name in firing:
            self.fired_s.setdefault(name, time.monotonic())
        return firing

    def wait_until_fired(self, limits_s: Mapping[str, float]) -> None:
        """Until each of these has fired, each within its own limit; raises `SluiceError` when one does not."""
        began_s = time.monotonic()
        while missing := limits_s.keys() - self.fired_s.keys():
            self.look()
            self._require_in_time(missing, limits_s, began_s, "did not fire")
            time.sleep(POLL_S)

    def wait_until_over(self, limits_s: Mapping[str, float]) -> None:
        """Until none of these fires any more, each within its own limit."""
        began_s = time.monotonic()
        while firing := limits_s.keys() & self.look():
            self._require_in_time(firing, limits_s, began_s, "was not over")
            time.sleep(POLL_S)

    def _require_in_time(
        self, names: set[str], limits_s: Mapping[str, float], began_s: float, what: str
    ) -> None:
        waited_s = time.monotonic() - began_s
        late = sorted(name for name in names if waited_s > limits_s[name])
        if late:
            raise SluiceError("; ".join(f"{name} {what} in {limits_s[name]:.0f} s" for name in late))

    def watch(self, seconds: float) -> None:
        """Look for so long: what fires is noted."""
        deadline_s = time.monotonic() + seconds
        while time.monotonic() < deadline_s:
            self.look()
            time.sleep(POLL_S)

    def sluice(self, *words: str) -> str:
        """Run the command as a person would type it, on this network's Kafka; what it printed."""
        command = [sys.executable, "-m", "cli.main", *words, "--kafka", self.stage.kafka.bootstrap]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            cwd=self.stage.choices.directory,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            raise SluiceError(
                f"sluice {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout


@contextmanager
def ground(cut_offs_s: Mapping[tuple[str, str], float]) -> Iterator[Ground]:
    """Everything is running, orders come in, and no alert fires when the block begins.

    Where one does, because something else keeps the machine busy, it begins again, all of it fresh.
    """
    fired: list[str] = []
    for _ in range(ATTEMPTS_MAX):
        with (
            TemporaryDirectory(prefix="sluice-drill-") as directory,
            _started(Path(directory), cut_offs_s) as there,
        ):
            there.watch(QUIET_S)
            fired = sorted(there.fired_s)
            if not fired:
                yield there
                return
        print(f"  begun again: {', '.join(fired)} fired before the fault", flush=True)
    raise SluiceError(f"before the fault there fired already, {ATTEMPTS_MAX} times: {', '.join(fired)}")


@contextmanager
def _started(directory: Path, cut_offs_s: Mapping[tuple[str, str], float]) -> Iterator[Ground]:
    choices = Choices(
        directory / "demo", SEED, STOCK_FOR_S, ORDERS_PER_SECOND, stays=False, cut_offs_s=cut_offs_s, lead_minutes=0,
        router_settings=ROUTER_SETTINGS,
    )  # fmt: skip
    with Screen(is_silent=True) as screen, ExitStack() as stack:
        stage = set_up(choices, screen, stack)
        opening(stage)
        rules = write_rules(directory / "rules", FACTOR, SCRAPE_INTERVAL_S)
        prometheus = stack.enter_context(local_prometheus([stage.address], SCRAPE_INTERVAL_S, rules))
        yield Ground(stage, prometheus, {})
