"""What a dashboard shows when routers are dead, or have nothing to do: no green that nobody stands for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from flows.metrics import Metrics
from infra.grafana.drawing.card import spoken
from infra.grafana.drawing.data import ask, moments
from infra.grafana.drawing.svg import COLORS
from infra.grafana.files import dashboards
from infra.grafana.model.panels import AnyQueryPanel, BarGauge, Stat, Table
from infra.grafana.parts import MARKS
from infra.grafana.queries import Window
from infra.prometheus.client import PrometheusClient
from infra.prometheus.local import local_prometheus
from infra.prometheus.scaled import write_rules
from infra.prometheus.tools import Tools
from tests.faults.stage import wait_for
from tests.infra.grafana.made_up import MadeUp, answering, described
from tests.infra.grafana.names import query_panels
from tests.infra.grafana.test_every_panel_has_data import NOT_IN_THE_DEMO

SCRAPE_S = 1.0
TIMEOUT_S = 30
OF_THE_ALERTS = "Which alerts fire?"


def panels(kind: type[AnyQueryPanel]) -> Iterator[AnyQueryPanel]:
    return (panel for each in dashboards() for panel in query_panels(each) if isinstance(panel, kind))


def window(since_s: float) -> Window:
    """From then until now, as a person sees it who has had the dashboard open all the time."""
    return Window(since_s, time.time(), SCRAPE_S, SCRAPE_S)


def said(prometheus: PrometheusClient, panel: AnyQueryPanel, shown: Window) -> set[tuple[str, str]]:
    """The words of a panel's figures, each with the name of its colour."""
    names = {code: name for name, code in COLORS.items()}
    found = ask(prometheus, panel, shown)
    spoken_of = [spoken(panel, each.last) for each in found] or [spoken(panel, None)]
    return {(words, names[code]) for words, code in spoken_of}


@pytest.fixture
def alive(prometheus_tools: Tools, tmp_path: Path) -> Iterator[tuple[PrometheusClient, float, ExitStack]]:
    """A Prometheus that has watched a router long enough; since when; and what kills the router."""
    with ExitStack() as router:
        address = router.enter_context(answering(MadeUp(described())))
        rules = write_rules(tmp_path, factor=600, scrape_interval_s=SCRAPE_S)
        with local_prometheus([address], SCRAPE_S, rules) as prometheus:
            since_s = time.time() - 60
            prometheus.wait_until("sum(increase(sluice_dispatch_due_total[1m])) > 0", TIMEOUT_S)
            yield prometheus, since_s, router


def test_a_dashboard_that_was_green_is_red_when_the_last_router_has_died(
    alive: tuple[PrometheusClient, float, ExitStack],
) -> None:
    prometheus, since_s, router = alive

    def empty() -> list[str]:
        shown = window(since_s)
        return [
            panel.title
            for panel in panels(Stat)
            if "no data" in {words for words, _ in said(prometheus, panel, shown)}
        ]

    # A router that is too busy to answer a look has no data until the next one.
    wait_for(lambda: not empty(), "every figure to be there")

    router.close()
    prometheus.wait_until('up == 0 and on () ALERTS{alertname="RouterDown", alertstate="firing"}', TIMEOUT_S)
    shown = window(since_s)
    for panel in panels(Stat):
        # That no partition decides is known, and said.
        expected = "0.0 %" if panel.title == "Does every partition decide?" else "no data"
        assert said(prometheus, panel, shown) == {(expected, "red")}, panel.title
    for panel in panels(BarGauge):
        assert said(prometheus, panel, shown) == {("no data", "red")}, panel.title
    for panel in panels(Table):
        rows = {each.labels.get("alertname") for each in ask(prometheus, panel, shown)}
        assert ("RouterDown" in rows) if panel.title == OF_THE_ALERTS else not rows, panel.title
    for mark in MARKS:
        if mark.name in NOT_IN_THE_DEMO:
            assert moments(prometheus, mark, shown), f"{mark.name} is marked nowhere"


def test_a_router_with_nothing_to_do_has_nothing_due_and_is_not_praised_for_it(
    prometheus_tools: Tools,
) -> None:
    """Its process has just begun: of a counter with labels nobody has heard yet."""
    since_s = time.time() - 60
    with (
        answering(Metrics().registry) as address,
        local_prometheus([address], SCRAPE_S) as prometheus,
    ):
        prometheus.wait_until("count_over_time(up[1m]) > 2", TIMEOUT_S)
        # Asked as of a look that was answered: on a busy machine the last one may not be.
        (answered,) = prometheus.wait_until("up == 1", TIMEOUT_S)
        shown = Window(since_s, answered.time_s, SCRAPE_S, SCRAPE_S)
        found = {
            panel.title: said(prometheus, panel, shown) for kind in (Stat, BarGauge) for panel in panels(kind)
        }
    assert found["Are orders decided in time?"] == {("no orders", "text")}
    assert found["Do packages leave with their truck?"] == {("nothing due", "text")}
    assert found["How many units were filled in time?"] == {("nothing due", "text")}
    assert found["Which pool makes its trucks?"] == {("nothing due", "text")}
    assert found["How many cut-offs were missed?"] == {("0", "green")}
    assert not {words for each in found.values() for words, _ in each} & {"100 %", "nan", "NaN"}
