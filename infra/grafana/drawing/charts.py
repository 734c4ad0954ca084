"""A panel's card, and the panels that are one figure or curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import UnsetType

from infra.grafana.drawing.card import LABEL_SIZE, Box, legend, spoken, titled, unit_of
from infra.grafana.drawing.data import Drawn
from infra.grafana.drawing.lists import bars, sentences, states, table
from infra.grafana.drawing.scales import ticks, time_ticks
from infra.grafana.drawing.svg import BORDER, CARD, COLORS, GRID, INK, SERIES, SOFT, Svg, width_of
from infra.grafana.drawing.units import worded
from infra.grafana.figures import NO_DATA
from infra.grafana.model.panels import AnyQueryPanel, BarGauge, Stat, StateTimeline, Table, Text, TimeSeries
from infra.grafana.queries import Window, words_filled_in

FIGURE_SIZE = 32
AXIS_WIDTH = 46
MANY = 5
"""So many curves are not filled below."""

Layered = tuple[float, float, float]
"""Time, bottom and top."""


class Event(NamedTuple):
    """A mark on the time axis."""

    at_s: float
    color: str


def draw(
    svg: Svg,
    panel: AnyQueryPanel | Text,
    box: Box,
    data: Sequence[Drawn],
    window: Window,
    events: Sequence[Event],
) -> None:
    """The card of a panel, with what is in it."""
    if isinstance(panel, Stat):
        _figure(svg, panel, box, data)
        return
    svg.rectangle(*box, CARD, border=BORDER, round=5)
    inside = titled(svg, panel.title, box, INK)
    if isinstance(panel, Text):
        sentences(svg, words_filled_in(panel.options.content, window), inside)
    elif not data:
        svg.text(
            inside.x + inside.width / 2, inside.y + inside.height / 2, NO_DATA, color=SOFT, anchor="middle"
        )
    elif isinstance(panel, TimeSeries):
        _curves(svg, panel, inside, data, window, events)
    elif isinstance(panel, StateTimeline):
        states(svg, panel, inside, data, window)
    elif isinstance(panel, BarGauge):
        bars(svg, panel, inside, data)
    elif isinstance(panel, Table):
        table(svg, panel, inside, data)


# --- one figure -----------------------------------------------------------------------------------------------


def _figure(svg: Svg, panel: Stat, box: Box, data: Sequence[Drawn]) -> None:
    words, color = spoken(panel, data[0].last if data else None)
    is_filled = panel.options.color_mode == "background"
    svg.rectangle(*box, color if is_filled else CARD, border=color if is_filled else BORDER, round=5)
    inside = titled(svg, panel.title, box, "#ffffff" if is_filled else INK)
    middle = inside.y + inside.height / 2 + 12
    front = "#ffffff" if is_filled else color
    size = min(FIGURE_SIZE, FIGURE_SIZE * inside.width / width_of(words, FIGURE_SIZE, bold=True))
    svg.text(box.x + box.width / 2, middle, words, size=size, color=front, anchor="middle", bold=True)


# --- curves ---------------------------------------------------------------------------------------------------


def _curves(
    svg: Svg, panel: TimeSeries, box: Box, data: Sequence[Drawn], window: Window, events: Sequence[Event]
) -> None:
    custom = panel.field_config.defaults.custom
    assert not isinstance(custom, UnsetType)
    is_stacked = not isinstance(custom.stacking, UnsetType) and custom.stacking.mode == "normal"
    colors = [SERIES[place % len(SERIES)] for place in range(len(data))]
    legend_height = legend(svg, box, [each.name for each in data], colors)
    plot = Box(box.x + AXIS_WIDTH, box.y, box.width - AXIS_WIDTH, box.height - legend_height - 16)
    layers = (
        _stacked(data) if is_stacked else [[(at, 0.0, value) for at, value in each.points] for each in data]
    )
    highest = max(top for layer in layers for _, _, top in layer)
    lines = ticks(highest)
    scale = lines[-1] or 1

    def x(at: float) -> float:
        return plot.x + (at - window.start_s) / (window.end_s - window.start_s) * plot.width

    def y(value: float) -> float:
        return plot.bottom - value / scale * plot.height

    for tick in lines:
        svg.line((plot.x, y(tick)), (plot.right, y(tick)), GRID)
        svg.text(
            plot.x - 6,
            y(tick) + 3.5,
            worded(tick, unit_of(panel), None if lines[1] < 1 else 0),
            size=LABEL_SIZE,
            color=SOFT,
            anchor="end",
        )
    for at, words in time_ticks(window.start_s, window.end_s, max(2, int(plot.width / 75))):
        if x(at) < plot.right - 20:
            svg.text(x(at), plot.bottom + 14, words, size=LABEL_SIZE, color=SOFT, anchor="middle")
    for event in events:
        svg.line((x(event.at_s), plot.y), (x(event.at_s), plot.bottom), event.color, dashed=True)
    filled = 0.6 if is_stacked else (0.06 if len(data) < MANY else 0.0)
    for layer, color in zip(layers, colors, strict=True):
        for stretch in _without_gaps(layer, window.step_s):
            top = [(x(at), y(value)) for at, _, value in stretch]
            bottom = [(x(at), y(value)) for at, value, _ in stretch]
            if filled and len(top) > 1:
                svg.area([*top, *reversed(bottom if is_stacked else [bottom[0], bottom[-1]])], color, filled)
            if not is_stacked:
                svg.curve(top, color)
    thresholds = panel.field_config.defaults.thresholds
    style = custom.thresholds_style
    if not isinstance(thresholds, UnsetType) and not isinstance(style, UnsetType) and style.mode == "dashed":
        for step in thresholds.steps[1:]:
            if step.value is not None and step.value <= scale:
                color = COLORS[step.color]
                svg.line((plot.x, y(step.value)), (plot.right, y(step.value)), color, dashed=True, width=1.4)


def _without_gaps(layer: Sequence[Layered], step_s: float) -> list[list[Layered]]:
    """The stretches in which no sample is missing: a dead process has no figures, and no line is drawn for it."""
    stretches: list[list[Layered]] = []
    for point in layer:
        if stretches and point[0] - stretches[-1][-1][0] < 1.5 * step_s:
            stretches[-1].append(point)
        else:
            stretches.append([point])
    return stretches


def _stacked(data: Sequence[Drawn]) -> list[list[Layered]]:
    """Each series on top of those before it: time, bottom and top."""
    times = sorted({at for each in data for at, _ in each.points})
    reached = dict.fromkeys(times, 0.0)
    layers = []
    for each in data:
        values = dict(each.points)
        layer = []
        for at in times:
            bottom = reached[at]
            reached[at] = bottom + values.get(at, 0.0)
            layer.append((at, bottom, reached[at]))
        layers.append(layer)
    return layers
