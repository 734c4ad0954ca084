"""`sluice stock`: the stock of an item, pool by pool."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Network, Prefix


def command(
    sku: Annotated[str, typer.Argument(help="The item's SKU.")],
    pool: Annotated[str | None, typer.Option(help="Only this pool.")] = None,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Show what each pool has of an item, what of it is promised or held back, and what is free to promise.

    free = on hand - reserved - blocked - suspect - safety; below zero, promises are at risk. Nothing is promised
    from a pool that is paused, nor of a pool or an item that is not in force; that is said. `mark` is the position of
    the count in force, in the pool's own sequence.

    Examples:

        sluice stock tee-white-m

        sluice stock tee-white-m --pool dc-paris --json
    """
    # Imported here: the Kafka client takes a tenth of a second that `sluice stock --help` need not wait for.
    from cli.shared.connection import connected
    from cli.stock.levels import levels_of, table

    with connected(kafka, config, prefix) as connection:
        levels = levels_of(connection, sku, pool, connection.partitions_of(network))
    if as_json:
        print(json.dumps([level.as_dict() for level in levels], indent=2, ensure_ascii=False))
    else:
        for line in table(levels):
            print(line)
