"""What every panel's card has: a place, a title, colours, a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import UnsetType

from infra.grafana.drawing.svg import COLORS, SOFT, Svg, shortened, width_of, wrapped
from infra.grafana.drawing.units import worded
from infra.grafana.figures import NO_DATA
from infra.grafana.model.fields import SpecialMapping, Thresholds
from infra.grafana.model.panels import AnyQueryPanel

TITLE_SIZE, LABEL_SIZE = 12.5, 10.5
PADDING = 12
TITLE_LINE = 16
LEGEND_LINE = 15
LEGEND_LINES_MAX = 2


class Box(NamedTuple):
    """Where something is drawn."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


def color_of(value: float, thresholds: Thresholds | UnsetType) -> str:
    """As Grafana picks it: the last step that the value reaches."""
    steps = [] if isinstance(thresholds, UnsetType) else thresholds.steps
    name = "text"
    for step in steps:
        if step.value is None or value >= step.value:
            name = step.color
    return COLORS[name]


def spoken(panel: AnyQueryPanel, value: float | None) -> tuple[str, str]:
    """A figure and its colour, or the words that stand for a missing one and for what is not a number."""
    defaults = panel.field_config.defaults
    missing = "null" if value is None else "nan" if math.isnan(value) else ""
    for mapping in [] if isinstance(defaults.mappings, UnsetType) else defaults.mappings:
        if isinstance(mapping, SpecialMapping) and mapping.options.match == missing:
            return mapping.options.result.text, COLORS[mapping.options.result.color]
    if value is None:
        return NO_DATA, COLORS["text"]
    return worded(value, unit_of(panel), decimals_of(panel)), color_of(value, defaults.thresholds)


def titled(svg: Svg, title: str, box: Box, color: str) -> Box:
    """Write the title; what is left of the box."""
    lines = wrapped(title, TITLE_SIZE, box.width - 2 * PADDING, bold=True)
    for place, line in enumerate(lines):
        svg.text(
            box.x + PADDING,
            box.y + PADDING + 9 + place * TITLE_LINE,
            line,
            size=TITLE_SIZE,
            color=color,
            bold=True,
        )
    top = PADDING + TITLE_LINE * len(lines) + 8
    return Box(box.x + PADDING, box.y + top, box.width - 2 * PADDING, box.height - top - PADDING)


def unit_of(panel: AnyQueryPanel) -> str | None:
    unit = panel.field_config.defaults.unit
    return None if isinstance(unit, UnsetType) else unit


def decimals_of(panel: AnyQueryPanel) -> int | None:
    decimals = panel.field_config.defaults.decimals
    return None if isinstance(decimals, UnsetType) else decimals


def legend(svg: Svg, box: Box, names: Sequence[str], colors: Sequence[str]) -> float:
    """Draw it at the bottom; how high it is."""
    lines: list[list[tuple[str, str, float]]] = [[]]
    used = 0.0
    for name, color in zip(names, colors, strict=True):
        words = shortened(name or "all", LABEL_SIZE, box.width - 30)
        needed = width_of(words, LABEL_SIZE) + 30
        if lines[-1] and used + needed > box.width:
            if len(lines) == LEGEND_LINES_MAX:
                break
            lines.append([])
            used = 0.0
        lines[-1].append((words, color, used))
        used += needed
    left_out = len(names) - sum(len(line) for line in lines)
    top = box.bottom - LEGEND_LINE * len(lines)
    for place, line in enumerate(lines):
        y = top + LEGEND_LINE * (place + 1) - 2
        for words, color, offset in line:
            svg.rectangle(box.x + offset, y - 6, 12, 4, color, round=2)
            svg.text(box.x + offset + 17, y, words, size=LABEL_SIZE, color=SOFT)
    if left_out:
        svg.text(box.right, box.bottom - 2, f"+ {left_out}", size=LABEL_SIZE, color=SOFT, anchor="end")
    return LEGEND_LINE * len(lines) + 4
