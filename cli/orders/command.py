"""`sluice orders`: list the orders behind a figure."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Network, Prefix, Since
from infra.errors import ConfigurationError

if TYPE_CHECKING:
    from cli.orders.wanted import Found, Wanted
    from cli.shared.connection import Connection

LIMIT = 20


def command(
    cause: Annotated[
        str | None, typer.Option(help="Decided because of this, such as stock_gone or line.short_picked.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="What became of it: one_shipment, split, partly_waiting, waiting, ...")
    ] = None,
    exception: Annotated[
        str | None, typer.Option(metavar="KIND", help="An exception of this kind names it.")
    ] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="It waits for stock now.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="It waits, and its time has passed.")] = False,
    at_risk: Annotated[
        bool, typer.Option("--at-risk", help="A warehouse was told to ship what may not be there.")
    ] = False,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help="A warehouse was told of it, and has said nothing of it yet.")
    ] = False,
    late: Annotated[
        bool,
        typer.Option(
            "--late",
            help="A warehouse was told of it, and its truck has gone without it, or without a part of it.",
        ),
    ] = False,
    undelivered: Annotated[
        bool,
        typer.Option(
            "--undelivered", help="Its first promised deliver-by has passed, and not all has arrived."
        ),
    ] = False,
    pool: Annotated[str | None, typer.Option(metavar="PATTERN", help="A pool that it is about.")] = None,
    channel: Annotated[str | None, typer.Option(metavar="PATTERN", help="Where it came from.")] = None,
    since: Since = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Not after, likewise.")] = None,
    limit: Annotated[int, typer.Option(help="How many are shown, the latest; 0 shows all.", min=0)] = LIMIT,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """List the orders that a figure counts, for `sluice explain` to tell why.

    With --waiting, --overdue, --at-risk, --unanswered, --late or --undelivered: orders as they stand now. Else: orders
    by what was decided about them. A pattern is a name, or a regular expression of which one whole name must match.

    Examples:

        sluice orders --cause stock_gone --pool dc-paris --since 2026-11-23T09:00:00Z

        sluice orders --outcome split --channel 'web|stores'

        sluice orders --overdue --json
    """
    from cli.orders.told import OUTCOMES, require_known
    from cli.orders.wanted import wanted
    from cli.shared.connection import connected
    from cli.words.meanings import CAUSES
    from cli.words.names import never_seen, printable

    looks = [
        name
        for name, is_asked in (
            ("waiting", waiting),
            ("overdue", overdue),
            ("at-risk", at_risk),
            ("unanswered", unanswered),
            ("late", late),
            ("undelivered", undelivered),
        )
        if is_asked
    ]
    kinds = [
        *looks,
        *(["exception"] if exception else []),
        *(["cause or outcome"] if cause or outcome else []),
    ]
    if len(kinds) > 1:
        raise ConfigurationError(f"One list at a time: {' and '.join(kinds)} were asked for together")
    require_known("--cause", cause, CAUSES)
    require_known("--outcome", outcome, OUTCOMES)
    asked = wanted(pool, channel, since, until)
    occurred: set[str] = set()
    with connected(kafka, config, prefix) as connection:
        partitions = connection.partitions_of(network)
        found = sorted(_found(connection, partitions, asked, looks, exception, occurred, cause, outcome))
    if exception and exception not in occurred:
        print(never_seen("exception of kind", exception, occurred), file=sys.stderr)
    shown = found[-limit:] if limit else found
    if as_json:
        for each in shown:
            print(json.dumps(each.as_dict(), ensure_ascii=False))
        return
    for line in _lines(found, shown):
        print(printable(line))


def _found(
    connection: Connection,
    partitions: list[int],
    asked: Wanted,
    looks: list[str],
    exception: str | None,
    occurred: set[str],
    cause: str | None,
    outcome: str | None,
) -> Iterator[Found]:
    from cli.orders.standing import LOOKS, standing
    from cli.orders.told import decided, excepted

    if looks:
        return standing(connection, partitions, asked, LOOKS[looks[0]], time.time_ns() // 1_000_000)
    if exception:
        return excepted(connection, partitions, asked, exception, occurred)
    return decided(connection, partitions, asked, cause, outcome)


def _lines(found: list[Found], shown: list[Found]) -> Iterator[str]:
    from cli.shared.own_name import next_command
    from cli.words.counting import counted
    from schemas.times import rfc3339

    if not found:
        yield "none"
        return
    for each in shown:
        yield f"{rfc3339(each.at_ms)}  {each.order_id}  {each.what}"
    orders = len({(each.network, each.order_id) for each in found})
    left_out = f", the last {len(shown)} shown" if len(shown) < len(found) else ""
    times = "" if orders == len(found) else f", {counted(len(found), 'time')}"
    yield f"{counted(orders, 'order')}{times}{left_out}"
    yield f"Next:  {next_command('explain', shown[-1].order_id)}"
