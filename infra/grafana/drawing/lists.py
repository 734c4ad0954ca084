"""The panels that are lists: states over time, bars, tables, words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import UnsetType

from infra.grafana.drawing.card import LABEL_SIZE, Box, color_of, legend, spoken
from infra.grafana.drawing.data import Drawn
from infra.grafana.drawing.scales import time_ticks
from infra.grafana.drawing.svg import COLORS, GRID, INK, SOFT, Point, Svg, shortened, width_of, wrapped
from infra.grafana.drawing.units import worded
from infra.grafana.model.fields import Thresholds, ValueMapping
from infra.grafana.model.panels import BarGauge, StateTimeline, Table
from infra.grafana.queries import Window

BAR_GAP = 0.3
BAR_HEIGHT_MAX = 22


def states(svg: Svg, panel: StateTimeline, box: Box, data: Sequence[Drawn], window: Window) -> None:
    mappings = panel.field_config.defaults.mappings
    assert not isinstance(mappings, UnsetType)
    (mapping,) = mappings
    assert isinstance(mapping, ValueMapping)
    named = mapping.options
    ordered = sorted(data, key=lambda each: each.name)
    name_width = max(width_of(each.name, LABEL_SIZE) for each in ordered) + 10
    legend_height = legend(
        svg, box, [each.text for each in named.values()], [COLORS[each.color] for each in named.values()]
    )
    plot = Box(box.x + name_width, box.y, box.width - name_width, box.height - legend_height - 16)
    row = plot.height / len(ordered)

    def x(at: float) -> float:
        share = (at - window.start_s) / (window.end_s - window.start_s)
        return plot.x + min(1.0, max(0.0, share)) * plot.width

    for place, each in enumerate(ordered):
        top = plot.y + place * row + row * 0.12
        svg.text(box.x, top + row * 0.38 + 4, each.name, size=LABEL_SIZE, color=SOFT)
        for start, end, value in _spans(each.points, window.step_s):
            state = named.get(f"{value:.0f}")
            color = COLORS[state.color] if state else COLORS["text"]
            svg.rectangle(x(start), top, max(1.0, x(end) - x(start)), row * 0.76, color)
    for at, label in time_ticks(window.start_s, window.end_s, max(2, int(plot.width / 75))):
        if x(at) < plot.right - 20:
            svg.text(x(at), plot.bottom + 14, label, size=LABEL_SIZE, color=SOFT, anchor="middle")


def _spans(points: Sequence[Point], step_s: float) -> list[tuple[float, float, float]]:
    """Start, end and value of each stretch that stays the same and has no gap."""
    spans: list[tuple[float, float, float]] = []
    for at, value in points:
        if spans and spans[-1][2] == value and at - spans[-1][1] < step_s * 0.5:
            spans[-1] = (spans[-1][0], at + step_s, value)
        else:
            spans.append((at, at + step_s, value))
    return spans


def bars(svg: Svg, panel: BarGauge, box: Box, data: Sequence[Drawn]) -> None:
    """In the order of the answer, as Grafana has them."""
    defaults = panel.field_config.defaults
    highest = max((each.last for each in data if math.isfinite(each.last)), default=0)
    ceiling = defaults.max if not isinstance(defaults.max, UnsetType) else (highest or 1)
    row = min(BAR_HEIGHT_MAX, box.height / len(data))
    name_width = min(max(width_of(each.name, LABEL_SIZE) for each in data) + 8, box.width * 0.45)
    shown = [spoken(panel, each.last) for each in data]
    value_width = max(width_of(words, LABEL_SIZE, bold=True) for words, _ in shown) + 8
    track = box.width - name_width - value_width
    for place, (each, (words, color)) in enumerate(zip(data, shown, strict=True)):
        y = box.y + place * row
        middle = y + row * (1 - BAR_GAP) / 2 + 3.5
        svg.text(box.x, middle, shortened(each.name, LABEL_SIZE, name_width), size=LABEL_SIZE, color=SOFT)
        svg.rectangle(box.x + name_width, y, track, row * (1 - BAR_GAP), GRID, round=2)
        width = min(1.0, each.last / ceiling) * track if math.isfinite(each.last) else 0
        if width > 0:
            svg.rectangle(box.x + name_width, y, max(2.0, width), row * (1 - BAR_GAP), color, round=2)
        svg.text(box.right, middle, words, size=LABEL_SIZE, color=color, anchor="end", bold=True)


def table(svg: Svg, panel: Table, box: Box, data: Sequence[Drawn]) -> None:
    headings = [override.matcher.options for override in panel.field_config.overrides][: len(panel.targets)]
    keys = sorted({tuple(sorted(each.labels.items())) for each in data})
    cells = {(tuple(sorted(each.labels.items())), each.query): each.last for each in data}
    labels = [name for name, _ in keys[0]]
    columns = [*labels, *headings]
    keys.sort(key=lambda key: -cells.get((key, 0), 0.0))
    keys = keys[: _rows_max(panel)]
    column = box.width / len(columns)
    row = min(24.0, box.height / (len(keys) + 1))
    for place, heading in enumerate(columns):
        svg.text(box.x + place * column, box.y + row * 0.6, heading, size=LABEL_SIZE, color=SOFT, bold=True)
    for line, key in enumerate(keys, start=1):
        y = box.y + line * row
        svg.line((box.x, y), (box.right, y), GRID)
        for place, (_, value) in enumerate(key):
            svg.text(
                box.x + place * column, y + row * 0.65, shortened(value, LABEL_SIZE, column), size=LABEL_SIZE
            )
        for place in range(len(headings)):
            words, color = _cell(panel, place, cells.get((key, place)))
            svg.text(
                box.x + (len(labels) + place) * column, y + row * 0.65, words, size=LABEL_SIZE, color=color
            )


def _rows_max(panel: Table) -> int | None:
    steps = [] if isinstance(panel.transformations, UnsetType) else panel.transformations
    return next((step.options["limitField"] for step in steps if step.id == "limit"), None)


def _cell(panel: Table, place: int, value: float | None) -> tuple[str, str]:
    if value is None or math.isnan(value):
        return "-", SOFT
    found = {each.id: each.value for each in panel.field_config.overrides[place].properties}
    thresholds = found.get("thresholds")
    color = color_of(value, thresholds) if isinstance(thresholds, Thresholds) else INK
    return worded(value, found.get("unit"), 0 if found.get("unit") == "short" else None), color


def sentences(svg: Svg, markdown: str, box: Box) -> None:
    """A table of two columns, of which the second is code, and the sentences after it."""
    rows = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("| ")][1:]
    width = max((width_of(first, LABEL_SIZE) for first, _ in rows), default=0) + 20
    y = box.y + 10
    for first, second in rows:
        svg.text(box.x, y, first, size=LABEL_SIZE, color=SOFT)
        code = shortened(second.strip("`"), 9.5, (box.width - width) * 0.92)
        svg.text(box.x + width, y, code, size=9.5, monospace=True)
        y += 22
    for line in (line for line in markdown.splitlines() if line and not line.startswith("|")):
        for part in wrapped(line.replace("`", ""), LABEL_SIZE, box.width):
            svg.text(box.x, y + 6, part, size=LABEL_SIZE, color=SOFT)
            y += 16
