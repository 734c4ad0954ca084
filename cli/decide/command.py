"""`sluice decide`: decide a file of events without a broker."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from cli.decide.input import Arrival, arrivals
from cli.decide.machine import ROW_TOPICS, machine_line
from cli.decide.offline import Offline
from cli.decide.telling import Telling, starts
from cli.network_dir.example.writing import EVENTS_FILE
from cli.network_dir.reading import Network, network_of
from cli.shared.event_file import read_lines
from cli.shared.options import require_input_topic
from cli.words.names import printable
from cli.words.places import Places
from infra.errors import ConfigurationError
from operators.bundle import Publication
from schemas.times import EPOCH, MILLISECOND, parse_rfc3339, to_ms

WITHOUT_TIME_MAX = 1_000
"""Unreadable lines that are kept until the first event with a time says when all begins."""

FAULTS_SHOWN_MAX = 5


def command(
    directory: Annotated[Path, typer.Argument(help="The network directory: TOML and CSV.")],
    file: Annotated[
        Path | None,
        typer.Argument(
            help=f"JSON lines, one event each; - reads standard input. Default: its {EVENTS_FILE}."
        ),
    ] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Print the changed rows and the journal too.")] = False,
    until: Annotated[
        str | None, typer.Option(help="Let fire what is due up to then: 2026-11-24T18:00:00Z.")
    ] = None,
    today: Annotated[
        str | None,
        typer.Option(help="The day from which the calendars reach. Default: that of the first event."),
    ] = None,
    topic: Annotated[
        str | None, typer.Option(help="For lines whose type does not say where they belong.")
    ] = None,
    as_json: Annotated[
        bool | None, typer.Option("--json/--text", help="Default: JSON lines, on a terminal text.")
    ] = None,
) -> None:
    """Decide events as the router would, with nothing but this directory: no Kafka.

    Each event happens at its own time, or at that of the one before if that is later; what is due by then fires
    first. A line that cannot be read becomes a dead letter with its reason, and the rest goes on. The same input
    always gives the same bytes.

    Examples:

        sluice decide my-network

        sluice decide my-network orders.jsonl --rows --until 2026-11-24T18:00:00Z

        tail -n 3 orders.jsonl | sluice decide my-network - --text
    """
    require_input_topic(topic)
    until_ms = None if until is None else _moment("--until", until)
    first_day = None if today is None else _day(today)
    source = _file(directory, file)
    events = arrivals(read_lines(source), topic)
    starts_ms, events = _beginning(source, events, first_day)
    network = network_of(directory, first_day or (EPOCH + starts_ms * MILLISECOND).date())
    offline = Offline(network, starts_ms)
    if as_json is False or (as_json is None and sys.stdout.isatty()):
        telling = Telling(str(source), Places(network.entities))
        _tell(offline, network, events, until_ms, telling, starts_ms)
    else:
        _print_machine(offline, events, until_ms, rows)


def _file(directory: Path, file: Path | None) -> Path:
    if not directory.is_dir():
        raise ConfigurationError(
            f"{directory} is no directory; write an example with: sluice init {shlex.quote(str(directory))}"
        )
    default = directory / EVENTS_FILE
    if file is None and not default.is_file():
        raise ConfigurationError(f"there is no {default}; name a file of JSON lines, or - for standard input")
    return file or default


def _beginning(
    file: Path, events: Iterator[Arrival], first_day: date | None
) -> tuple[int, Iterator[Arrival]]:
    """When all begins, and the events from the first on: the first readable time, or the stated day."""
    if first_day is not None:
        return to_ms(datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC)), events
    seen: list[Arrival] = []
    for event in events:
        seen.append(event)
        if event.time_ms is not None:
            return event.time_ms, chain(seen, events)
        if len(seen) >= WITHOUT_TIME_MAX:
            break
    remedy = "give the day with --today 2026-11-23"
    if not seen:
        raise ConfigurationError(f"there is no event in {file}, so nothing says when it happens; {remedy}")
    faults = "\n".join(f"  {file}:{event.line}: {event.fault}" for event in seen[:FAULTS_SHOWN_MAX])
    lines = "its only line cannot" if len(seen) == 1 else f"none of {len(seen):,} lines can"
    raise ConfigurationError(
        f"{file}: {lines} be read as an event, so nothing says when it happens; mend it, or {remedy}:\n{faults}"
    )


def _moment(option: str, text: str) -> int:
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise ConfigurationError(
            f'{option} "{text}" is no time in UTC; write it as 2026-11-24T18:00:00Z'
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f'--today "{text}" is no day; write it as 2026-11-24') from None


def _print_machine(offline: Offline, events: Iterable[Arrival], until_ms: int | None, rows: bool) -> None:
    write = sys.stdout.buffer.write

    def put(publications: list[Publication]) -> None:
        for each in publications:
            if rows or each[0] not in ROW_TOPICS:
                write(machine_line(each) + b"\n")
        offline.publications.clear()

    put(list(offline.publications))
    for event in events:
        put(offline.send(event.topic, event.value))
        sys.stdout.buffer.flush()
    if until_ms is not None:
        put(offline.advance(until_ms))


def _tell(
    offline: Offline,
    network: Network,
    events: Iterable[Arrival],
    until_ms: int | None,
    telling: Telling,
    starts_ms: int,
) -> None:
    print(starts(starts_ms, network.name))
    offline.publications.clear()

    def say(lines: Iterator[str]) -> None:
        for line in lines:
            print(printable(line))
        offline.publications.clear()

    for event in events:
        if event.time_ms is not None:
            say(telling.time(offline.advance(event.time_ms)))
        say(telling.event(event, offline.send(event.topic, event.value)))
    if until_ms is not None:
        say(telling.time(offline.advance(until_ms)))
    say(telling.end())
    print(telling.summary())
