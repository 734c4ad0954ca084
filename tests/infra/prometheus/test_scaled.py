"""One factor makes a night of hours a drill of minutes: durations shrink, thresholds and words stay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from infra.prometheus.durations import Scale, milliseconds_of, text_of
from infra.prometheus.local import local_prometheus
from infra.prometheus.rules import ALERTS
from infra.prometheus.scaled import RULES, main, rule_files, write_rules
from infra.prometheus.tools import Tools
from infra.prometheus.yaml_text import yaml_text
from tests.infra.prometheus.faults import rule_faults
from tests.infra.prometheus.test_rules import promtool


@pytest.mark.parametrize(
    ("scale", "expression", "expected"),
    [
        (Scale(), "rate(a[5m]) > 300", "rate(a[5m]) > 300"),
        (Scale(60), "rate(a[5m]) > 300", "rate(a[5s]) > 300"),
        (Scale(60), "a offset 6h > 1h_total", "a offset 6m > 1h_total"),
        (Scale(120), "a[1d] + a[5m]", "a[12m] + a[2500ms]"),
        (Scale(60, scrape_interval_ms=2_000), "a[5m] + a[10m]", "a[8s] + a[10s]"),
        (Scale(60), "sum_over_time(a[3d]) / seconds(3d)", "sum_over_time(a[72m]) / 4320"),
        (Scale(60, scrape_interval_ms=2_000), "a[5m] / seconds(5m)", "a[8s] / 8"),
        (Scale(120), "seconds(5m)", "2.5"),
        (Scale(60), "sluice:a:ratio_rate5m{b='[x]'} > 5", "sluice:a:ratio_rate5m{b='[x]'} > 5"),
    ],
)
def test_windows_and_offsets_shrink_and_nothing_else(scale: Scale, expression: str, expected: str) -> None:
    assert scale.in_expression(expression) == expected


@pytest.mark.parametrize(
    ("scale", "duration", "expected"),
    [
        (Scale(), "15m", "15m"),
        (Scale(60), "15m", "15s"),
        (Scale(60, scrape_interval_ms=2_000), "1m", "2s"),
        (Scale(60, scrape_interval_ms=2_000), "0s", "0s"),
        (Scale(7), "1m", "8571ms"),
    ],
)
def test_waiting_shrinks_to_a_scrape_at_least_and_none_stays_none(
    scale: Scale, duration: str, expected: str
) -> None:
    assert scale.waiting(duration) == expected


@pytest.mark.parametrize("duration", ["1ms", "90s", "5m", "36h", "3d"])
def test_a_duration_is_written_as_it_is_read(duration: str) -> None:
    assert text_of(milliseconds_of(duration)) == duration


def test_what_is_no_duration_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'1 hour' is not a duration"):
        milliseconds_of("1 hour")


def test_every_duration_of_every_rule_is_scaled() -> None:
    """Whatever notation a rule is written in, an hour that the scale does not see would make a drill wait for it."""
    pattern = re.compile(r"\[([^\]:]+)(?::([^\]]+))?\]|offset (\w+)|\bfor: (\S+)")
    usual, scaled = (
        [text for groups in pattern.findall("".join(rule_files(factor).values())) for text in groups if text]
        for factor in (1.0, 60.0)
    )
    assert len(usual) > 100
    for before, after in zip(usual, scaled, strict=True):
        expected = 0 if before == "0s" else milliseconds_of(before) / 60
        assert (milliseconds_of(after) if after != "0s" else 0) == expected


def test_a_drill_gets_its_own_files_and_a_deployment_its_own_runbooks(
    prometheus_tools: Tools, tmp_path: Path
) -> None:
    assert (
        main(
            [
                "--factor",
                "60",
                "--scrape-interval",
                "1",
                "--runbooks",
                "https://w.example/",
                "--to",
                str(tmp_path),
            ]
        )
        == 0
    )
    promtool(prometheus_tools, "check", "rules", *sorted(tmp_path.glob("*.yaml")))
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert {f"https://w.example/{alert.page}" for alert in ALERTS.values()} <= set(
        re.findall(r'runbook_url: "?([^"\n]+)', text)
    )


def test_the_rules_of_a_deployment_are_never_overwritten_by_those_of_a_drill(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {path: path.read_bytes() for path in RULES.iterdir()}
    for faulty in (["--factor", "60"], ["--factor", "0"], ["--factor", "-1", "--to", "x"]):
        with pytest.raises(SystemExit):
            main(faulty)
    assert "name another directory with --to" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in RULES.iterdir()} == before


def test_on_a_new_prometheus_a_dead_router_is_told_within_seconds(
    prometheus_tools: Tools, tmp_path: Path
) -> None:
    registry = CollectorRegistry()
    Gauge("sluice_partitions", "Partitions.", registry=registry).set(1)
    Gauge("sluice_partition_live", "Live.", ["partition"], registry=registry).labels("0").set(1)
    server, thread = start_http_server(0, "127.0.0.1", registry)
    rules = write_rules(tmp_path, factor=600, scrape_interval_s=0.2)
    with local_prometheus([f"127.0.0.1:{server.server_port}"], 0.2, rules) as prometheus:
        # Until it had gathered its targets there were none, which is an alert too.
        prometheus.wait_until(
            'sluice:partitions_unavailable:ratio == 0 unless on () ALERTS{alertstate="firing"}', timeout_s=60
        )
        server.shutdown()
        thread.join()
        server.server_close()
        for alert in ("RouterDown", "RoutingAvailabilityBurnsFast"):
            prometheus.wait_until(f'ALERTS{{alertname="{alert}", alertstate="firing"}}', timeout_s=60)
        # A window that has met its shortest length is a whole like any other.
        for window in ("5m", "30m", "1h"):
            share = f"sluice:partitions_unavailable:ratio_avg{window}"
            prometheus.wait_until(f"{share} > 0.8", timeout_s=30)
            assert prometheus.query(f"max_over_time({share}[1m]) > 1") == []
        assert rule_faults(prometheus) == []
        assert prometheus.firing() <= {
            "RouterDown", "RoutingAvailabilityBurnsFast", "RoutingAvailabilityBurnsSlowly",
        }  # fmt: skip


def test_yaml_is_written_so_that_every_text_stays_a_text() -> None:
    assert yaml_text({"a": "on", "b": "1", "c": "x: y", "d": "15m", "e": ["p", "q"], "f": "1\n  2"}) == (
        'a: "on"\nb: "1"\nc: "x: y"\nd: 15m\ne:\n  - p\n  - q\nf: |-\n  1\n    2\n'
    )
