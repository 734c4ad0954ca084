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

    `others` counts lanes that could ship and are in none of the plans that are told.  `reasons` are the pools of all
    lanes that could not, by reason; a pool that has another lane is among those and not `ruled_out`.  `alone` are the
    pools that are ruled out where one has to send everything, and `none_alone` says that several send it for that.
    """

    __slots__ = (
        "alone", "candidates", "cost", "none_alone", "others", "parts", "proved", "reasons", "rivals", "ruled_out",
        "split_penalty", "unfilled",
    )  # fmt: skip

    def __init__(
        self,
        parts: list[Part],
        cost: int,
        unfilled: int,
        proved: bool,
        rivals: list[tuple[int, tuple[Part, ...]]],
        reasons: dict[str, list[str]],
        ruled_out: list[RuledOut],
        candidates: int,
        others: int,
        split_penalty: int,
    ) -> None:
        self.parts: Final = parts
        self.cost: Final = cost
        self.unfilled: Final = unfilled
        self.proved = proved
        self.rivals: Final = rivals
        self.reasons: Final = reasons
        self.ruled_out: Final = ruled_out
        self.alone = ruled_out
        self.none_alone = False
        self.candidates: Final = candidates
        self.others: Final = others
        self.split_penalty: Final = split_penalty


def nothing_sent(choice: Choice, room: int) -> Choice:
    """A choice of at most `room` shipments that is not carried out: it has no price, so nothing is dearer."""
    ruled_out = choice.alone if room == 1 else choice.ruled_out
    return Choice(
        [], 0, choice.unfilled, choice.proved, [], choice.reasons, ruled_out, choice.candidates, 0,
        choice.split_penalty,
    )  # fmt: skip


def ruled_out_of(
    reasons: dict[str, list[str]], candidates: Candidates, named_max: int
) -> tuple[list[RuledOut], int]:
    """Pools by what bars all their lanes, the first few by name; and how many lanes those are."""
    if not reasons:
        return [], 0
    barred: dict[str, int] = {}
    for pools in reasons.values():
        for pool in pools:
            barred[pool] = barred.get(pool, 0) + 1
    out = {pool for pool, lanes in barred.items() if lanes == candidates.lanes_of(pool)}
    ruled_out: list[RuledOut] = []
    for reason, pools in reasons.items():
        # A pool that has several lanes is named once.
        named = [pool for pool in dict.fromkeys(pools) if pool in out]
        if named:
            ruled_out.append(RuledOut(reason=reason, count=len(named), pools=named[:named_max]))
    return ruled_out, sum([barred[pool] for pool in out])


def without_stock(
    candidates: Candidates, count: int, stocked: Container[str], failed: Container[str], named_max: int
) -> RuledOut:
    """The `count` pools that lack something: not `stocked` at all, or looked at and `failed`."""
    named: list[str] = []
    for lane in candidates.ranked[:NAMED_AMONG]:
        pool = lane.pool
        if (pool not in stocked or pool in failed) and pool not in named:
            named.append(pool)
            if len(named) == named_max:
                break
    return RuledOut(reason=NO_STOCK, count=count, pools=named)
