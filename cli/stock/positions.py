"""How far the sequence of a pool has come, by what is in force of its stock rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct, structs

from cli.shared.connection import Connection
from cli.stock.ledger import stock_rows
from cli.words.counting import counted
from cli.words.names import closest
from infra.errors import SluiceError
from schemas.rows import NO_POSITION, StockRow

FURTHEST = 5
"""Rows that are told by name: the one that a single record has put far ahead is among them."""


class Place(Struct, frozen=True, kw_only=True):
    """How far one row has come; `last_position` is None where nothing that has a place was ever said of it."""

    sku: str
    stock_class: str
    mark: int | None
    last_position: int | None


class PoolPositions(Struct, frozen=True, kw_only=True):
    """A pool's rows together: the last position in force, and the one that half of the rows have not passed."""

    network: str
    pool: str
    rows: int
    last_position: int | None
    middle_position: int | None
    furthest: list[Place]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the class under its wire name."""
        places = [
            {name.removeprefix("stock_"): value for name, value in structs.asdict(place).items()}
            for place in self.furthest
        ]
        return structs.asdict(self) | {"furthest": places}


def last_position(row: StockRow) -> int | None:
    """The last place in the sequence that the row knows of: what stands above it is news to all that is in force."""
    last = max(row.mark, row.floor, row.suspect_position, row.moves[-1][0] if row.moves else NO_POSITION)
    return None if last == NO_POSITION else last


def positions_of(connection: Connection, pool: str, partitions: Sequence[int]) -> list[PoolPositions]:
    """The pools of this name by network; an error that helps when none of them has a row."""
    found = stock_rows(connection, partitions, lambda of, _: of == pool)
    if not found.rows:
        match = closest(pool, found.pools)
        remedy = f'Did you mean "{match}"?' if match else "Check its name, --network and --prefix"
        raise SluiceError(
            f'nothing is known of any stock in pool "{pool}", among {counted(len(found.pools), "pool")}. {remedy}'
        )
    ordered = sorted([row for _, row in found.rows], key=lambda row: row.network)
    return [_together(network, pool, list(own)) for network, own in groupby(ordered, lambda row: row.network)]


def _together(network: str, pool: str, rows: list[StockRow]) -> PoolPositions:
    places = sorted(map(_place, rows), key=lambda place: (-(place.last_position or 0), place.sku))
    known = [place.last_position for place in places if place.last_position is not None]
    return PoolPositions(
        network=network,
        pool=pool,
        rows=len(rows),
        last_position=known[0] if known else None,
        middle_position=known[len(known) // 2] if known else None,
        furthest=places[:FURTHEST],
    )


def _place(row: StockRow) -> Place:
    return Place(
        sku=row.sku,
        stock_class=row.stock_class,
        mark=None if row.mark == NO_POSITION else row.mark,
        last_position=last_position(row),
    )


def position_lines(positions: PoolPositions) -> Iterator[str]:
    """For a terminal; positions are written as they are sent, to be copied."""
    title = f"{positions.pool} in network {positions.network}: {counted(positions.rows, 'stock row')}"
    if positions.last_position is None:
        yield f"{title}, none of which knows a position"
        return
    yield f"{title}, the last position in force is {positions.last_position}"
    half = f"half of them are at {positions.middle_position} or before; " if positions.rows > 1 else ""
    yield f"  {half}furthest:"
    width = max(len(place.sku) for place in positions.furthest)
    for place in positions.furthest:
        mark = "never counted" if place.mark is None else f"mark {place.mark}"
        last = "" if place.last_position is None else f"last position {place.last_position}"
        yield f"    {place.sku:<{width}}  {place.stock_class}  {mark:<24}  {last}".rstrip()
    yield (
        "  A sequence that began anew is heard again where it goes on above: "
        f"add {positions.last_position + 1} or more to each position and mark"
    )
