"""Stock rows of an item as the ledger topic has them now, with the safety stock that the catalog states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, structs
from rich.cells import cell_len

from cli.shared.connection import Connection
from cli.shared.remembered import catalogs
from cli.stock.ledger import stock_rows
from cli.stock.positions import last_position
from cli.words.names import closest
from infra.errors import SluiceError
from schemas.inventory import GOOD
from schemas.reference import ItemPoolEntity, PoolEntity
from schemas.rows import NO_POSITION, StockRow
from state.catalog import Entities


class Level(Struct, frozen=True, kw_only=True):
    """One row for a person; `free` is what may still be promised, below zero what is promised in vain.

    `withheld` says why nothing of it is promised, whatever is free: a code, empty where it is.
    """

    network: str
    pool: str
    sku: str
    stock_class: str
    on_hand: int
    reserved: int
    released: int
    blocked: int
    suspect: int
    safety: int
    free: int
    mark: int | None
    last_position: int | None
    uncertain: bool
    withheld: str = ""

    @property
    def promisable(self) -> int:
        """Units that an order may still be promised: only good stock is."""
        return max(0, self.free) if self.stock_class == GOOD and not self.withheld else 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the class under its wire name."""
        return {name.removeprefix("stock_"): value for name, value in structs.asdict(self).items()}


def levels_of(connection: Connection, sku: str, pool: str | None, partitions: Sequence[int]) -> list[Level]:
    """Levels by network, pool and class; an error that helps when nothing was ever said of the item there."""
    found = stock_rows(connection, partitions, lambda _, of: of == sku)
    if not found.rows:
        match = closest(sku, found.skus)
        remedy = f'Did you mean "{match}"?' if match else "Check its name, --network and --prefix"
        raise SluiceError(
            f'nothing is known of the stock of "{sku}", among {len(found.skus):,} SKUs. {remedy}'
        )
    pools = {row.pool for _, row in found.rows}
    chosen = [(partition, row) for partition, row in found.rows if pool is None or row.pool == pool]
    if not chosen:
        match = closest(pool or "", pools)
        there = f"it has been in {', '.join(sorted(pools))}"
        remedy = f'Did you mean "{match}"?' if match else f"As far as is known, {there}"
        raise SluiceError(f'pool "{pool}" has no stock row of "{sku}". {remedy}')

    def bears_on_it(kind: str, name: str) -> bool:
        return kind == "pool" or (kind in ("item", "item_pool") and name == sku)

    in_force = catalogs(connection, sorted({partition for partition, _ in chosen}), bears_on_it)
    levels = [_level(row, in_force.get(row.network, {})) for _, row in chosen]
    return sorted(levels, key=lambda level: (level.network, level.pool, level.stock_class))


ITEM_WITHDRAWN = "item_withdrawn"
POOL_WITHDRAWN = "pool_withdrawn"
POOL_PAUSED = "pool_paused"

WITHHELD = {
    ITEM_WITHDRAWN: "the item is not in force",
    POOL_WITHDRAWN: "the pool is not in force",
    POOL_PAUSED: "the pool is paused",
}


def _withheld(row: StockRow, entities: Entities) -> str:
    """The router ranks lanes of active pools in force only, for items in force only."""
    if ("item", row.sku) not in entities:
        return ITEM_WITHDRAWN
    pool = entities.get(("pool", row.pool))
    if not isinstance(pool, PoolEntity):
        return POOL_WITHDRAWN
    return POOL_PAUSED if pool.status == "paused" else ""


def _level(row: StockRow, entities: Entities) -> Level:
    item_pool = entities.get(("item_pool", row.sku, row.pool))
    safety = item_pool.safety if isinstance(item_pool, ItemPoolEntity) else 0
    # Only good stock is promised, so nothing is held back of the other classes.
    held = safety if row.stock_class == GOOD else 0
    return Level(
        network=row.network,
        pool=row.pool,
        sku=row.sku,
        stock_class=row.stock_class,
        on_hand=row.on_hand,
        reserved=row.reserved,
        released=row.released,
        blocked=row.blocked,
        suspect=row.suspect,
        safety=held,
        free=row.on_hand - row.reserved - row.blocked - row.suspect - held,
        mark=None if row.mark == NO_POSITION else row.mark,
        last_position=last_position(row),
        uncertain=row.uncertain,
        withheld=_withheld(row, entities),
    )


COLUMNS = (
    "pool", "class", "on hand", "reserved", "(released)", "blocked", "suspect", "safety", "free", "mark"
)  # fmt: skip


def table(levels: list[Level]) -> Iterator[str]:
    """Columns for a terminal, and a total of what may be promised."""
    networks = sorted({level.network for level in levels})
    for network in networks:
        mine = [level for level in levels if level.network == network]
        cells = [COLUMNS, *(_cells(level) for level in mine)]
        widths = [max(cell_len(row[at]) for row in cells) for at in range(len(COLUMNS))]
        yield f"{mine[0].sku} in network {network}"
        for row, level in zip(cells, [None, *mine], strict=True):
            text = "  ".join(
                _padded(cell, width, left=at < 2)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            yield f"  {text}{'' if level is None else _flags(level)}"
        yield f"  {sum(level.promisable for level in mine):,} may still be promised{_not_promised(mine)}"


def _padded(cell: str, width: int, left: bool) -> str:
    """To a width on the screen: a character of Chinese or Japanese takes two columns."""
    space = " " * (width - cell_len(cell))
    return cell + space if left else space + cell


def _flags(level: Level) -> str:
    uncertain = "  uncertain: count it again" if level.uncertain else ""
    return f"{uncertain}  not promised: {WITHHELD[level.withheld]}" if level.withheld else uncertain


def _not_promised(levels: list[Level]) -> str:
    """`, 40 may not`: what is free in vain, for which the rows say why."""
    units = sum(max(0, level.free) for level in levels if level.withheld and level.stock_class == GOOD)
    return f", {units:,} may not" if units else ""


def _cells(level: Level) -> tuple[str, ...]:
    released = f"({level.released:,})" if level.released else ""
    figures = (level.on_hand, level.reserved, level.blocked, level.suspect, level.safety, level.free)
    on_hand, reserved, blocked, suspect, safety, free = (f"{figure:,}" for figure in figures)
    mark = "never counted" if level.mark is None else str(level.mark)
    return (
        level.pool, level.stock_class, on_hand, reserved, released, blocked, suspect, safety, free, mark
    )  # fmt: skip
