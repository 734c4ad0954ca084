"""Whoever is woken finds a page for the alert, and what the page says can be typed."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from flows.metrics import Metrics
from infra.prometheus.rule import PAGE, RUNBOOKS, TICKET, Alert, Recording
from infra.prometheus.rules import ALERTS, GROUPS
from infra.prometheus.scaled import RULES
from infra.prometheus.tools import Tools
from schemas.codec import decode_input
from schemas.topics import INVENTORY
from tests.infra.prometheus.case import with_job
from tests.infra.prometheus.expressions import metrics_in
from tests.infra.prometheus.test_rules import promtool
from tests.infra.typed import READS_ONLY, parsed, typed_in

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


HOW_TO_TYPE = "how-to-type-a-command"
OVERVIEW = ROOT / RUNBOOKS / "README.md"


def read(alert: str) -> str:
    return PAGES[alert].read_text(encoding="utf-8")


def queries(page: str) -> list[str]:
    return re.findall(r"```promql\n(.*?)```", page, re.DOTALL)


def with_labels(command: str) -> str:
    """As a page has it, which knows of `{{ $labels.pool }}` only that it is a POOL."""
    return re.sub(r"\{\{ \$labels\.(\w+) }}", lambda match: match[1].upper(), command)


@cache
def known_metrics() -> frozenset[str]:
    exposed = {
        family.name + suffix for family in Metrics().registry.collect() for suffix in SUFFIXES[family.type]
    }
    recorded = {rule.name for group in GROUPS for rule in group.rules if isinstance(rule, Recording)}
    return frozenset(exposed | recorded | ADDED_BY_PROMETHEUS)


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert PAGES.keys() == ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert.name)
def test_the_overview_names_every_alert_with_its_first_command(alert: Alert) -> None:
    row = f"| [{alert.name}]({alert.page}) | {alert.severity} | `{with_labels(alert.command)}` |"
    assert row in OVERVIEW.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_is_felt_how_to_confirm_why_what_to_do_and_when_it_is_over(name: str) -> None:
    page = read(name)
    assert page.startswith(f"# {name}\n\nSeverity: **{ALERTS[name].severity}** (")
    assert f"[How to type a command](README.md#{HOW_TO_TYPE})" in page
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == HEADINGS
    parts = dict(zip(HEADINGS, re.split(r"^## .*$", page, flags=re.MULTILINE)[1:], strict=True))
    assert queries(parts["How to confirm"])
    assert typed_in(parts["How to confirm"])
    assert parts["Likely causes, in order"].count("\n1. ") == 1
    assert typed_in(parts["What to do"])
    assert queries(parts["How to know it is over"])


@pytest.mark.parametrize("name", PAGES)
def test_the_first_command_is_that_of_the_alert_and_only_reads(name: str) -> None:
    command = ALERTS[name].command.removeprefix("sluice ")
    assert command.startswith(READS_ONLY), command
    assert not re.search(r"\b[A-Z]{2,}\b", command), f"{command}: cannot be typed as it stands"
    assert typed_in(read(name))[0] == with_labels(command)


@pytest.mark.parametrize("page", [*PAGES.values(), OVERVIEW], ids=lambda page: page.stem)
def test_the_command_line_takes_every_command_of_a_page(page: Path) -> None:
    found = typed_in(page.read_text(encoding="utf-8"))
    assert found
    for command in found:
        parsed(command)


@pytest.mark.parametrize(
    "command", ["orders --lately", "watched", "dead-letters retry --topic orders", "explain"]
)
def test_a_command_that_does_not_exist_is_refused(command: str) -> None:
    with pytest.raises(AssertionError, match=f"sluice {command}"):
        parsed(command)


@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_told_to_start_a_process_under_a_name_that_may_be_taken(name: str) -> None:
    """Two processes with one name shut each other out; which names are free, no page can know."""
    for command in typed_in(read(name)):
        if command.startswith("run"):
            assert parsed(command)["instance"] in (None, "NAME"), command


@pytest.mark.parametrize("page", [*PAGES.values(), OVERVIEW], ids=lambda page: page.stem)
def test_nobody_waits_for_a_process_that_does_not_answer(page: Path) -> None:
    """One that is frozen takes the connection, and says nothing for ever."""
    for asked in re.findall(r"curl [^`\n]*", page.read_text(encoding="utf-8")):
        assert "--max-time 5 " in asked, asked


def test_the_overview_says_how_to_type_a_command_where_the_deployment_has_it() -> None:
    page = OVERVIEW.read_text(encoding="utf-8")
    assert "## How to type a command" in page
    for folder, unit in re.findall(r"(sluice-\w+)@(\d)", page):
        assert (ROOT / f"infra/deploy/systemd/{folder}@.service").exists(), unit
    services = YAML(typ="safe", pure=True).load(ROOT / "infra/deploy/compose.yaml")["services"]
    used = re.findall(
        r"docker compose (?:run .*?|restart |logs .*?)(?<= )([a-z]+(?:-1)?)(?=`| doctor| run)", page
    )
    assert used
    assert set(used) <= services.keys()
    (one_more,) = re.findall(r"router-1 (run [^`]*)`", page)
    assert parsed(one_more)["instance"] == "router-3"
    assert parsed(one_more)["standby"], "every process of a group with standbys is one"
    assert "router-3" not in services, "a name that is taken"


def test_the_event_that_the_overview_shows_is_one_that_a_router_takes() -> None:
    (line,) = re.findall(r"```json\n(.*)\n```", OVERVIEW.read_text(encoding="utf-8"))
    decode_input(INVENTORY.name, line.encode())


def test_in_compose_doctor_is_told_of_every_router() -> None:
    page = OVERVIEW.read_text(encoding="utf-8")
    services = YAML(typ="safe", pure=True).load(ROOT / "infra/deploy/compose.yaml")["services"]
    routers = {name for name, service in services.items() if service.get("command", [""])[0] == "run"}
    (command,) = re.findall(r"docker compose run --rm sluice (doctor [^`]*)`", page)
    assert set(parsed(command)["router"]) == {f"http://{name}:9464" for name in routers}


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


FIRST_BURST = {
    'up{instance="a"}': "1x80",
    'sluice_decision_age_seconds_count{instance="a", topic="orders"}': "0+100x80",
    'sluice_dead_letters_total{instance="a", topic="orders", reason="unknown_channel"}': "_x29 500x80",
    'sluice_setbacks_total{instance="a", remedy="abort"}': "_x29 5x80",
    'sluice_promises_withdrawn_total{instance="a", pool="lyon"}': "_x29 500x80",
}
"""Counters that did not exist before what they count, as happens in a process that has been well since its start."""
CUT_OFF = {
    'up{instance="a"}': "1x80",
    'sluice_last_commit_timestamp_seconds{instance="a", partition="0"}': "0x38 1140+30x40",
    'sluice_partition_live{instance="a", partition="0"}': "1x80",
    'sluice_lag_records{instance="a", partition="0", topic="orders"}': "7x38 0x40",
}
NOTHING_HAPPENED = {'up{instance="a"}': "1x80"}


@pytest.mark.parametrize(
    ("name", "story", "over_at"),
    [
        ("OrdersRefused", FIRST_BURST, "26m"),
        ("DeadLettersRising", FIRST_BURST, "26m"),
        ("SetbacksRepeat", FIRST_BURST, "31m"),
        ("PromisesWithdrawn", FIRST_BURST, "26m"),
        ("CommitsStandStill", CUT_OFF, "25m"),
    ],
)
def test_a_page_agrees_with_its_alert_on_whether_there_is_something_and_whether_it_is_over(
    name: str, story: dict[str, str], over_at: str, prometheus_tools: Tools, tmp_path: Path
) -> None:
    parts = read(name).split("## ")
    (confirm,) = (queries(part)[0] for part in parts if part.startswith("How to confirm"))
    (over,) = (queries(part)[0] for part in parts if part.startswith("How to know it is over"))

    def expected(series: dict[str, str], *answers: tuple[str, str, bool]) -> dict[str, object]:
        """At each time the query answers something, or nothing."""
        return {
            "interval": "30s",
            "input_series": [{"series": with_job(each), "values": told} for each, told in series.items()],
            "promql_expr_test": [
                {
                    "expr": f"count({query}) > bool 0 or vector(0)",
                    "eval_time": at,
                    "exp_samples": [{"labels": "{}", "value": int(something)}],
                }
                for query, at, something in answers
            ],
        }

    tests = [
        expected(story, (f"({confirm}) > 0", "18m", True), (over, "18m", False), (over, over_at, True)),
        expected(NOTHING_HAPPENED, (over, "18m", True)),
    ]
    file = tmp_path / "page.yaml"
    rules = [str(path) for path in RULES.glob("*.yaml")]
    file.write_text(json.dumps({"rule_files": rules, "tests": tests}), encoding="utf-8")
    promtool(prometheus_tools, "test", "rules", file)


QUIET_NIGHT = {
    'up{instance="a"}': "1x750",
    'sluice_partitions{instance="a"}': "1x750",
    'sluice_partition_live{instance="a", partition="0"}': "1x750",
    'sluice_partition_stopped{instance="a", partition="0"}': "0x750",
    'sluice_last_poll_timestamp_seconds{instance="a"}': "0+30x750",
    'sluice_last_commit_timestamp_seconds{instance="a", partition="0"}': "0x750",
    'sluice_commit_seconds_count{instance="a"}': "900x750",
    'sluice_decision_age_seconds_count{instance="a", topic="orders"}': "5000x750",
    'sluice_decision_age_seconds_bucket{instance="a", topic="orders", le="0.5"}': "4000x750",
    'sluice_lag_records{instance="a", partition="0", topic="orders"}': "0x750",
    'sluice_stable_gap_records{instance="a", partition="0", topic="orders"}': " ".join(["80 91 82 93"] * 190),
    'sluice_broker_errors_total{instance="a", kind="_TRANSPORT"}': "3x750",
    'sluice_rows{instance="a", partition="0"}': "5000x750",
    'sluice_overdue_orders{instance="a", partition="0"}': "0x750",
    'process_resident_memory_bytes{instance="a"}': "1000000x750",
    'process_start_time_seconds{instance="a"}': "-100000x750",
    'sluice_stock_freshness_limit_seconds{instance="a"}': "900x750",
    'sluice_stock_event_timestamp_seconds{instance="a", pool="lyon"}': "21600x750",
    'sluice_stock_event_timestamp_seconds{instance="a", pool="turin"}': "0+30x750",
    'sluice_stock_ignored_total{instance="a", pool="turin"}': "40+2x750",
    'sluice_dead_letters_total{instance="a", topic="orders", reason="unknown_channel"}': "1+0.1x750",
    'sluice_promises_withdrawn_total{instance="a", pool="lyon"}': "30+0.1x750",
    'sluice_orders_total{instance="a", channel="web"}': "900+10x750",
    'sluice_backordered_orders_total{instance="a", channel="web"}': "30+0.1x750",
    'sluice_calendars_end_timestamp_seconds{instance="a", network="eu"}': "9000000x750",
    'sluice_cutoffs_missed_total{instance="a", pool="lyon"}': "40x750",
    'sluice_dispatch_due_total{instance="a", pool="lyon"}': "400x750",
    'sluice_dispatch_on_time_total{instance="a", pool="lyon"}': "300x750",
    'sluice_carrier_delivery_due_total{instance="a", carrier="gls"}': "400x750",
    'sluice_carrier_delivery_on_time_total{instance="a", carrier="gls"}': "300x750",
    'sluice_standby_rows{instance="b", partition="0"}': "5000x750",
    'sluice_standby_lag_records{instance="b", partition="0"}': "0x750",
    'sluice_standby_lag_records{instance="c", partition="0"}': "20000x750",
}
"""All is well and next to nothing comes in; a pool was heard of ten minutes ago, and others' transactions overlap. Now
and then a record is refused and a promise withdrawn, as on any usual day."""


BAD_NIGHT = QUIET_NIGHT | {
    'up{instance="d"}': "0x750",
    'sluice_partitions{instance="a"}': "3x750",
    'sluice_partition_live{instance="a", partition="1"}': "0x750",
    'sluice_partition_live{instance="a", partition="2"}': "1x750",
    'sluice_partition_stopped{instance="a", partition="1"}': "1x750",
    'sluice_last_poll_timestamp_seconds{instance="a"}': "30x750",
    'sluice_decision_age_seconds_count{instance="a", topic="orders"}': "5000+10x750",
    'sluice_dead_letters_total{instance="a", topic="orders", reason="unknown_channel"}': "1+5x750",
    'sluice_lag_records{instance="a", partition="0", topic="orders"}': "2000x750",
    'sluice_stable_gap_records{instance="a", partition="0", topic="orders"}': "90x750",
    'sluice_broker_errors_total{instance="a", kind="_TRANSPORT"}': "3+1x750",
    'sluice_setbacks_total{instance="a", remedy="abort"}': "3+1x750",
    'sluice_overdue_orders{instance="a", partition="0"}': "12x750",
    'process_resident_memory_bytes{instance="a"}': "1000000x30 2000000x720",
    'process_start_time_seconds{instance="a"}': "0+30x750",
    'sluice_stock_event_timestamp_seconds{instance="a", pool="lyon"}': "0x750",
    'sluice_stock_ignored_total{instance="a", pool="lyon"}': "40+2x750",
    'sluice_promises_withdrawn_total{instance="a", pool="lyon"}': "30+10x750",
    'sluice_backordered_orders_total{instance="a", channel="web"}': "30+5x750",
    'sluice_units_at_risk{instance="a", pool="lyon"}': "5x750",
    'sluice_calendars_end_timestamp_seconds{instance="a", network="eu"}': "900000x750",
    'sluice_cutoffs_missed_total{instance="a", pool="lyon"}': "40+1x750",
    'sluice_dispatch_due_total{instance="a", pool="lyon"}': "400+10x750",
    'sluice_carrier_delivery_due_total{instance="a", carrier="gls"}': "400+10x750",
    'sluice_standby_lag_records{instance="b", partition="0"}': "20000x750",
}
"""Whatever can go wrong has done so; of partition 2 there is no warm copy."""
CANNOT_BE_SEEN_BESIDE_OTHERS = {"RoutersAbsent", "ChannelSilent", "WarehouseSilent"}
"""One needs that no router is known, the others what was a week ago."""


@pytest.mark.parametrize(
    ("night", "is_over"), [(QUIET_NIGHT, True), (BAD_NIGHT, False)], ids=["quiet", "bad"]
)
def test_every_page_says_that_it_is_over_in_a_quiet_night_and_not_in_a_bad_one(
    night: dict[str, str], is_over: bool, prometheus_tools: Tools, tmp_path: Path
) -> None:
    over = [
        query
        for name in PAGES.keys() - (set() if is_over else CANNOT_BE_SEEN_BESIDE_OTHERS)
        for part in read(name).split("## ")
        if part.startswith("How to know it is over")
        for query in queries(part)
    ]
    story = {
        "interval": "30s",
        "input_series": [{"series": with_job(each), "values": values} for each, values in night.items()],
        "promql_expr_test": [
            {
                "expr": f"count({query}) > bool 0 or vector(0)",
                "eval_time": "370m",
                "exp_samples": [{"labels": "{}", "value": int(is_over)}],
            }
            for query in over
        ],
    }
    file = tmp_path / "night.yaml"
    rules = [str(path) for path in RULES.glob("*.yaml")]
    file.write_text(json.dumps({"rule_files": rules, "evaluation_interval": "2m", "tests": [story]}))
    promtool(prometheus_tools, "test", "rules", file)


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
