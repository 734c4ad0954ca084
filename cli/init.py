"""`sluice init`: write an example network to start from."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cli.network_dir.example.writing import EVENTS_FILE, example
from cli.network_dir.stated import NETWORK_FILE

_ABOUT = {
    "pools.csv": "pools: where stock lies",
    "lanes.csv": "lanes: what a parcel costs and how long it takes",
    "cutoffs.csv": "cut-offs: when the trucks leave",
    "items.csv": "items",
    "item_pools.csv": "safety stocks, never promised",
    EVENTS_FILE: "sample events: counts, orders, a cancel, a dispatch",
}


def command(
    directory: Annotated[Path, typer.Argument(help="A directory that is empty or new.")],
) -> None:
    """Write the example network of a retailer in five countries: TOML and CSV, made to be changed.

    Example:

        sluice init my-network
    """
    rows_by_file = example(directory)
    print(f"{directory / NETWORK_FILE}   channels, services, policies, calendars, zones")
    for file, rows in rows_by_file.items():
        print(f"{directory / file}   {rows:,} {_ABOUT[file]}")
    named, events = shlex.quote(str(directory)), shlex.quote(str(directory / EVENTS_FILE))
    print(f"Next: sluice check {named}")
    print(f"      sluice decide {named} {events}   (no Kafka needed)")
    print(f"      sluice kafka, and in another terminal: sluice topics, sluice apply {named}, sluice run,")
    print(f"      sluice send {events}")
