"""`sluice stock`: the stock of an item, pool by pool; or how far the sequence of a pool has come."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Network, Prefix
from infra.errors import ConfigurationError


def command(
    sku: Annotated[str | None, typer.Argument(help="The item's SKU.")] = None,
    pool: Annotated[
        str | None, typer.Option(help="Only this pool. Without a SKU: the last position in force there.")
    ] = None,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Show what each pool has of an item, what of it is promised or held back, and what is free to promise.

    free = on hand - reserved - blocked - suspect - safety; below zero, promises are at risk. Nothing is promised
    from a pool that is paused, nor of a pool or an item that is not in force; that is said. `mark` is the position of
    the count in force, in the pool's own sequence: what is not above it is ignored.

    Without a SKU it shows how far the sequence of --pool has come: the last position in force of its rows, above which
    a sequence that began anew must go on to be heard, and the rows that are furthest.

    Examples:

        sluice stock tee-white-m

        sluice stock tee-white-m --pool dc-paris --json

        sluice stock --pool dc-paris
    """
    if sku is None and pool is None:
        raise ConfigurationError(
            "name an item, for its stock, or a --pool, for the last position in force there"
        )
    # Imported here: the Kafka client takes a tenth of a second that `sluice stock --help` need not wait for.
    from cli.shared.connection import connected
    from cli.stock.levels import levels_of, table
    from cli.stock.positions import position_lines, positions_of

    with connected(kafka, config, prefix) as connection:
        partitions = connection.partitions_of(network)
        if sku is None:
            pools = positions_of(connection, pool or "", partitions)
            shown = [each.as_dict() for each in pools]
            lines = [line for each in pools for line in position_lines(each)]
        else:
            levels = levels_of(connection, sku, pool, partitions)
            shown, lines = [level.as_dict() for level in levels], list(table(levels))
    if as_json:
        print(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        for line in lines:
            print(line)
