"""Pictures of panels: figures as a person reads them, round ticks, and no line where there was nothing."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest

from infra.grafana.drawing.card import Box, color_of, spoken
from infra.grafana.drawing.charts import Event, draw
from infra.grafana.drawing.data import Drawn
from infra.grafana.drawing.scales import ticks, time_ticks
from infra.grafana.drawing.svg import COLORS, Svg
from infra.grafana.drawing.units import worded
from infra.grafana.figures import COUNT, RATIO, SECONDS, Query
from infra.grafana.panels import bars, curves, stat
from infra.grafana.queries import Window, filled_in, words_filled_in
from infra.grafana.thresholds import at_least, below, plain

WINDOW = Window(1_000.0, 1_060.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "words"),
    [
        (0.0363, SECONDS, None, "36.3 ms"),
        (0.00012, SECONDS, None, "120 µs"),
        (1.5, SECONDS, None, "1.5 s"),
        (900, SECONDS, None, "15 min"),
        (0, SECONDS, None, "0 s"),
        (0.99871, RATIO, 2, "99.87 %"),
        (1, RATIO, 1, "100 %"),
        (12_345, COUNT, None, "12.3 k"),
        (7, COUNT, 0, "7"),
        (1.02, "none", 2, "1.02"),
        (300, "cps", None, "300/s"),
        (96_000_000, "bytes", None, "96 MB"),
        (math.nan, COUNT, None, "no data"),
    ],
)
def test_figures_are_worded_for_a_person(value: float, unit: str, decimals: int | None, words: str) -> None:
    assert worded(value, unit, decimals).strip() == words


@pytest.mark.parametrize(
    ("highest", "expected"),
    [(0, [0, 1]), (1, [0, 0.25, 0.5, 0.75, 1]), (330, [0, 100, 200, 300, 400]), (7, [0, 2, 4, 6, 8])],
)
def test_ticks_are_round_and_reach_the_highest_value(highest: float, expected: list[float]) -> None:
    assert ticks(highest) == pytest.approx(expected)


def test_times_are_round() -> None:
    assert time_ticks(1_000, 1_060, 5) == [
        (1_005, "00:16:45"), (1_020, "00:17:00"), (1_035, "00:17:15"), (1_050, "00:17:30"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "color"), [(0.5, "red"), (0.95, "orange"), (0.989, "orange"), (0.99, "green"), (1, "green")]
)
def test_a_colour_begins_at_its_threshold(value: float, color: str) -> None:
    assert color_of(value, at_least(0.99, nearly=0.95)) == COLORS[color]


def drawn(points: list[tuple[float, float]]) -> ElementTree.Element:
    svg = Svg(600, 300, "a picture")
    panel = curves("How <old>?", "d", [Query("up", "{{job}}")], SECONDS, thresholds=below(0.5))
    draw(svg, panel, Box(0, 0, 600, 300), [Drawn("a & b", {}, points, 0)], WINDOW, [Event(1_010, "#000000")])
    return ElementTree.fromstring(svg.document())


def test_no_line_is_drawn_where_samples_are_missing() -> None:
    def curves_in(root: ElementTree.Element) -> int:
        return sum(1 for path in root.findall(".//{*}path") if path.get("stroke-linejoin"))

    whole = [(1_000.0 + second, 0.4) for second in range(60)]
    assert curves_in(drawn(whole)) == 1
    assert curves_in(drawn(whole[:20] + whole[30:])) == 2


def test_words_are_written_as_they_are() -> None:
    words = [element.text for element in drawn([(1_000.0, 1.0), (1_001.0, 2.0)]).findall(".//{*}text")]
    assert {"How <old>?", "a & b"} <= set(words)


@pytest.mark.parametrize(
    ("value", "words", "color"),
    [
        (0.9, "90 %", "red"),
        (1, "100 %", "green"),
        (None, "no data", "red"),
        (math.nan, "no orders", "text"),
    ],
)
def test_a_figure_that_is_missing_is_red_and_one_of_nothing_is_neither_good_nor_bad(
    value: float | None, words: str, color: str
) -> None:
    panel = stat("a", "b", Query("up"), RATIO, at_least(0.99), decimals=0, nothing="no orders")
    assert spoken(panel, value) == (words, COLORS[color])


def test_a_panel_without_data_says_so() -> None:
    for panel in (
        stat("a", "b", Query("up"), COUNT, plain()),
        bars("a", "b", Query("up"), COUNT, plain()),
        curves("a", "b", [Query("up")], COUNT),
    ):
        svg = Svg(300, 200, "a picture")
        draw(svg, panel, Box(0, 0, 300, 200), [], WINDOW, [])
        assert ">no data<" in svg.document()


def test_grafanas_own_variables_are_filled_in() -> None:
    asked = (
        'sum(rate(x{pool=~"$pool", channel=~"$channel"}[$__rate_interval])) '
        "/ increase(y[$__range] offset $__interval)"
    )
    assert filled_in(asked, Window(0, 90, 5, 1), {"pool": "dc-.*"}) == (
        'sum(rate(x{pool=~"dc-.*", channel=~".+"}[6s])) / increase(y[90s] offset 5s)'
    )
    words = "sluice orders --pool '${pool:regex}' --since ${__from:date:iso}"
    assert words_filled_in(words, WINDOW) == "sluice orders --pool '.+' --since 1970-01-01T00:16:40Z"
