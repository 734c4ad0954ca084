"""The metrics and labels that a dashboard names."""

from __future__ import annotations

import re

from infra.grafana.model.dashboard import Variable

METRIC = re.compile(r"\b(?:sluice|process)_[a-z0-9_]+\b")
LABEL_VALUES = re.compile(r"label_values\((?P<metric>\w+), (?P<label>\w+)\)")


def metrics_of(expression: str) -> set[str]:
    """The names of our metrics, and of the process's, in an expression."""
    return set(METRIC.findall(expression))


def metric_and_label(variable: Variable) -> tuple[str, str]:
    """What the values of a variable are taken from."""
    found = LABEL_VALUES.fullmatch(variable.query.query)
    assert found is not None, f"{variable.name} does not ask for label values"
    return found["metric"], found["label"]
