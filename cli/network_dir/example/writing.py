"""Writes the example network into a directory."""

from __future__ import annotations

import csv
import importlib.resources
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cli.network_dir.example.events import events
from cli.network_dir.example.items import items
from cli.network_dir.example.places import POOLS, cutoffs, lanes
from cli.network_dir.example.stock import safety
from cli.network_dir.stated import (
    CUTOFFS_FILE,
    ITEM_POOLS_FILE,
    ITEMS_FILE,
    LANES_FILE,
    NETWORK_FILE,
    POOLS_FILE,
)
from infra.errors import ConfigurationError

EVENTS_FILE = "events.jsonl"

POOL_COLUMNS = (
    "pool", "kind", "time_zone", "calendar", "handling_per_unit", "orders_per_day", "pick_minutes", "wms",
    "capabilities",
)  # fmt: skip
LANE_COLUMNS = ("pool", "zone", "service", "carrier", "transit_days", "fixed", "per_kg")
CUTOFF_COLUMNS = ("pool", "carrier", "service", "collection")
ITEM_COLUMNS = ("sku", "unit", "weight_grams", "restrictions")


def example(directory: Path, now: datetime | None = None) -> dict[str, int]:
    """Writes the example and returns the rows of each file; a directory that holds something is refused.

    `now` dates the sample events; everything else is the same on every day and machine.
    """
    _make_empty_directory(directory)
    settings = importlib.resources.files(__package__).joinpath(NETWORK_FILE).read_text(encoding="utf-8")
    (directory / NETWORK_FILE).write_text(settings, encoding="utf-8")
    pools = [
        (
            pool.pool, pool.kind, pool.time_zone, pool.calendar, pool.handling_per_unit, pool.orders_per_day,
            pool.pick_minutes, pool.wms, pool.capabilities,
        )
        for pool in POOLS
    ]  # fmt: skip
    sheets: dict[str, tuple[tuple[str, ...], Iterable[tuple[object, ...]]]] = {
        POOLS_FILE: (POOL_COLUMNS, pools),
        LANES_FILE: (LANE_COLUMNS, lanes()),
        CUTOFFS_FILE: (CUTOFF_COLUMNS, cutoffs()),
        ITEMS_FILE: (ITEM_COLUMNS, (item[:4] for item in items())),
        ITEM_POOLS_FILE: (("sku", "pool", "safety"), safety()),
    }
    rows_by_file = {file: write_csv(directory / file, *sheet) for file, sheet in sheets.items()}
    samples = [json.dumps(event, separators=(",", ":")) for event in events(now or datetime.now(UTC))]
    (directory / EVENTS_FILE).write_text("\n".join(samples) + "\n", encoding="utf-8")
    return {**rows_by_file, EVENTS_FILE: len(samples)}


def _make_empty_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        holds_something = any(directory.iterdir())
    except FileExistsError:
        raise ConfigurationError(f"{directory} is a file; name a directory that is empty or new") from None
    except OSError as error:
        raise ConfigurationError(f"{directory} cannot be written: {error.strerror}") from None
    if holds_something:
        raise ConfigurationError(
            f"{directory} is not empty, and nothing in it was touched; name a directory that is empty or new"
        )


def write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> int:
    """A file of a network directory; how many rows it has below its header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    written = 0
    for row in rows:
        writer.writerow(row)
        written += 1
    path.write_text(text.getvalue(), encoding="utf-8")
    return written
