"""Figures as a person reads them, by Grafana's names of units."""

from __future__ import annotations

import math

KILO = 1_000


def worded(value: float, unit: str | None, decimals: int | None = None) -> str:
    """`0.036` in seconds is `36 ms`; `0.998` of one is `99.8 %`."""
    if math.isnan(value):
        return "no data"
    if unit == "percentunit":
        return f"{value * 100:.{1 if decimals is None else decimals}f} %".replace("100.0 %", "100 %")
    if unit == "s":
        return _seconds(value)
    if unit == "bytes":
        return _scaled(value, ("B", "KB", "MB", "GB"), decimals)
    suffix = "/s" if unit == "cps" else ""
    return _scaled(value, ("", "k", "M", "G"), decimals).rstrip() + suffix


def _seconds(value: float) -> str:
    for limit, divisor, name in ((1e-3, 1e-6, "µs"), (1, 1e-3, "ms"), (60, 1, "s"), (3_600, 60, "min")):
        if abs(value) < limit and value:
            return f"{_short(value / divisor)} {name}"
    return f"{_short(value / 3_600)} h" if value else "0 s"


def _scaled(value: float, names: tuple[str, ...], decimals: int | None) -> str:
    place = 0
    while abs(value) >= KILO and place < len(names) - 1:
        value, place = value / KILO, place + 1
    digits = _short(value) if decimals is None or place else f"{value:.{decimals}f}"
    return f"{digits} {names[place]}"


def _short(value: float) -> str:
    """Three digits, without zeros behind the point."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.2g}" if abs(value) < 10 else f"{value:.1f}".removesuffix(".0")
