"""Money as people write it: micros in, `9.41 EUR` out."""

from __future__ import annotations

MICROS = 1_000_000
MICROS_PER_CENT = 10_000


def amount(micros: int) -> str:
    """`9.41`; what is less than a cent keeps its digits, because `0.00 dearer` would be a riddle."""
    if 0 < abs(micros) < MICROS_PER_CENT:
        return f"{micros / MICROS:.6f}".rstrip("0")
    cents = _rounded(micros, MICROS_PER_CENT)
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def money(micros: int, currency: str) -> str:
    """`9.41 EUR`."""
    return f"{amount(micros)} {currency}"


def _rounded(value: int, unit: int) -> int:
    """To the nearest whole unit, halves away from zero, in integers so that no cent depends on a float."""
    whole = (abs(value) + unit // 2) // unit
    return whole if value >= 0 else -whole
