"""The few shapes that a picture needs, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

FONT = "Inter, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif"
MONOSPACE = "'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace"

PAGE, CARD, BORDER, GRID = "#f3f4f6", "#ffffff", "#dde1e6", "#e9ecef"
INK, SOFT = "#1f2933", "#616e7c"

COLORS = {
    "green": "#2f8f4e", "orange": "#d97f0d", "red": "#cf3a3a", "blue": "#2f6fd0", "text": "#616e7c",
    "semi-dark-blue": "#24569f", "purple": "#7d55c7",
}  # fmt: skip
"""Grafana's names."""

SERIES = (
    "#2f6fd0", "#e08214", "#2f8f4e", "#b5449b", "#17a2a2", "#8a6d3b", "#cf3a3a", "#7d55c7", "#7f8c3a", "#4d7ea8",
    "#c77b58", "#5f6b7a", "#59a14f", "#d37295",
)  # fmt: skip

CHARACTER_WIDTH, BOLD_WIDTH = 0.56, 0.65
"""Of a font's size, on average: text cannot be measured without a font."""

Point = tuple[float, float]


class Svg:
    """Collects shapes; the last one lies on top."""

    def __init__(self, width: int, height: int, title: str, about: str = "") -> None:
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family={quoteattr(FONT)} role="img">\n'
            f"<title>{escape(title)}</title>\n" + (f"<desc>{escape(about)}</desc>\n" if about else "")
        )
        self._shapes: list[str] = []

    def rectangle(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        border: str = "none",
        round: float = 0,
    ) -> None:
        self._shapes.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"'
            + (f' stroke="{border}"' if border != "none" else "")
            + (f' rx="{_n(round)}"' if round else "")
            + "/>"
        )

    def line(self, start: Point, end: Point, color: str, *, dashed: bool = False, width: float = 1) -> None:
        self._shapes.append(
            f'<path d="M{_point(start)}L{_point(end)}" stroke="{color}" stroke-width="{_n(width)}"'
            + (' stroke-dasharray="5 4"' if dashed else "")
            + "/>"
        )

    def curve(self, points: Sequence[Point], color: str) -> None:
        if len(points) == 1:
            x, y = points[0]
            self._shapes.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="2" fill="{color}"/>')
            return
        self._shapes.append(
            f'<path d="{_path(points)}" fill="none" stroke="{color}" stroke-width="1.6" '
            'stroke-linejoin="round"/>'
        )

    def area(self, points: Sequence[Point], color: str, opacity: float) -> None:
        self._shapes.append(f'<path d="{_path(points)}Z" fill="{color}" fill-opacity="{_n(opacity)}"/>')

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 11,
        color: str = INK,
        anchor: str = "start",
        bold: bool = False,
        monospace: bool = False,
    ) -> None:
        self._shapes.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{color}"'
            + (f' text-anchor="{anchor}"' if anchor != "start" else "")
            + (' font-weight="600"' if bold else "")
            + (f" font-family={quoteattr(MONOSPACE)}" if monospace else "")
            + f">{escape(words)}</text>"
        )

    def document(self) -> str:
        return self._head + "\n".join(self._shapes) + "\n</svg>\n"


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """About how wide it will be."""
    return len(words) * size * (BOLD_WIDTH if bold else CHARACTER_WIDTH)


def wrapped(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The words in lines that are about that wide."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size, bold=bold) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def shortened(words: str, size: float, width: float) -> str:
    """The words, cut where they would be too wide."""
    room = int(width / (size * CHARACTER_WIDTH))
    return words if len(words) <= room else words[: max(1, room - 1)] + "…"


def _n(number: float) -> str:
    """To a tenth of a pixel, as short as it can be written."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _point(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _path(points: Sequence[Point]) -> str:
    """Each point by its distance from the one before, which takes half the space; rounding does not add up."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in points]
    steps = [((bx - ax) / 10, (by - ay) / 10) for (ax, ay), (bx, by) in pairwise(tenths)]
    return "M" + _point(points[0]) + "".join(f"l{_point(step)}" for step in steps)
