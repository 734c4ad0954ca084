"""Where a figure turns from green to orange to red."""

from __future__ import annotations

from infra.grafana.model.fields import Color, Step, Thresholds


def at_least(objective: float, nearly: float | None = None) -> Thresholds:
    """Red below the objective; orange between `nearly` and it."""
    steps = [Step(color="red", value=None), Step(color="green", value=objective)]
    if nearly is not None:
        steps.insert(1, Step(color="orange", value=nearly))
    return Thresholds(mode="absolute", steps=steps)


def below(limit: float, nearly: float | None = None) -> Thresholds:
    """Red from the limit on; orange from `nearly` on."""
    steps = [Step(color="green", value=None), Step(color="red", value=limit)]
    if nearly is not None:
        steps.insert(1, Step(color="orange", value=nearly))
    return Thresholds(mode="absolute", steps=steps)


def watched(limit: float) -> Thresholds:
    """Orange from the limit on: worth a look, and nobody is hurt."""
    return Thresholds(
        mode="absolute", steps=[Step(color="green", value=None), Step(color="orange", value=limit)]
    )


ON_TIME = at_least(0.98, nearly=0.95)
"""Of packages, whoever hands them over."""

BURN = Thresholds(
    mode="absolute",
    steps=[Step(color="green", value=None), Step(color="orange", value=1), Step(color="red", value=14.4)],
)
"""Of a budget: used up too early; gone within two days."""


def plain(color: Color = "blue") -> Thresholds:
    """A figure that is neither good nor bad."""
    return Thresholds(mode="absolute", steps=[Step(color=color, value=None)])
