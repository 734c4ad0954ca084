"""`sluice finalise`: end an upgrade, after showing what that means."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Annotated

import typer

from cli.finalise.publish import HeadWatch, publish
from cli.finalise.survey import heads, is_of_this_release, routers
from cli.shared.asking import author, confirmed, told_to_people, wait_seconds
from cli.shared.connection import Connection, connected
from cli.shared.options import AsJson, Config, Kafka, Prefix
from cli.shared.own_name import with_deployment
from cli.words.counting import counted
from infra.errors import SluiceError
from infra.members import GroupMember
from schemas.codec import UnreadableRow
from schemas.formats import ENGINE, FORMAT
from schemas.rows import HeadRow

ROUTERS_SHOWN_MAX = 10


def command(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Finalise without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show where the upgrade stands, and stop.")
    ] = False,
    upgraded: Annotated[
        bool, typer.Option("--upgraded", help="Every router runs this release, whatever its client.id says.")
    ] = False,
    wait: Annotated[str, typer.Option(help="How long to wait for the routers: 30s, 2m; 0 for not.")] = "30s",
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Let the routers write the new format of the state from now on. It cannot be taken back.

    Until then a new release writes what the one before can read, so that it can be started again at any time. With
    --json stdout says whether it is final, and stderr everything else.

    Examples:

        sluice finalise --dry-run

        sluice finalise --yes --kafka kafka.example:9092
    """
    wait_s = wait_seconds(wait)
    with told_to_people(as_json), connected(kafka, config, prefix) as connection:
        is_final = _upgrade(connection, yes=yes, dry_run=dry_run, upgraded=upgraded, wait_s=wait_s)
    if as_json:
        print(json.dumps({"format": FORMAT, "is_final": is_final}))


def _upgrade(connection: Connection, *, yes: bool, dry_run: bool, upgraded: bool, wait_s: float) -> bool:
    """Whether the format of this release is in force everywhere in the end."""
    layout = connection.topics.recorded_layout()
    found = _heads(connection)
    older = sorted(partition for partition, head in found.items() if head.format < FORMAT)
    if not older and layout is not None and layout.format == FORMAT:
        print(f"Nothing to finalise: format {FORMAT} is in force everywhere, the newest of {ENGINE}.")
        return True
    members = routers(connection)
    # A router that runs begins them in the format that was recorded when it started.
    undecided = sorted(set(range(connection.partitions)) - found.keys()) if members else []
    _say_what_it_means(older, undecided, members)
    if not dry_run and not upgraded:
        _require_upgraded(members)
    question = "Finalise the upgrade? This cannot be taken back."
    if dry_run or not confirmed(question, yes=yes, done="finalised"):
        print("Nothing was finalised.")
        return False
    if older or undecided:
        _finalise(connection, older + undecided, wait_s if members else 0.0)
    connection.topics.record_format(FORMAT)
    print(f"The upgrade is final: format {FORMAT} is in force everywhere.")
    return True


def _heads(connection: Connection) -> dict[int, HeadRow]:
    """Of the partitions that have ever decided anything: any other has no state."""
    try:
        return heads(connection)
    except UnreadableRow as error:
        raise SluiceError(f"A later release is at work here: {error}") from None


def _say_what_it_means(older: list[int], undecided: list[int], members: list[GroupMember]) -> None:
    numbers = ", ".join(map(str, older)) or "none"
    print(
        f"Partitions in format {FORMAT - 1}: {numbers}. {ENGINE} reads it, and writes format {FORMAT} once it may."
    )
    if undecided:
        print(
            f"Partitions that have decided nothing yet, and are told as well: {', '.join(map(str, undecided))}."
        )
    print(f"Routers that run: {len(members)}, {sum(map(is_of_this_release, members))} of this release.")
    print(f"Afterwards a release that reads format {FORMAT - 1} only refuses to start; there is no way back.")


def _require_upgraded(members: list[GroupMember]) -> None:
    others = [member for member in members if not is_of_this_release(member)]
    if others:
        shown = "\n".join(
            f"  {member.client_id} at {member.host.removeprefix('/')}, group {member.group}"
            for member in others[:ROUTERS_SHOWN_MAX]
        )
        raise SluiceError(
            f"{counted(len(others), 'router')} cannot be seen to run {ENGINE}, and an older one would refuse the new "
            f"format:\n{shown}\n"
            "Upgrade them first; one that has just ended is forgotten after session_timeout_ms. If client.id is a "
            "setting of your own and they are upgraded, say --upgraded"
        )


def _finalise(connection: Connection, partitions: list[int], wait_s: float) -> None:
    """Raises `SluiceError` while a partition is still in the old format."""
    with closing(HeadWatch(connection, partitions)) as watch:
        publish(connection, partitions, author())
        # Whoever stops here must know that it is too late to go back.
        waiting = f" Waiting up to {wait_s:.0f} s for the routers." if wait_s else ""
        print(f"The end of the upgrade is sent, and cannot be called back.{waiting}", flush=True)
        left = sorted(watch.left_after(wait_s))
    if left:
        numbers = ", ".join(map(str, left))
        raise SluiceError(
            f"The end of the upgrade was sent, and is not taken up yet in partitions {numbers}. Does a router of this "
            f"release decide there? Start one, then say `sluice {with_deployment('finalise')}` again to see that "
            "nothing is left"
        )
