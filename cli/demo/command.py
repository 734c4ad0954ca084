"""`sluice demo`: a small network on a real Kafka, killed and audited before your eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.shared.options import AsJson

SECONDS = 20.0
ORDERS_PER_SECOND = 300.0


def command(
    orders_per_second: Annotated[
        float, typer.Option(help="How busy the shops are.", min=50, max=3_000)
    ] = ORDERS_PER_SECOND,
    seconds: Annotated[
        float,
        typer.Option(help="How long orders come in, at least; the story takes about 20 s.", min=0, max=600),
    ] = SECONDS,
    seed: Annotated[int, typer.Option(help="The same customers and shelves for the same number.")] = 1,
    stay: Annotated[
        bool, typer.Option("--stay", help="Keep the shops open after the story, until Ctrl-C; then audit.")
    ] = False,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Where the router shows figures. Default: 127.0.0.1:9464, or another port where that is taken.",
        ),
    ] = None,
    directory: Annotated[
        Path | None, typer.Option(help="Where everything is kept. Default: .sluice/demo, emptied first.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Watch a small network route orders over a real Kafka, survive a kill -9, and prove that nothing was lost.

    It starts a broker, a router and the shops and warehouses around it as processes of their own, ends by itself
    in under a minute, and leaves its data in .sluice/demo for the other commands. Exit code 0 only when the audit
    holds and everything that the story tells has happened.

    Examples:

        sluice demo

        sluice demo --orders-per-second 100 --seed 7

        sluice demo --stay        for looking at figures and dashboards, or trying commands on it
    """
    # Imported here: `sluice demo --help` needs neither Kafka nor the auditor.
    from cli.demo.stage import Choices
    from cli.demo.story import tell
    from infra.connect import DEMO_DIRECTORY

    choices = Choices(directory or DEMO_DIRECTORY, seed, seconds, orders_per_second, stay, metrics)
    raise typer.Exit(tell(choices, as_json))
