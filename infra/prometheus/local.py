"""A real Prometheus on this machine, for as long as a `with` block or its parent process lives.

    with local_prometheus(["127.0.0.1:9464"], 0.5, rule_files) as prometheus:
        prometheus.query("sum(sluice_partition_live)")   # a list of Sample(labels, value, time_s)
        prometheus.firing()                              # the names of the alerts that fire
        prometheus.url                                   # http://127.0.0.1:<a free port>

When the block begins, every target has been asked once: that takes five seconds, for which Prometheus gathers targets
before it begins. It listens on a free port of the loopback address and keeps its data in a temporary directory of its
own, which goes with it. What can be asked is in `infra/prometheus/client.py`.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.errors import SluiceError
from infra.kafka.guard import end_of, start_guarded, stop_guarded
from infra.kafka.ports import free_port
from infra.prometheus.client import PrometheusClient
from infra.prometheus.tools import ensure_tools

JOB = "sluice"
HOST = "127.0.0.1"
START_ATTEMPTS = 3
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15
POLL_S = 0.02


@contextmanager
def local_prometheus(
    targets: Sequence[str], scrape_interval_s: float, rule_files: Sequence[Path] = ()
) -> Iterator[PrometheusClient]:
    """Scrape these `host:port` as the job `sluice`, evaluate these rules at the same interval, and answer.

    Raises `SluiceError` when there is no Prometheus to be had, or when it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="sluice-prometheus-") as name:
        configuration = Path(name) / "prometheus.yml"
        configuration.write_text(configuration_text(targets, scrape_interval_s, rule_files))
        with configured_prometheus(configuration) as client:
            if targets:
                client.wait_until(f"count(up) == {len(set(targets))}", START_TIMEOUT_S)
            yield client


@contextmanager
def configured_prometheus(configuration: Path, options: Sequence[str] = ()) -> Iterator[PrometheusClient]:
    """Run with this configuration file, and options of the command line; data and log are put beside it.

    Raises `SluiceError` as `local_prometheus` does.
    """
    warden, client = _start(ensure_tools().prometheus, configuration, options)
    try:
        yield client
    finally:
        stop_guarded(warden, STOP_TIMEOUT_S)


def configuration_text(targets: Sequence[str], scrape_interval_s: float, rule_files: Sequence[Path]) -> str:
    """The configuration file, written as JSON, which is YAML too."""
    interval = f"{round(scrape_interval_s * 1000)}ms"
    return json.dumps(
        {
            "global": {
                "scrape_interval": interval,
                "scrape_timeout": interval,
                "evaluation_interval": interval,
            },
            "rule_files": [str(path.absolute()) for path in rule_files],
            "scrape_configs": [{"job_name": JOB, "static_configs": [{"targets": list(targets)}]}],
        },
        indent=2,
    )


def _start(
    program: Path, configuration: Path, options: Sequence[str]
) -> tuple[subprocess.Popen[str], PrometheusClient]:
    """A port that was free a moment ago may be taken by somebody else: then another one is tried."""
    log = configuration.with_name("prometheus.log")
    for attempt in range(1, START_ATTEMPTS + 1):
        address = f"{HOST}:{free_port()}"
        command = [
            str(program),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={configuration.parent / 'data'}",
            f"--web.listen-address={address}",
            # Nobody waits for a query that outlives the test that asked it.
            f"--query.timeout={START_TIMEOUT_S}s",
            "--log.level=warn",
            *options,
        ]
        warden = start_guarded(command, log)
        client = PrometheusClient(f"http://{address}")
        try:
            if _is_ready_in_time(warden, client):
                return warden, client
        except BaseException:
            stop_guarded(warden, STOP_TIMEOUT_S)
            raise
        ended_by_itself = warden.poll() is not None
        stop_guarded(warden, STOP_TIMEOUT_S)
        said = log.read_text(errors="replace")
        if not (ended_by_itself and "address already in use" in said) or attempt == START_ATTEMPTS:
            break
    raise SluiceError(f"Prometheus did not start. The end of its log:\n{end_of(log)}")


def _is_ready_in_time(warden: subprocess.Popen[str], client: PrometheusClient) -> bool:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while warden.poll() is None and time.monotonic() < deadline_s:
        if client.is_ready():
            return True
        time.sleep(POLL_S)
    return False
