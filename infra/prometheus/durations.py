"""Shortens every duration of the rules by one factor, so that a drill of minutes stands for a night of hours.

Only time is scaled, never a threshold: a drill must cause as many late orders as a real fault would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = r"(\d+)(ms|s|m|h|d)"
_IN_EXPRESSION = re.compile(rf"(?P<before>\[|\boffset |(?<=[smhd]):){_DURATION}")
_SECONDS_OF_WINDOW = re.compile(rf"\bseconds\({_DURATION}\)")

SCRAPES_IN_WINDOW = 4
"""A rate needs two samples; with four, one that is lost or late does not matter."""


@dataclass(frozen=True)
class Scale:
    """`factor` divides; nothing gets shorter than a scrape, and no window shorter than a few of them."""

    factor: float = 1.0
    scrape_interval_ms: int = 0

    def waiting(self, duration: str) -> str:
        """The duration of a `for`."""
        milliseconds = milliseconds_of(duration)
        return text_of(self._scaled(milliseconds, self.scrape_interval_ms) if milliseconds else 0)

    def in_expression(self, expression: str) -> str:
        """The expression with its windows, `[5m]` or `[8h:10m]`, and its offsets, `offset 1d`, scaled.

        `seconds(5m)` becomes the number of seconds that such a window is long: what is calculated with a window's
        length must go by the length that it has.
        """

        def scaled(match: re.Match[str]) -> str:
            return match["before"] + text_of(self._window(match[2], match[3]))

        def in_seconds(match: re.Match[str]) -> str:
            return f"{self._window(match[1], match[2]) / 1_000:.10g}"

        return _SECONDS_OF_WINDOW.sub(in_seconds, _IN_EXPRESSION.sub(scaled, expression))

    def _window(self, number: str, unit: str) -> int:
        minimum = SCRAPES_IN_WINDOW * self.scrape_interval_ms
        return self._scaled(int(number) * _MILLISECONDS[unit], minimum)

    def _scaled(self, milliseconds: int, minimum: int) -> int:
        return max(round(milliseconds / self.factor), minimum)


def milliseconds_of(duration: str) -> int:
    """`5m` as a number; raises `ValueError` for what is no such duration."""
    match = re.fullmatch(_DURATION, duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration; expected a number and a unit, such as 5m")
    return int(match[1]) * _MILLISECONDS[match[2]]


def text_of(milliseconds: int) -> str:
    """As Prometheus writes it, in the largest unit that fits."""
    for unit, length in reversed(_MILLISECONDS.items()):
        if milliseconds and milliseconds % length == 0:
            return f"{milliseconds // length}{unit}"
    return "0s"
