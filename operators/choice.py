"""What one routing decision chose, and what it chose from."""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from operators.promise import Quote
from schemas.notices import RuledOut
from state.routes import Candidates

NO_STOCK = "not_enough_stock"
EXCLUDED = "rejected_before"
NOT_PINNED = "pinned_elsewhere"
NOT_CAPABLE = "may_not_ship_item"

NAMED_AMONG = 16
"""Pools without stock are named from among the cheapest lanes: those are the ones that a person asks about."""


class Part:
    """One shipment of a choice: quantities by demand."""

    __slots__ = ("quantities", "quote")

    def __init__(self, quote: Quote, quantities: tuple[int, ...]) -> None:
        self.quote: Final = quote
        self.quantities: Final = quantities


class Choice:
    """What to send from where, and all that is needed to say why.

    `others` counts lanes that were not priced, because they cannot beat the choice.
    """

    __slots__ = (
        "candidates", "cost", "others", "parts", "proved", "rivals", "ruled_out", "split_penalty", "unfilled",
    )  # fmt: skip

    def __init__(
        self,
        parts: list[Part],
        cost: int,
        unfilled: int,
        proved: bool,
        rivals: list[tuple[int, tuple[Part, ...]]],
        ruled_out: list[RuledOut],
        candidates: int,
        others: int,
        split_penalty: int,
    ) -> None:
        self.parts = parts
        self.cost: Final = cost
        self.unfilled: Final = unfilled
        self.proved = proved
        self.rivals: Final = rivals
        self.ruled_out: Final = ruled_out
        self.candidates: Final = candidates
        self.others: Final = others
        self.split_penalty: Final = split_penalty


def ruled_out_of(barred: dict[str, list[str]], named_max: int) -> list[RuledOut]:
    """Pools by what bars them, the first few by name."""
    return [
        RuledOut(reason=reason, count=len(pools), pools=pools[:named_max]) for reason, pools in barred.items()
    ]


def without_stock(
    candidates: Candidates, count: int, stocked: Container[str], failed: Container[str], named_max: int
) -> RuledOut:
    """The `count` lanes whose pools lack something: not `stocked` at all, or looked at and `failed`."""
    named: list[str] = []
    for lane in candidates.ranked[:NAMED_AMONG]:
        if lane.pool not in stocked or lane.pool in failed:
            named.append(lane.pool)
            if len(named) == named_max:
                break
    return RuledOut(reason=NO_STOCK, count=count, pools=named)
