"""`sluice dead-letters list` and `sluice dead-letters retry`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.network_dir.faults import never_seen
from cli.network_dir.summary import counted
from cli.shared.options import AsJson, Config, Kafka, Network, Prefix
from infra.errors import ConfigurationError

if TYPE_CHECKING:
    from cli.dead_letters.letters import Letter
    from cli.shared.connection import Connection

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog="Examples:  sluice dead-letters list  and  sluice dead-letters retry orders/0/17",
)

Reason = Annotated[str | None, typer.Option(help="Only letters with this reason, such as unknown_pool.")]
FromTopic = Annotated[
    str | None, typer.Option("--topic", help="Only letters that were refused on this topic, such as orders.")
]


@app.command("list")
def list_letters(
    reason: Reason = None,
    topic: FromTopic = None,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """List refused input: its ID (topic/partition/offset), when, why, and its first bytes.

    With --json each letter is a line with its whole event, ready to be repaired.

    Examples:

        sluice dead-letters list --reason unknown_pool

        sluice dead-letters list --topic orders --json > letters.jsonl
    """
    from cli.shared.connection import connected
    from schemas.kinds import INPUT_TOPICS

    if topic not in (None, *INPUT_TOPICS):
        raise ConfigurationError(f'--topic "{topic}" is no input topic; there are {", ".join(INPUT_TOPICS)}')
    with connected(kafka, config, prefix) as connection:
        found = _matching(connection, reason, topic, network)
    if as_json:
        for letter in found:
            print(json.dumps(letter.as_dict(), ensure_ascii=False))
        return
    for letter in found:
        _print(letter)
    _print_summary(found)


@app.command("retry")
def retry(
    letter_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="topic/partition/offset, as listed.")
    ] = None,
    repaired: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help='JSON lines {"id": ..., "event": {...}}: send these events instead.'
        ),
    ] = None,
    reason: Reason = None,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Send refused input again: as it was, to the place it came from; or repaired, under an id of its own.

    A retry never overwrites newer stock: a count whose mark is not above the one in force has no effect, and what
    was taken before has none either. Stock goes first, then orders, then what warehouses and carriers said of them, a
    second apart, as `sluice send` does it. A repaired event whose id is the refused one's, or that has none, is sent as
    <original id>/repaired/<n>.

    Examples:

        sluice dead-letters retry orders/0/17 inventory/0/203

        sluice dead-letters retry --reason unknown_pool

        sluice dead-letters retry --repaired letters.jsonl
    """
    ways = [bool(letter_ids), repaired is not None, reason is not None]
    if sum(ways) != 1:
        raise ConfigurationError(
            "say what to send again: IDs, or --reason, or --repaired FILE; one of the three"
        )
    from cli.shared.connection import connected

    with connected(kafka, config, prefix) as connection:
        if repaired is not None:
            _retry_repaired(connection, repaired)
        else:
            _retry_as_it_was(connection, letter_ids or [], reason)


def _matching(
    connection: Connection, reason: str | None, topic: str | None, network: str | None
) -> list[Letter]:
    from cli.dead_letters.letters import letters

    found = list(letters(connection, connection.partitions_of(network)))
    reasons = {letter.reason for letter in found}
    if reason is not None and reason not in reasons:
        print(never_seen("dead letter of reason", reason, reasons), file=sys.stderr)
    return sorted(
        (each for each in found if reason in (None, each.reason) and topic in (None, each.topic)),
        key=lambda letter: letter.place,
    )


def _retry_as_it_was(connection: Connection, letter_ids: list[str], reason: str | None) -> None:
    from cli.dead_letters.letters import letters_by_id
    from cli.dead_letters.resending import resend

    if reason is None:
        chosen = list(letters_by_id(connection, letter_ids).values())
    else:
        chosen = _matching(connection, reason, None, None)
    sent = resend(connection, chosen)
    print(f"Sent {counted(len(sent), 'event')} again, unchanged. What is refused again is a new dead letter.")


def _retry_repaired(connection: Connection, file: Path) -> None:
    from cli.dead_letters.letters import letters_by_id
    from cli.dead_letters.repaired import events_of, read_repairs
    from cli.send import refuse, send
    from cli.shared.record_size import size_faults

    repairs = read_repairs(file)
    letters = letters_by_id(connection, list(dict.fromkeys(repair.letter_id for repair in repairs)))
    events = events_of(file, repairs, letters)
    refuse(file, size_faults(events, connection.properties, connection.names))
    sent = send(events, connection.properties, connection.names, connection.partitions)
    print(f"Sent {counted(sent.total(), 'repaired event')}.")


def _print(letter: Letter) -> None:
    from cli.words.places import utc

    print(f"{letter.id}   {utc(letter.refused_ms)}   {letter.reason}")
    print(f"  {letter.detail}")
    print(f"  {letter.first_bytes()}")


def _print_summary(found: list[Letter]) -> None:
    reasons = Counter(letter.reason for letter in found)
    told = ", ".join(f"{count:,} {reason}" for reason, count in sorted(reasons.items()))
    print(f"{counted(len(found), 'dead letter')}{f': {told}' if told else ''}")
    if found:
        print("Next: mend the cause, then sluice dead-letters retry ID")
