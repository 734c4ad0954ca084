"""How many, and which ones, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """`1 pool`, `1,200 pools`, `5 countries`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def some_of(names: Sequence[str], shown_max: int | None = None, total: int | None = None) -> str:
    """`dc-paris, dc-lyon and 3 more`: the first few; `total` is how many there are, where not all are named here."""
    first = names[:shown_max]
    more = (len(names) if total is None else total) - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more > 0 else "")
