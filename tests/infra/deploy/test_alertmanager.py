"""The example of an Alertmanager's configuration: every alert has somewhere to go, and every name in it exists."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ruamel.yaml import YAML

from infra.deploy.containerfile import CONTAINERFILE
from infra.prometheus.durations import milliseconds_of
from infra.prometheus.rule import PAGE, TICKET
from infra.prometheus.rules import ALERTS

FOLDER = CONTAINERFILE.parent
EXAMPLE = FOLDER / "alertmanager/alertmanager.yml"
MATCHER = re.compile(r'(\w+) = "(\w+)"')


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(EXAMPLE)
    return loaded


def matched(matchers: list[str]) -> dict[str, str]:
    return dict(MATCHER.fullmatch(each).groups() for each in matchers)  # type: ignore[union-attr, misc]


def test_pages_and_tickets_go_to_receivers_of_their_own(example: dict[str, Any]) -> None:
    routes = {matched(each["matchers"])["severity"]: each["receiver"] for each in example["route"]["routes"]}
    assert routes == {PAGE: "pages", TICKET: "tickets"}
    assert {alert.severity for alert in ALERTS.values()} == routes.keys()
    assert {each["name"] for each in example["receivers"]} == {*routes.values(), example["route"]["receiver"]}


def test_nobody_waits_for_longer_than_a_minute_to_hear_of_the_next_partition_that_stops(
    example: dict[str, Any],
) -> None:
    """It is the same alert as that of the first, and so the same message."""
    (pages,) = (each for each in example["route"]["routes"] if matched(each["matchers"])["severity"] == PAGE)
    waits = {**example["route"], **pages}
    assert milliseconds_of(waits["group_wait"]) + milliseconds_of(waits["group_interval"]) < 70_000


def test_whatever_is_silenced_and_by_what_are_alerts_that_there_are(example: dict[str, Any]) -> None:
    for rule in example["inhibit_rules"]:
        loud, silent = (matched(rule[f"{side}_matchers"])["alertname"] for side in ("source", "target"))
        assert {loud, silent} <= ALERTS.keys()
        assert ALERTS[loud].severity == PAGE, "what nobody is woken by must silence nothing"


def test_no_page_is_silenced(example: dict[str, Any]) -> None:
    """Such as a partition that stops while the budget burns for another one: somebody must hear of it."""
    for rule in example["inhibit_rules"]:
        assert ALERTS[matched(rule["target_matchers"])["alertname"]].severity == TICKET


def test_no_secret_and_no_address_is_in_it() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(?!#).*(https?://|password|token|api_key)", text, re.MULTILINE)


def test_the_prometheus_of_the_compose_file_tells_its_alertmanager() -> None:
    yaml = YAML(typ="safe", pure=True)
    services = yaml.load(FOLDER / "compose.yaml")["services"]
    (targets,) = yaml.load(FOLDER / "prometheus/alertmanagers/alertmanagers.yaml")
    (address,) = targets["targets"]
    assert address == "alertmanager:9093"
    assert address.partition(":")[0] in services
    assert "./prometheus/alertmanagers:/etc/prometheus/alertmanagers:ro" in services["prometheus"]["volumes"]
    assert "--config.file=/etc/alertmanager/alertmanager.yml" in services["alertmanager"]["command"]
    assert "./alertmanager:/etc/alertmanager:ro" in services["alertmanager"]["volumes"]
