"""The rules are what Prometheus accepts, and each alert fires when it should and is silent when it should be."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from infra.prometheus.rule import Recording
from infra.prometheus.rules import ALERTS, GROUPS
from infra.prometheus.scaled import RULES, rule_files
from infra.prometheus.tools import Tools
from tests.infra.prometheus.case import Case
from tests.infra.prometheus.cases_carriers import CARRIERS_CASES
from tests.infra.prometheus.cases_channels import CHANNELS_CASES
from tests.infra.prometheus.cases_input import INPUT_CASES
from tests.infra.prometheus.cases_memory import MEMORY_CASES
from tests.infra.prometheus.cases_news import NEWS_CASES
from tests.infra.prometheus.cases_objectives import OBJECTIVES_CASES
from tests.infra.prometheus.cases_promises import PROMISES_CASES
from tests.infra.prometheus.cases_refused import REFUSED_CASES
from tests.infra.prometheus.cases_restoring import RESTORING_CASES
from tests.infra.prometheus.cases_routers import ROUTERS_CASES
from tests.infra.prometheus.cases_standby import STANDBY_CASES
from tests.infra.prometheus.cases_stock import STOCK_CASES
from tests.infra.prometheus.cases_undecided import UNDECIDED_CASES
from tests.infra.prometheus.cases_warehouses import WAREHOUSES_CASES

CASES = [
    *OBJECTIVES_CASES,
    *UNDECIDED_CASES,
    *REFUSED_CASES,
    *PROMISES_CASES,
    *WAREHOUSES_CASES,
    *CARRIERS_CASES,
    *CHANNELS_CASES,
    *NEWS_CASES,
    *ROUTERS_CASES,
    *RESTORING_CASES,
    *INPUT_CASES,
    *STOCK_CASES,
    *MEMORY_CASES,
    *STANDBY_CASES,
]


def promtool(tools: Tools, *arguments: str | Path) -> str:
    """What it says; it must not complain."""
    # It lives for a second: to collect its garbage, and on several processors, costs a quarter more.
    economy = {"GOGC": "400", "GOMAXPROCS": "1"}
    result = subprocess.run(
        [tools.promtool, *arguments],
        capture_output=True, text=True, timeout=100, check=False, env={**os.environ, **economy},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_rule_files_are_those_of_the_code() -> None:
    for name, text in rule_files().items():
        assert (RULES / name).read_text(encoding="utf-8") == text, f"{name} is stale; remedy: make rules"
    assert {path.name for path in RULES.iterdir()} == rule_files().keys()


def test_prometheus_accepts_the_rules_and_the_configuration_of_a_deployment(prometheus_tools: Tools) -> None:
    promtool(prometheus_tools, "check", "rules", *sorted(RULES.glob("*.yaml")))
    promtool(prometheus_tools, "check", "config", RULES.with_name("prometheus.yml"))


def test_no_rule_waits_for_a_figure_of_another_group() -> None:
    """Groups are evaluated apart from each other, so such a figure could be one interval old, or not."""
    for group in GROUPS:
        recorded = {rule.name for rule in group.rules if isinstance(rule, Recording)}
        for rule in group.rules:
            used = set(re.findall(r"\b[a-z_]+:[a-z_]+:[a-z0-9_]+\b", rule.expression))
            assert used <= recorded, f"{rule.name} uses {used - recorded}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story)
def test_what_fires_and_what_does_not(case: Case, prometheus_tools: Tools, tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(json.dumps(case.as_file(RULES)), encoding="utf-8")
    promtool(prometheus_tools, "test", "rules", file)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_nearly_does(alert: str) -> None:
    assert any(fires.alert == alert for case in CASES for fires in case.fires)
    assert any(alert in case.nearly for case in CASES)


def test_no_case_says_of_an_alert_that_it_fires_and_that_it_nearly_does() -> None:
    for case in CASES:
        assert not {fires.alert for fires in case.fires if not fires.labels} & set(case.nearly), case.story
        assert set(case.nearly) <= ALERTS.keys(), case.story
