"""How long an alert may take, by its own rule: what it looks back on, what it waits for, and a little for all else.

Within so long it must fire after the fault, and be over after the mend.
"""

from __future__ import annotations

import re

from msgspec import Struct

from infra.prometheus.durations import Scale, milliseconds_of
from infra.prometheus.rule import Alert, Recording
from infra.prometheus.rules import ALERTS, GROUPS

GRACE_S = 10.0
"""For the fault to reach a figure, the figure to reach Prometheus, and the rules to be evaluated."""

FRESHNESS_LIMIT = "15m"
FRESHNESS_METRIC = "sluice_stock_freshness_limit_seconds"
"""A window that stands in the router's configuration and not in the rule: a rule that names it looks back so long."""

UNSCALED = Scale()

_WINDOW = re.compile(r"\[(\w+)\]")
_NAME = re.compile(r"[a-z_]+(?::\w+)+")
_RECORDINGS = {rule.name: rule for group in GROUPS for rule in group.rules if isinstance(rule, Recording)}


class Limit(Struct, frozen=True):
    """`window` and `lasting` are as Prometheus has them, before they are scaled."""

    seconds: float
    window: str
    lasting: str


def limit_of(name: str, scale: Scale) -> Limit:
    """The limit of the alert of this name, when every duration is so scaled."""
    alert = ALERTS[name]
    # Of alternatives the first one sees a fault of all partitions, or of all orders, and a drill has no smaller ones.
    first = alternatives_of(alert.expression)[0]
    window, scaled_ms = _longest(first), milliseconds_of(_longest(first, scale))
    lasting_ms = milliseconds_of(_for(alert, scale))
    return Limit((scaled_ms + lasting_ms) / 1000 + GRACE_S, window, _for(alert, UNSCALED))


def alternatives_of(expression: str) -> list[str]:
    """The parts of an expression that stand beside one another with `or`, outside of all brackets."""
    parts, depth = [""], 0
    for token in re.split(r"(\bor\b|[()\[\]{}])", expression):
        if token in {"(", "[", "{"}:
            depth += 1
        elif token in {")", "]", "}"}:
            depth -= 1
        if token == "or" and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _longest(expression: str, scale: Scale = UNSCALED) -> str:
    """The longest window in an expression and in the recorded figures that it names; `0s` when it looks at now."""
    windows = _WINDOW.findall(scale.in_expression(expression))
    if FRESHNESS_METRIC in expression:
        windows += _WINDOW.findall(scale.in_expression(f"[{FRESHNESS_LIMIT}]"))
    windows += [
        _longest(_RECORDINGS[name].expression, scale)
        for name in _NAME.findall(expression)
        if name in _RECORDINGS
    ]
    return max(windows, key=milliseconds_of, default="0s")


def _for(alert: Alert, scale: Scale) -> str:
    return str(alert.as_mapping(scale, "")["for"])
