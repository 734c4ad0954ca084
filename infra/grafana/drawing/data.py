"""What Prometheus answers to a panel's queries, ready to be drawn."""

from __future__ import annotations

import math
import re

from msgspec import Struct

from infra.grafana.model.dashboard import Annotation
from infra.grafana.model.panels import AnyQueryPanel, Target
from infra.grafana.queries import Window, filled_in
from infra.prometheus.client import PrometheusClient

LABEL = re.compile(r"\{\{(\w+)\}\}")


class Drawn(Struct, frozen=True):
    """One series by the name that its legend shows."""

    name: str
    labels: dict[str, str]
    points: list[tuple[float, float]]
    query: int
    """Which of the panel's queries it answers."""

    @property
    def last(self) -> float:
        return self.points[-1][1]


def ask(prometheus: PrometheusClient, panel: AnyQueryPanel, window: Window) -> list[Drawn]:
    """Every series of a panel; a curve without what is not a number, for which a single figure has words."""
    found = []
    for place, target in enumerate(panel.targets):
        for labels, points in _answers(prometheus, target, window):
            shown = [(at, value) for at, value in points if target.instant or math.isfinite(value)]
            if shown:
                found.append(Drawn(_name(target, labels), labels, shown, place))
    return found


def moments(prometheus: PrometheusClient, mark: Annotation, window: Window) -> list[float]:
    """When a mark's event happened, in the time shown; of several at once the first."""
    expression = filled_in(mark.target.expr, window)
    series = prometheus.query_range(expression, window.start_s, window.end_s, window.step_s)
    if mark.use_value_for_time:
        times = {value / 1000 for each in series for _, value in each.points}
    else:
        times = {each.points[0][0] for each in series if each.points}
    return sorted(at for at in times if window.start_s < at < window.end_s)


def _answers(
    prometheus: PrometheusClient, target: Target, window: Window
) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
    expression = filled_in(target.expr, window)
    if target.instant:
        samples = prometheus.query(expression, window.end_s)
        return [(sample.labels, [(sample.time_s, sample.value)]) for sample in samples]
    found = prometheus.query_range(expression, window.start_s, window.end_s, window.step_s)
    return [(series.labels, series.points) for series in found]


def _name(target: Target, labels: dict[str, str]) -> str:
    if target.legend_format:
        return LABEL.sub(lambda found: labels.get(found[1], ""), target.legend_format).strip()
    return ", ".join(f"{name} {value}" for name, value in sorted(labels.items()) if name != "__name__")
