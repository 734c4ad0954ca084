"""Writes docs/pictures: each dashboard as it looks after a few minutes of the demo, drawn from real figures.

    python -m infra.grafana.pictures
    python -m infra.grafana.pictures --seconds 30 --orders-per-second 100

The demo runs, its router is killed and comes back, its shops go on selling for a while, and a real Prometheus watches
all of it.  Grafana itself is not needed: panels are drawn from the same definitions and the same answers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from infra.grafana.drawing.card import Box
from infra.grafana.drawing.charts import Event, draw
from infra.grafana.drawing.data import ask, moments
from infra.grafana.drawing.svg import COLORS, INK, PAGE, SOFT, Svg
from infra.grafana.files import dashboards
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.model.panels import Row, Text
from infra.grafana.observed_demo import SCRAPE_INTERVAL_S, observed_demo
from infra.grafana.queries import Window
from infra.prometheus.client import PrometheusClient

DIRECTORY = Path(__file__).parents[2] / "docs" / "pictures"

UNIT_WIDTH, UNIT_HEIGHT = 50, 30
"""Of Grafana's grid, in pixels."""
MARGIN, HEADER = 16, 64
GAP = 4
POINTS = 50
"""Of each curve: what keeps a picture small."""


NOT_DRAWN = {"description", "links"}
"""Of a panel: it changes no picture."""


def digest(dashboard: Dashboard) -> str:
    """Of what is drawn: a picture carries that of the panels that it was drawn from."""
    return sha256(msgspec.json.encode(_drawn(msgspec.to_builtins(dashboard.panels)))).hexdigest()[:16]


def _drawn(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _drawn(each) for name, each in part.items() if name not in NOT_DRAWN}
    return [_drawn(each) for each in part] if isinstance(part, list) else part


def picture(dashboard: Dashboard, prometheus: PrometheusClient, window: Window, caption: str) -> str:
    """The dashboard as SVG."""
    bottom = max(panel.grid_pos.y + panel.grid_pos.h for panel in dashboard.panels)
    svg = Svg(
        24 * UNIT_WIDTH + 2 * MARGIN,
        HEADER + bottom * UNIT_HEIGHT + MARGIN,
        dashboard.title,
        f"Panels {digest(dashboard)}",
    )
    svg.rectangle(0, 0, 24 * UNIT_WIDTH + 2 * MARGIN, HEADER + bottom * UNIT_HEIGHT + MARGIN, PAGE)
    svg.text(MARGIN, 30, dashboard.title, size=19, bold=True)
    svg.text(MARGIN, 50, f"{dashboard.description}  {caption}", size=11.5, color=SOFT)
    events = [
        Event(at, COLORS[mark.icon_color])
        for mark in dashboard.annotations.entries
        for at in moments(prometheus, mark, window)
    ]
    for panel in dashboard.panels:
        place = panel.grid_pos
        box = Box(
            MARGIN + place.x * UNIT_WIDTH + GAP / 2,
            HEADER + place.y * UNIT_HEIGHT + GAP / 2,
            place.w * UNIT_WIDTH - GAP,
            place.h * UNIT_HEIGHT - GAP,
        )
        if isinstance(panel, Row):
            svg.text(box.x, box.bottom - 6, panel.title, size=13.5, color=INK, bold=True)
        else:
            found = [] if isinstance(panel, Text) else ask(prometheus, panel, window)
            draw(svg, panel, box, found, window, events)
    return svg.document()


def write(
    prometheus: PrometheusClient, started_s: float, ended_s: float, caption: str, directory: Path
) -> None:
    """All pictures, of what was between the two times."""
    directory.mkdir(parents=True, exist_ok=True)
    step_s = max(SCRAPE_INTERVAL_S, (ended_s - started_s) / POINTS)
    window = Window(started_s, ended_s, step_s, SCRAPE_INTERVAL_S)
    for dashboard in dashboards():
        path = directory / f"{dashboard.uid}.svg"
        path.write_text(picture(dashboard, prometheus, window, caption), encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size / 1024:.0f} kB")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description="Draw the dashboards from a demo that a real Prometheus watches."
    )
    parser.add_argument("--seconds", type=float, default=120, help="how long the shops sell after the story")
    parser.add_argument("--orders-per-second", type=float, default=300)
    parser.add_argument("--to", type=Path, default=DIRECTORY)
    given = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="sluice-pictures-") as place,
        observed_demo(Path(place) / "demo", given.orders_per_second) as demo,
    ):
        print(f"the demo stays; pictures in {given.seconds:.0f} s", flush=True)
        time.sleep(given.seconds)
        rate = f"{given.orders_per_second:.0f} orders a second"
        caption = (
            f"Drawn from what Prometheus saw of `sluice demo --stay` at {rate}, which kills its router once."
        )
        write(demo.prometheus, demo.started_s, time.time(), caption, given.to)


if __name__ == "__main__":
    main()
