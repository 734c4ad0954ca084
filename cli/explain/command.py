"""`sluice explain`: tell why an order was routed as it was, decision by decision."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from cli.options import AsJson, Config, Kafka, Network, Prefix

if TYPE_CHECKING:
    from cli.explain.history import History
    from schemas.notices import Decision


def command(
    order: Annotated[str, typer.Argument(help="The order's order_id.")],
    latest: Annotated[bool, typer.Option("--latest", help="Only the decision in force.")] = False,
    everywhere: Annotated[
        bool,
        typer.Option("--all", help="Also price every pool for it as of now, with the stock there is now."),
    ] = False,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Tell each decision about an order, oldest first: why then, which pools, what they cost, why not the others.

    Then what left and what arrived since the last of them. Times are local: what ships by the pool's clock, what
    arrives by the receiver's.

    Examples:

        sluice explain O-1002

        sluice explain O-1002 --all

        sluice explain O-1002 --latest --json --kafka kafka.example:9092
    """
    # Imported here: the Kafka client takes a tenth of a second that `sluice explain --help` need not wait for.
    from cli.connection import connected
    from cli.explain.candidates import candidate_lines, restored
    from cli.explain.history import histories_of, reference_of
    from cli.explain.since import order_row
    from cli.explain.text import history_lines

    with connected(kafka, config, prefix) as connection:
        histories = histories_of(connection, order, connection.partitions_of(network))
        if as_json:
            shown = [each for history in histories for each in _shown(history, latest)]
            print(json.dumps(msgspec.to_builtins(shown), indent=2, ensure_ascii=False))
            return
        for history in histories:
            name = history.decisions[0].network
            reference = reference_of(connection, name, history.partition)
            row = order_row(connection, name, order, history.partition)
            for line in history_lines(_shown(history, latest), reference, row):
                print(line)
            if everywhere:
                partition = restored(connection, history.partition)
                for line in candidate_lines(partition, name, order, time.time_ns() // 1_000_000):
                    print(line)


def _shown(history: History, latest: bool) -> list[Decision]:
    return history.decisions[-1:] if latest else history.decisions
