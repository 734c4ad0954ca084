"""An alert that fires reaches whoever is to be told: a real Prometheus, configured as a deployment is, sends it on."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from infra.prometheus.local import configured_prometheus
from infra.prometheus.rules import ALERTS
from infra.prometheus.scaled import RULES, write_rules
from infra.prometheus.tools import Tools

CONFIGURATION = RULES.with_name("prometheus.yml")
NOBODY = "127.0.0.1:1"
FASTER_S = 0.2
TIMEOUT_S = 60.0


@contextmanager
def receiver() -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """What an Alertmanager is for Prometheus: its host:port, and the alerts that were handed to it."""
    handed: queue.Queue[dict[str, Any]] = queue.Queue()

    class Alerts(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            alerts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/api/v2/alerts":
                for alert in alerts:
                    handed.put(alert)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Alerts)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", handed
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_deployed(directory: Path, router: str, alertmanager: str) -> Path:
    """The configuration of a deployment in a directory of its own, in which time goes faster."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert text.count(": 15s") == 2
    configuration = directory / "prometheus.yml"
    configuration.write_text(text.replace(": 15s", f": {FASTER_S * 1000:.0f}ms"))
    write_rules(directory / "rules", factor=600, scrape_interval_s=FASTER_S)
    for folder, target in (("targets", router), ("alertmanagers", alertmanager)):
        (directory / folder).mkdir()
        # The file that is there says how it is to be written; a deployment replaces its targets.
        assert list(CONFIGURATION.with_name(folder).glob("*.yaml"))
        (directory / folder / "ours.yaml").write_text(json.dumps([{"targets": [target]}]))
    return configuration


def test_a_router_that_is_down_is_told_with_its_runbook_and_the_command_to_type(
    prometheus_tools: Tools, tmp_path: Path
) -> None:
    with (
        receiver() as (alertmanager, handed),
        configured_prometheus(as_deployed(tmp_path, NOBODY, alertmanager)),
    ):
        told = handed.get(timeout=TIMEOUT_S)
        while told["labels"]["alertname"] != "RouterDown":
            told = handed.get(timeout=TIMEOUT_S)
    assert told["labels"] == {
        "alertname": "RouterDown", "severity": "ticket", "job": "sluice", "instance": NOBODY,
    }  # fmt: skip
    assert told["annotations"] == {
        "summary": f"Router {NOBODY} does not answer.",
        "description": ALERTS["RouterDown"].description,
        "command": "sluice doctor",
        "runbook_url": "docs/runbooks/RouterDown.md",
    }
