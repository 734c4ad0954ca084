"""What a dashboard asks, and the metrics and labels that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.grafana.model.dashboard import Annotation, Dashboard, Variable
from infra.grafana.model.panels import AnyQueryPanel, Row, Target, Text

METRIC = re.compile(r"\b(?:sluice|process)_[a-z0-9_]+\b")
LABEL_VALUES = re.compile(r"label_values\((?P<metric>\w+), (?P<label>\w+)\)")


def query_panels(dashboard: Dashboard) -> Iterator[AnyQueryPanel]:
    """The panels that show figures."""
    for panel in dashboard.panels:
        if not isinstance(panel, Row | Text):
            yield panel


def targets(dashboard: Dashboard) -> Iterator[tuple[AnyQueryPanel, Target]]:
    """Every query, with its panel."""
    for panel in query_panels(dashboard):
        for target in panel.targets:
            yield panel, target


def expression_of(asked: Annotation | Target) -> str:
    """Its PromQL."""
    return asked.target.expr if isinstance(asked, Annotation) else asked.expr


def metrics_of(expression: str) -> set[str]:
    """The names of our metrics, and of the process's, in an expression."""
    return set(METRIC.findall(expression))


def metric_and_label(variable: Variable) -> tuple[str, str]:
    """What the values of a variable are taken from."""
    found = LABEL_VALUES.fullmatch(variable.query.query)
    assert found is not None, f"{variable.name} does not ask for label values"
    return found["metric"], found["label"]
