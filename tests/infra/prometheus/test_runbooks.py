"""Whoever is woken finds a page for the alert, and what the page says can be typed."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from cli.main import VERBS, main
from flows.metrics import Metrics
from infra.prometheus.rule import PAGE, RUNBOOKS, TICKET, Alert, Recording
from infra.prometheus.rules import ALERTS, GROUPS
from infra.prometheus.tools import Tools
from tests.infra.prometheus.expressions import metrics_in
from tests.infra.prometheus.test_rules import promtool

ROOT = Path(__file__).parents[3]
PAGES = {path.stem: path for path in (ROOT / RUNBOOKS).glob("*.md") if path.name != "README.md"}
HEADINGS = [
    "What the customer feels",
    "How to confirm",
    "Likely causes, in order",
    "What to do",
    "How to know it is over",
]

ADDED_BY_PROMETHEUS = {"up"}
"""What no router says of itself: whether it could be asked."""

SUFFIXES = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}


def read(alert: str) -> str:
    return PAGES[alert].read_text(encoding="utf-8")


def queries(page: str) -> list[str]:
    return re.findall(r"```promql\n(.*?)```", page, re.DOTALL)


def commands(page: str) -> list[str]:
    """Every command line of the page, in its blocks and in its sentences."""
    found = re.findall(r"^(sluice .*)$|`(sluice .*?)`", page, re.MULTILINE)
    return [block or inline for block, inline in found]


@cache
def known_metrics() -> frozenset[str]:
    exposed = {
        family.name + suffix for family in Metrics().registry.collect() for suffix in SUFFIXES[family.type]
    }
    recorded = {rule.name for group in GROUPS for rule in group.rules if isinstance(rule, Recording)}
    return frozenset(exposed | recorded | ADDED_BY_PROMETHEUS)


@cache
def help_of(*verbs: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said), pytest.raises(SystemExit):
        main([*verbs, "--help"])
    return said.getvalue()


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert PAGES.keys() == ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_the_overview_names_every_alert_with_its_first_command(alert: Alert) -> None:
    command = re.sub(r"\{\{ \$labels\.(\w+) }}", lambda match: match[1].upper(), alert.command)
    row = f"| [{alert.name}]({alert.page}) | {alert.severity} | `{command}` |"
    assert row in (ROOT / RUNBOOKS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_is_felt_how_to_confirm_why_what_to_do_and_when_it_is_over(name: str) -> None:
    page = read(name)
    assert page.startswith(f"# {name}\n\nSeverity: **{ALERTS[name].severity}** (")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    parts = dict(zip(HEADINGS, re.split(r"^## .*$", page, flags=re.MULTILINE)[1:], strict=True))
    assert queries(parts["How to confirm"])
    assert commands(parts["How to confirm"])
    assert parts["Likely causes, in order"].count("\n1. ") == 1
    assert commands(parts["What to do"])
    assert queries(parts["How to know it is over"])


@pytest.mark.parametrize("name", PAGES)
def test_the_first_command_of_the_alert_is_on_its_page(name: str) -> None:
    first = re.sub(r" \{\{ .*?}}", "", ALERTS[name].command)
    assert first.split(" --")[0] in read(name)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_exists_with_its_options(name: str) -> None:
    for command in [ALERTS[name].command, *commands(read(name))]:
        _, verb, *rest = command.split()
        assert verb in VERBS, command
        verbs = [verb, *(word for word in rest[:1] if verb == "dead-letters")]
        for option in re.findall(r"(?<= )--[a-z-]+", command):
            assert option in help_of(*verbs), command


@pytest.mark.parametrize("name", ALERTS)
def test_every_metric_is_one_that_a_router_has(name: str) -> None:
    for expression in [ALERTS[name].expression, *queries(read(name))]:
        assert metrics_in(expression) <= known_metrics(), expression


def test_every_metric_of_a_recorded_figure_is_one_that_a_router_has() -> None:
    for group in GROUPS:
        for rule in group.rules:
            assert metrics_in(rule.expression) <= known_metrics(), rule.name


def test_every_query_of_every_page_is_one_that_prometheus_understands(
    prometheus_tools: Tools, tmp_path: Path
) -> None:
    rules = [
        {"record": f"{name}:{number}", "expr": query}
        for name in PAGES
        for number, query in enumerate(queries(read(name)))
    ]
    file = tmp_path / "queries.yaml"
    file.write_text(json.dumps({"groups": [{"name": "queries", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in promtool(prometheus_tools, "check", "rules", file)


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_an_alert_is_named_and_worded_for_a_person(alert: Alert) -> None:
    assert re.fullmatch(r"([A-Z][a-z]+)+", alert.name)
    assert alert.severity in (PAGE, TICKET)
    assert alert.summary.endswith((".", "?"))
    assert alert.description.endswith(".")


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('sum by (pool) (rate(a_total{topic="orders", le="0.5"}[5m] offset 1h)) > 0', {"a_total"}),
        ("a:b_c:d5m / on (pool) group_left max(b) or vector(0)", {"a:b_c:d5m", "b"}),
        ("a unless on () b and ignoring (x, y) 5 * count_over_time(c[5m])", {"a", "b", "c"}),
    ],
)
def test_metrics_are_found_in_an_expression(expression: str, names: set[str]) -> None:
    assert metrics_in(expression) == names
