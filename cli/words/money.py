"""Money as people write it: micros in, `9.41 EUR`, `1,024 JPY` or `3.250 KWD` out."""

from __future__ import annotations

from cli.words.currencies import decimals_of

MICROS = 1_000_000


def amount(micros: int, currency: str) -> str:
    """`9.41`, with the currency's own decimals.

    What is less than its smallest coin keeps its digits, because `0.00 dearer` would be a riddle.
    """
    decimals = decimals_of(currency)
    coin: int = MICROS // 10**decimals
    if 0 < abs(micros) < coin:
        return f"{micros / MICROS:.6f}".rstrip("0")
    coins = _rounded(micros, coin)
    sign = "-" if coins < 0 else ""
    whole, part = divmod(abs(coins), 10**decimals)
    return f"{sign}{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")


def money(micros: int, currency: str) -> str:
    """`9.41 EUR`."""
    return f"{amount(micros, currency)} {currency}"


def _rounded(value: int, unit: int) -> int:
    """To the nearest whole unit, halves away from zero, in integers so that no cent depends on a float."""
    whole = (abs(value) + unit // 2) // unit
    return whole if value >= 0 else -whole
