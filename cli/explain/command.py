"""`sluice explain`: tell why an order was routed as it was, decision by decision."""

from __future__ import annotations

import json
import time
from typing import Annotated, Any

import msgspec
import typer

from cli.shared.options import AsJson, Config, Kafka, Network, Prefix, Since, text_of


def command(
    order: Annotated[str, typer.Argument(help="The order's order_id.", callback=text_of)],
    latest: Annotated[bool, typer.Option("--latest", help="Only the decision in force.")] = False,
    everywhere: Annotated[
        bool,
        typer.Option("--all", help="Also price every pool for it as of now, with the stock there is now."),
    ] = False,
    since: Since = None,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Tell each decision about an order, oldest first: why then, which pools, what they cost, why not the others.

    Then what left and what arrived since the last of them, what its units wait for, and what was refused or asks for
    a person. Times are local: what ships by the pool's clock, what arrives by the receiver's. With --json the last
    decision also has `since_then`, `exceptions`, `refused` and, with --all, `as_of_now`, which is null when the order
    is closed and forgotten. Where months are kept, --since spares reading them.

    Examples:

        sluice explain O-1002

        sluice explain O-1002 --all

        sluice explain O-1002 --since 2h

        sluice explain O-1002 --latest --json --kafka kafka.example:9092
    """
    # Imported here: the Kafka client takes a tenth of a second that `sluice explain --help` need not wait for.
    from cli.explain.attention import attention_lines, concerns_of, refusals_of
    from cli.explain.candidates import outlook_lines, outlook_of
    from cli.explain.history import histories_of
    from cli.explain.since import news_of, order_row
    from cli.explain.text import history_lines
    from cli.reference.history import reference_of
    from cli.shared.connection import connected
    from cli.shared.moments import moment_ms
    from cli.shared.remembered import restored
    from cli.words.names import printable

    since_ms = 0 if since is None else moment_ms("--since", since)
    now_ms = time.time_ns() // 1_000_000
    told: list[dict[str, Any]] = []
    with connected(kafka, config, prefix) as connection:
        for history in histories_of(connection, order, network, since_ms):
            name = history.decisions[0].network
            row = order_row(connection, name, order, history.partition)
            shown = history.decisions[-1:] if latest else history.decisions
            where = [history.partition]
            concerns = concerns_of(connection, order, name, where, since_ms)
            refusals = refusals_of(connection, order, name, where, since_ms)
            outlook = None
            if everywhere:
                outlook = outlook_of(restored(connection, history.partition), name, order, now_ms)
            if as_json:
                decisions = msgspec.to_builtins(shown)
                news = [] if row is None else news_of(row, history.decisions[-1].data)
                decisions[-1]["since_then"] = [each.as_dict() for each in news]
                decisions[-1]["exceptions"] = [each.as_dict() for each in concerns]
                decisions[-1]["refused"] = [letter.as_dict() for letter in refusals]
                if everywhere:
                    decisions[-1]["as_of_now"] = None if outlook is None else outlook.as_dict(now_ms)
                told += decisions
                continue
            reference = reference_of(connection, name, history.partition, shown)
            for line in history_lines(shown, reference, row):
                print(printable(line))
            for line in attention_lines(concerns, refusals):
                print(printable(line))
            if everywhere:
                for line in outlook_lines(outlook, now_ms):
                    print(printable(line))
    if as_json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
