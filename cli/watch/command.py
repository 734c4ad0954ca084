"""`sluice watch`: see live what the routers decide, how late they are and what waits."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Network, Prefix

if TYPE_CHECKING:
    from cli.watch.moment import Moment, Observer


def command(
    router: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="A router's pages; once for each. Default: http://127.0.0.1:9464."),
    ] = None,
    every: Annotated[float, typer.Option(min=0.1, max=3_600, help="Seconds between two looks.")] = 1.0,
    duration: Annotated[
        float | None, typer.Option("--for", min=0.1, metavar="SECONDS", help="End after so long.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many looks.")] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="A line for each look, as it is without a terminal.")
    ] = False,
    network: Network = None,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
    as_json: AsJson = False,
) -> None:
    """See live what the routers decide, how late they are and what waits, until Ctrl-C.

    Decisions a second, their age, the lag, the partitions' phases, orders that wait or are overdue; the latest
    decisions in words, what a person must look at, dead letters and stock events; and of which pools records of stock
    were ignored, because they stand before the counts in force (see `sluice stock --pool`). A router that goes away is
    said to be away, and taken up again when it is back. Name every router: partitions that none of them decides are
    listed, and the lag is unknown for as long as there are any. With --json each look is one JSON object on a line of
    its own.

    Examples:

        sluice watch

        sluice watch --router http://router-1:9464 --router http://router-2:9464 --kafka kafka.example:9092

        sluice watch --plain --for 60

        sluice watch --json --count 1
    """
    # Imported here: the Kafka client takes a tenth of a second that `sluice watch --help` need not wait for.
    from cli.shared.connection import connected
    from cli.shared.router_pages import DEFAULT_ADDRESS, checked_address
    from cli.watch.moment import Observer
    from cli.watch.tails import Tails

    addresses = [checked_address(address) for address in router or [DEFAULT_ADDRESS]]
    try:
        with connected(kafka, config, prefix) as connection:
            tails = Tails(connection, connection.partitions_of(network))
            try:
                tails.wait_until_ready()
                _show(_moments(Observer(addresses, tails), every, duration, count), plain, as_json)
            finally:
                tails.close()
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except BrokenPipeError:
        # Whoever read has seen enough; what Python would still flush has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def _moments(
    observer: Observer, every_s: float, duration_s: float | None, count: int | None
) -> Iterator[Moment]:
    """A look every so often, the first one after the first interval: figures are of what happens between two."""
    ends_s = float("inf") if duration_s is None else time.monotonic() + duration_s
    looks = 0
    while count is None or looks < count:
        left_s = ends_s - time.monotonic()
        if left_s <= 0:
            return
        time.sleep(min(every_s, left_s))
        yield observer.look()
        looks += 1


def _show(moments: Iterator[Moment], plain: bool, as_json: bool) -> None:
    from rich.console import Console
    from rich.live import Live

    from cli.watch.lines import plain_line
    from cli.watch.screen import Screen

    console = Console()
    if as_json or plain or not console.is_terminal:
        for moment in moments:
            line = json.dumps(moment.as_dict(), ensure_ascii=False) if as_json else plain_line(moment)
            print(line, flush=True)
        return
    screen = Screen()
    with Live(console=console, auto_refresh=False, screen=True) as live:
        for moment in moments:
            live.update(screen.render(moment, console), refresh=True)
