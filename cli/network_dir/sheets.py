"""The CSV files: pools, lanes, cut-offs, items, and what holds for an item in a pool."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Literal, TypeVar, cast

from cli.network_dir import values
from cli.network_dir.csv_file import Row, Sheet, read_rows
from cli.network_dir.faults import Faults
from cli.network_dir.stated import (
    CUTOFFS_FILE,
    ITEM_POOLS_FILE,
    ITEMS_FILE,
    LANES_FILE,
    POOLS_FILE,
    Placed,
    Stated,
)
from schemas.reference import CutoffEntity, ItemEntity, ItemPoolEntity, LaneEntity, PoolEntity

POOLS = Sheet(
    file=POOLS_FILE,
    key=("pool",),
    required=("pool", "kind", "time_zone", "wms"),
    optional=(
        "calendar",
        "handling_per_unit",
        "orders_per_day",
        "pick_minutes",
        "pick_seconds",
        "capabilities",
        "status",
    ),
)
LANES = Sheet(
    file=LANES_FILE,
    key=("pool", "zone", "service", "carrier"),
    required=("pool", "zone", "service", "carrier", "transit_days", "fixed"),
    optional=("per_kg",),
    moved={
        "cut_off": "the time of the truck stands in cutoffs.csv: pool,carrier,service,collection",
        "collection": "the time of the truck stands in cutoffs.csv: pool,carrier,service,collection",
    },
)
CUTOFFS = Sheet(
    file=CUTOFFS_FILE,
    key=("pool", "carrier", "service"),
    required=("pool", "carrier", "service", "collection"),
)
ITEMS = Sheet(
    file=ITEMS_FILE,
    key=("sku",),
    required=("sku",),
    optional=("unit", "weight_grams", "restrictions"),
    moved={"attributes": "what an item demands of a pool stands in restrictions"},
)
ITEM_POOLS = Sheet(file=ITEM_POOLS_FILE, key=("sku", "pool"), required=("sku", "pool", "safety"))

TRANSIT_DAYS_MAX = 90

Key = TypeVar("Key", bound=Hashable)
Entity = TypeVar("Entity")


def read_sheets(directory: Path, present: set[str], stated: Stated, faults: Faults) -> None:
    """Fills in what the CSV files state; absent files leave their part None."""

    def keyed(
        sheet: Sheet, read: Callable[[Row], Entity], key_of: Callable[[Entity], Key], noun: str
    ) -> dict[Key, Placed[Entity]] | None:
        rows = read_rows(directory, sheet, faults) if sheet.file in present else None
        if rows is None:
            return None
        table, is_complete = _keyed(rows.rows, read, key_of, noun, faults)
        if not (rows.complete and is_complete):
            stated.doubtful.add(sheet.file)
        return table

    stated.pools = keyed(POOLS, _pool, lambda pool: pool.pool, "pool")
    stated.lanes = keyed(LANES, _lane, _lane_key, "lane")
    stated.cutoffs = keyed(CUTOFFS, _cutoff, _cutoff_key, "cut-off")
    stated.items = keyed(ITEMS, _item, lambda item: item.sku, "sku")
    stated.item_pools = keyed(ITEM_POOLS, _item_pool, _item_pool_key, "item and pool")


def _keyed(
    rows: list[Row],
    read: Callable[[Row], Entity],
    key_of: Callable[[Entity], Key],
    noun: str,
    faults: Faults,
) -> tuple[dict[Key, Placed[Entity]], bool]:
    """Entities by key, and whether every row has one.

    A key that is there again is reported with both its lines, and the first counts.
    """
    keyed: dict[Key, Placed[Entity]] = {}
    is_complete = True
    for row in rows:
        entity = read(row)
        key = key_of(entity)
        parts = key if isinstance(key, tuple) else (key,)
        if not all(parts):
            is_complete = False
            continue  # Part of the key was faulty, and that has been said.
        earlier = keyed.setdefault(key, Placed(entity, row.line))
        if earlier.line != row.line:
            named = " ".join(f'"{part}"' for part in parts)
            faults.add(
                row.file, row.line, f"{noun} {named} is already on line {earlier.line}; keep one of them"
            )
    return keyed, is_complete


def _pool(row: Row) -> PoolEntity:
    pick_s = row.optional("pick_minutes", values.pick_seconds_of_minutes, 0)
    pick_s += row.optional("pick_seconds", values.whole_number(0, 59), 0)
    return PoolEntity(
        pool=row.required("pool", values.name, ""),
        pool_kind=cast(
            Literal["dc", "3pl", "store", "supplier"],
            row.required("kind", values.one_of("dc", "3pl", "store", "supplier"), "dc"),
        ),
        time_zone=row.required("time_zone", values.time_zone, ""),
        calendar=row.optional("calendar", values.name, ""),
        wms=row.required("wms", values.wms, "-"),
        status=cast(
            Literal["active", "paused"], row.optional("status", values.one_of("active", "paused"), "active")
        ),
        handling_per_unit=row.optional("handling_per_unit", values.money, 0),
        orders_per_day=row.optional("orders_per_day", values.count, 0),
        pick_minutes=pick_s // 60,
        pick_seconds=pick_s % 60,
        capabilities=row.optional("capabilities", values.names, ()),
    )


def _lane(row: Row) -> LaneEntity:
    return LaneEntity(
        pool=row.required("pool", values.name, ""),
        zone=row.required("zone", values.name, ""),
        service=row.required("service", values.name, ""),
        carrier=row.required("carrier", values.name, ""),
        transit_days=row.required("transit_days", values.whole_number(0, TRANSIT_DAYS_MAX), 0),
        fixed=row.required("fixed", values.money, 0),
        per_kg=row.optional("per_kg", values.money, 0),
    )


def _lane_key(lane: LaneEntity) -> tuple[str, ...]:
    return lane.pool, lane.zone, lane.service, lane.carrier


def _cutoff(row: Row) -> CutoffEntity:
    return CutoffEntity(
        pool=row.required("pool", values.name, ""),
        carrier=row.required("carrier", values.name, ""),
        service=row.required("service", values.name, ""),
        collection=row.required("collection", values.clock_time, "00:00"),
    )


def _cutoff_key(cutoff: CutoffEntity) -> tuple[str, ...]:
    return cutoff.pool, cutoff.carrier, cutoff.service


def _item(row: Row) -> ItemEntity:
    return ItemEntity(
        sku=row.required("sku", values.sku, ""),
        unit=row.optional("unit", values.unit, "EA"),
        weight_grams=row.optional("weight_grams", values.count, 0),
        restrictions=row.optional("restrictions", values.names, ()),
    )


def _item_pool(row: Row) -> ItemPoolEntity:
    return ItemPoolEntity(
        sku=row.required("sku", values.sku, ""),
        pool=row.required("pool", values.name, ""),
        safety=row.required("safety", values.count, 0),
    )


def _item_pool_key(item_pool: ItemPoolEntity) -> tuple[str, ...]:
    return item_pool.sku, item_pool.pool
