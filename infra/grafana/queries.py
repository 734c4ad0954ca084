"""What a dashboard asks, as Prometheus is asked: with Grafana's own variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

IN_WORDS = re.compile(r"\$\{\w+:regex\}")
NOT_FILLED_IN = re.compile(r"\$\w+")


class Window(NamedTuple):
    """The time shown, and how finely."""

    start_s: float
    end_s: float
    step_s: float
    scrape_interval_s: float

    @property
    def rate_interval_s(self) -> float:
        """As Grafana has it: at least four scrapes."""
        return max(self.step_s + self.scrape_interval_s, 4 * self.scrape_interval_s)


def filled_in(expression: str, window: Window, chosen: Mapping[str, str] | None = None) -> str:
    """The expression as Prometheus takes it; variables that nobody has chosen stand for all."""
    values = {
        "__rate_interval": _duration(window.rate_interval_s),
        "__interval": _duration(window.step_s),
        "__range": _duration(window.end_s - window.start_s),
        **(chosen or {}),
    }
    return NOT_FILLED_IN.sub(lambda found: values.get(found[0][1:], ".+"), expression)


def words_filled_in(words: str, window: Window) -> str:
    """Words in which `${pool:regex}` and `${__from:date:iso}` stand, as Grafana shows them."""
    start, end = (
        datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        for at in (window.start_s, window.end_s)
    )
    filled = words.replace("${__from:date:iso}", start).replace("${__to:date:iso}", end)
    return IN_WORDS.sub(".+", filled)


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds))}s"
