"""The local Prometheus scrapes, evaluates, answers, and ends when whoever started it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import make_server

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from infra.errors import SluiceError
from infra.prometheus.client import PrometheusClient
from infra.prometheus.local import local_prometheus
from infra.prometheus.tools import Tools
from tests.faults.stage import wait_for
from tests.infra.prometheus.faults import rule_faults

ROOT = Path(__file__).parents[3]
SCRAPE_S = 1.0
WAIT_S = 45.0
"""On a busy machine a scrape may be answered too late, and what it asked for is gone until the next one."""
RULES = """
groups:
  - name: test
    rules:
      - alert: WaterHigh
        expr: water_metres > 2
        annotations: {summary: "The water is {{ $value }} m high."}
      - alert: WaterLow
        expr: water_metres < 1
"""


@pytest.fixture(scope="module")
def prometheus(
    prometheus_tools: Tools, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PrometheusClient]:
    registry = CollectorRegistry()
    Gauge("water_metres", "How high the water is.", registry=registry).set(2.5)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    rules = tmp_path_factory.mktemp("rules") / "water.yaml"
    rules.write_text(RULES)
    with local_prometheus([f"127.0.0.1:{server.server_port}"], SCRAPE_S, [rules]) as client:
        client.wait_until('ALERTS{alertstate="firing"}', WAIT_S)
        yield client
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_answers_with_what_it_has_scraped(prometheus: PrometheusClient) -> None:
    assert prometheus.url.startswith("http://127.0.0.1:")
    (sample,) = prometheus.wait_until("water_metres", WAIT_S)
    assert sample.value == 2.5
    assert sample.labels["job"] == "sluice"
    (scalar,) = prometheus.query("1 + 1")
    assert scalar.value == 2


def test_it_answers_with_what_was(prometheus: PrometheusClient) -> None:
    (now,) = prometheus.wait_until("water_metres", WAIT_S)
    (series,) = prometheus.query_range("water_metres", now.time_s - SCRAPE_S, now.time_s, 0.5)
    assert {value for _, value in series.points} == {2.5}


def test_it_tells_which_alerts_fire_and_in_which_words(prometheus: PrometheusClient) -> None:
    wait_for(lambda: prometheus.firing() == {"WaterHigh"}, "the alert to fire")
    (alert,) = prometheus.alerts()
    assert alert.annotations["summary"] == "The water is 2.5 m high."
    assert rule_faults(prometheus) == []
    (group,) = prometheus.rule_groups()
    assert [rule.name for rule in group.rules] == ["WaterHigh", "WaterLow"]
    assert group.evaluation_s > 0


def test_what_it_cannot_answer_is_an_error_with_its_reason(prometheus: PrometheusClient) -> None:
    with pytest.raises(SluiceError, match="parse error"):
        prometheus.query("sum(")
    with pytest.raises(SluiceError, match="no answer to `water_metres > 3`"):
        prometheus.wait_until("water_metres > 3", timeout_s=0)


def test_rules_that_it_refuses_end_the_start_with_its_own_words(
    prometheus_tools: Tools, tmp_path: Path
) -> None:
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("groups: [{name: a, rules: [{alert: B, expr: 'sum('}]}]")
    with pytest.raises(SluiceError, match="parse error"), local_prometheus([], 1, [faulty]):
        pass


def test_an_address_where_nobody_answers_is_told() -> None:
    with pytest.raises(SluiceError, match="does not answer"):
        PrometheusClient("http://127.0.0.1:1").query("up")


def test_something_else_at_the_address_is_told() -> None:
    def page(_environ: object, start: object) -> list[bytes]:
        assert callable(start)
        start("200 OK", [])
        return [b"<html>"]

    server = make_server("127.0.0.1", 0, page)
    with server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(SluiceError, match="not JSON"):
            PrometheusClient(f"http://127.0.0.1:{server.server_port}").query("up")
        thread.join()


def test_it_ends_when_its_parent_is_killed(prometheus_tools: Tools) -> None:
    program = (
        "from infra.prometheus.local import local_prometheus\n"
        "with local_prometheus([], 1) as prometheus:\n"
        "    print(prometheus.url, flush=True)\n"
        "    input()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdin is not None
    assert parent.stdout is not None
    client = PrometheusClient(parent.stdout.readline().strip())
    assert client.is_ready()
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    wait_for(lambda: not client.is_ready(), "Prometheus to end with its parent")
