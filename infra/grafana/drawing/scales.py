"""Where ticks go on an axis."""

from __future__ import annotations

import math
from datetime import UTC, datetime

TICKS = 4
ROUND = (1, 2, 2.5, 5, 10)
ROUND_SECONDS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)


def ticks(highest: float) -> list[float]:
    """About four round numbers from zero up; the last one is at or above the highest value."""
    if highest <= 0 or not math.isfinite(highest):
        return [0, 1]
    rough = highest / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(each * power for each in ROUND if each * power >= rough * 0.999)
    return [step * place for place in range(math.ceil(highest / step - 1e-9) + 1)]


def time_ticks(start_s: float, end_s: float, count: int) -> list[tuple[float, str]]:
    """About that many round times, and how they are written."""
    step = next((each for each in ROUND_SECONDS if (end_s - start_s) / each <= count), ROUND_SECONDS[-1])
    pattern = "%H:%M" if step % 60 == 0 else "%H:%M:%S"
    first = math.ceil(start_s / step) * step
    places = range(int((end_s - first) // step) + 1)
    return [
        (at, datetime.fromtimestamp(at, UTC).strftime(pattern))
        for at in (first + step * each for each in places)
    ]
