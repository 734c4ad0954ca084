"""Every question of every dashboard is answered, by a real Prometheus that has watched the real demo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra.grafana.files import dashboards
from infra.grafana.model.dashboard import Annotation, Dashboard
from infra.grafana.model.panels import Target
from infra.grafana.observed_demo import SCRAPE_INTERVAL_S, ObservedDemo, observed_demo
from infra.grafana.pictures import picture
from infra.grafana.queries import Window, filled_in
from infra.prometheus.client import PrometheusClient
from infra.prometheus.tools import Tools
from tests.infra.grafana.made_up import MadeUp, answering
from tests.infra.grafana.names import expression_of, metric_and_label, metrics_of, targets
from tests.infra.prometheus.faults import rule_faults
from tests.side_by_side import takes

STEP_S = 5
PICTURE_BYTES_MAX = 100_000
SELDOM_TIMEOUT_S = 90
ORDERS_PER_SECOND = 120

NOT_IN_THE_DEMO = {
    "Stopped partitions": "the story stops none",
    "Rebalances": "a single router is given its partitions once, before the first look at it",
    "Firing alerts": "all ends well before an alert has lasted long enough",
}
"""Marks of what does not happen, and why not."""


FALLS_DUE_LATER = (
    "sluice_delivery_due_total",
    "sluice_delivery_on_time_total",
    "sluice_channel_delivery_due_total",
    "sluice_channel_delivery_on_time_total",
    "sluice_carrier_delivery_due_total",
    "sluice_carrier_delivery_on_time_total",
    "sluice_delivery_due_by_country_total",
    "sluice_delivery_on_time_by_country_total",
)
"""What is judged days after the order, which no demo lasts: a router that is made up tells of it."""
TOLD_OF_THEM = (
    "sluice_delivery_told_total",
    "sluice_channel_delivery_told_total",
    "sluice_carrier_delivery_told_total",
    "sluice_delivery_told_by_country_total",
)
"""Of packages of which no carrier tells nothing is known. The demo's carriers tell too, of packages not judged yet."""


def answers(prometheus: PrometheusClient, asked: Target | Annotation, window: Window) -> int:
    """How many numbers come back; "not a number" is none."""
    expression = filled_in(expression_of(asked), window)
    if isinstance(asked, Target) and asked.instant:
        return sum(1 for sample in prometheus.query(expression, window.end_s) if not math.isnan(sample.value))
    series = prometheus.query_range(expression, window.start_s, window.end_s, window.step_s)
    return sum(1 for each in series for _, value in each.points if not math.isnan(value))


def unanswered(prometheus: PrometheusClient, dashboard: Dashboard, window: Window) -> list[str]:
    """What a person would see as an empty panel, an empty choice, or a mark that never shows."""
    panels = [
        f"panel {panel.title} ({target.ref_id}): {target.expr}"
        for panel, target in targets(dashboard)
        if not answers(prometheus, target, window)
    ]
    variables = [
        f"variable {variable.name}"
        for variable in dashboard.templating.entries
        for metric, label in [metric_and_label(variable)]
        if not any(
            each.labels.get(label)
            for each in prometheus.query(f"count by ({label}) ({metric})", window.end_s)
        )
    ]
    marks = [
        f"mark {mark.name}: {mark.target.expr}"
        for mark in dashboard.annotations.entries
        if mark.name not in NOT_IN_THE_DEMO and not answers(prometheus, mark, window)
    ]
    return [f"{dashboard.title}, {each}" for each in (*panels, *variables, *marks)]


def told_by_the_demo(demo: ObservedDemo, names: Sequence[str], window: Window) -> list[str]:
    """Those of which the demo's own router has something to tell."""
    return [
        name
        for name in names
        if any(
            sample.value
            for sample in demo.prometheus.query(f'{name}{{instance="{demo.instance}"}}', window.end_s)
        )
    ]


def test_what_is_made_up_is_asked_for() -> None:
    asked = {name for each in dashboards() for _, target in targets(each) for name in metrics_of(target.expr)}
    assert {*FALLS_DUE_LATER, *TOLD_OF_THEM} <= asked


@takes(80)
@pytest.mark.kafka
def test_every_panel_variable_and_mark_has_data(tmp_path: Path, prometheus_tools: Tools) -> None:
    """One test and not one for each dashboard, because they all look at one demo."""
    with (
        answering(MadeUp(FALLS_DUE_LATER + TOLD_OF_THEM)) as made_up,
        observed_demo(tmp_path / "demo", ORDERS_PER_SECOND, [made_up]) as demo,
    ):
        prometheus = demo.prometheus
        # The router that came back tells this only now and then.
        prometheus.wait_until("sluice_capacity_used", SELDOM_TIMEOUT_S)
        # As of a look that was answered: on a busy machine the last one may not be.
        (answered, *_) = prometheus.wait_until("count(up == 1) == count(up)", SELDOM_TIMEOUT_S)
        window = Window(demo.started_s, answered.time_s, STEP_S, SCRAPE_INTERVAL_S)
        assert [
            each for dashboard in dashboards() for each in unanswered(prometheus, dashboard, window)
        ] == []
        assert rule_faults(prometheus) == []
        assert told_by_the_demo(demo, FALLS_DUE_LATER, window) == [], "needs not be made up any more"
        for dashboard in dashboards():
            drawn = picture(dashboard, prometheus, window, "Drawn by a test.")
            assert "no data" not in drawn, dashboard.title
            assert len(drawn) < PICTURE_BYTES_MAX
            ElementTree.fromstring(drawn)
