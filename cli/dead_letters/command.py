"""`sluice dead-letters list` and `sluice dead-letters retry`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.shared.options import AsJson, Config, Kafka, Network, Prefix, require_input_topic
from cli.shared.own_name import next_command
from cli.words.counting import counted
from cli.words.names import never_seen, shown
from infra.errors import ConfigurationError

if TYPE_CHECKING:
    from cli.shared.connection import Connection
    from cli.shared.letters import Letter

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog="Examples:  sluice dead-letters list  and  sluice dead-letters retry orders/0/17",
)

Reason = Annotated[str | None, typer.Option(help="Only letters with this reason, such as unknown_pool.")]
FromTopic = Annotated[
    str | None, typer.Option("--topic", help="Only letters that were refused on this topic, such as orders.")
]

FromSource = Annotated[
    str | None, typer.Option("--source", help="Only letters whose event names this source.")
]


@app.command("list")
def list_letters(
    reason: Reason = None,
    topic: FromTopic = None,
    source: FromSource = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Only letters of which nothing has been taken since.")
    ] = False,
    network: Network = None,
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """List refused input: its ID (topic/partition/offset), when, why, from whom, and its first bytes.

    What was sent again and refused again is listed once, with its last ID. With --json each letter is a line with its
    whole event, ready to be repaired. With --open those are left out that were taken later, as they were or repaired
    under the id that a repair is given; of bytes that are no event nobody can tell.

    Examples:

        sluice dead-letters list --reason unknown_pool

        sluice dead-letters list --open

        sluice dead-letters list --topic orders --json > letters.jsonl
    """
    from cli.shared.connection import connected

    require_input_topic(topic)
    with connected(kafka, config, prefix) as connection:
        found = _matching(connection, reason=reason, topic=topic, source=source, network=network)
        if is_open:
            from cli.dead_letters.taken import still_open

            found = still_open(connection, found)
    if as_json:
        for letter in found:
            print(json.dumps(letter.as_dict(), ensure_ascii=False))
        return
    _print_all(found)
    if found:
        print(f"Next: mend the cause, then {next_command('dead-letters', 'retry', 'ID')}")


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
    source: FromSource = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be sent, and stop.")] = False,
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

        sluice dead-letters retry --reason unknown_pool --dry-run

        sluice dead-letters retry --repaired letters.jsonl
    """
    ways = [bool(letter_ids), repaired is not None, reason is not None or source is not None]
    if sum(ways) != 1:
        raise ConfigurationError(
            "say what to send again: IDs, or --reason or --source or both, or --repaired FILE; one of the three"
        )
    from cli.shared.connection import connected

    with connected(kafka, config, prefix) as connection:
        if repaired is not None:
            _retry_repaired(connection, repaired, dry_run)
            return
        chosen = (
            _named(connection, letter_ids)
            if letter_ids
            else _matching(connection, reason=reason, source=source)
        )
        _retry_as_it_was(connection, chosen, dry_run)


def _matching(
    connection: Connection,
    reason: str | None = None,
    topic: str | None = None,
    source: str | None = None,
    network: str | None = None,
) -> list[Letter]:
    from cli.shared.letters import letters, once_each

    found = once_each(letters(connection, connection.partitions_of(network)))
    if reason is not None:
        _tell_if_never_seen("dead letter of reason", reason, {letter.reason for letter in found})
        found = [letter for letter in found if letter.reason == reason]
    if source is not None:
        _tell_if_never_seen("dead letter from", source, {letter.source for letter in found} - {""})
        found = [letter for letter in found if letter.source == source]
    return [letter for letter in found if topic in (None, letter.topic)]


def _tell_if_never_seen(what: str, wanted: str, seen: set[str]) -> None:
    if wanted not in seen:
        print(never_seen(what, wanted, seen), file=sys.stderr)


def _named(connection: Connection, letter_ids: list[str]) -> list[Letter]:
    from cli.shared.letters import letters_by_id, once_each

    return once_each(letters_by_id(connection, letter_ids).values())


def _retry_as_it_was(connection: Connection, chosen: list[Letter], dry_run: bool) -> None:
    from cli.dead_letters.resending import resend

    if dry_run:
        _print_all(chosen)
        print("Nothing was sent.")
        return
    sent = resend(connection, chosen)
    print(f"Sent {counted(len(sent), 'event')} again, unchanged. What is refused again is a new dead letter.")


def _retry_repaired(connection: Connection, file: Path, dry_run: bool) -> None:
    from cli.dead_letters.repaired import events_of, read_repairs
    from cli.shared.letters import letters_by_id
    from cli.shared.record_size import size_faults
    from cli.shared.sending import refuse, send

    repairs = read_repairs(file)
    letters = letters_by_id(connection, list(dict.fromkeys(repair.letter_id for repair in repairs)))
    events = events_of(file, repairs, letters)
    refuse(file, size_faults(events, connection))
    if dry_run:
        print(f"{counted(len(events), 'repaired event')} can be sent. Nothing was sent.")
        return
    sent = send(events, connection)
    print(f"Sent {counted(sent.total(), 'repaired event')}.")


def _print_all(found: list[Letter]) -> None:
    from cli.words.places import utc

    for letter in found:
        again = f", refused {letter.times:,} times" if letter.times > 1 else ""
        about = f", {letter.about}" if letter.about else ""
        print(f"{letter.id}   {utc(letter.refused_ms)}   {_why_and_from_whom(letter)}{about}{again}")
        print(f"  {letter.detail}")
        print(f"  {letter.first_bytes()}")
    reasons = Counter(map(_why_and_from_whom, found))
    told = ", ".join(f"{count:,} {why}" for why, count in sorted(reasons.items()))
    print(f"{counted(len(found), 'dead letter')}{f': {told}' if told else ''}")


def _why_and_from_whom(letter: Letter) -> str:
    source = letter.source
    return f"{letter.reason} from {shown(source)}" if source else letter.reason
