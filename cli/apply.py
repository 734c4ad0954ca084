"""`sluice apply`: publish what changed in a network directory, after showing it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import ConsumerGroupState

from cli.network_dir.reading import network_of
from cli.reference.answers import Answer, ReturnedRecord
from cli.reference.consequences import consequences
from cli.reference.differences import differences
from cli.reference.publish import ReferenceLog, ensure_wms_topics
from cli.reference.sets import set_of
from cli.shared.asking import TEXT_LENGTH_MAX, author, confirmed, wait_seconds
from cli.shared.connection import Connection, connected
from cli.shared.options import Config, Kafka, Prefix
from cli.words.counting import counted
from infra.errors import ConfigurationError, SluiceError
from schemas.notices import SetActivated, SetRefused

REQUEST_TIMEOUT_S = 10.0


def command(
    directory: Annotated[Path, typer.Argument(help="The network directory: TOML and CSV.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Publish without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and stop.")] = False,
    message: Annotated[str, typer.Option(help="Why: kept with the set for good.")] = "",
    wait: Annotated[str, typer.Option(help="How long to wait for the router: 30s, 2m; 0 for not.")] = "30s",
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Show what a network directory would change against what is in force, ask, and publish it as one set.

    A set takes effect as a whole or not at all. A faulty directory is refused with all its faults, exit code 2.

    Examples:

        sluice apply my-network

        sluice apply my-network --yes --message "Lyon closes at noon" --kafka kafka.example:9092
    """
    wait_s = wait_seconds(wait)
    _require_kept(message)
    network = network_of(directory, datetime.now(UTC).date())
    with (
        connected(kafka, config, prefix, ("planner",)) as connection,
        ReferenceLog(connection, network.name) as log,
    ):
        in_force = log.in_force()
        reference_set = set_of(in_force, network.entities, author(), message)
        if reference_set is None:
            print(f"Nothing to change: {directory} is in force as set {in_force.set_id}.")
            return
        for line in differences(in_force, reference_set):
            print(line)
        for sentence in consequences(network.name, in_force, reference_set):
            print(f"! {sentence}")
        changes = counted(len(reference_set.members), "change")
        question = f"Publish {changes} to network {network.name}?"
        if dry_run or not confirmed(question, yes=yes, done="published"):
            print("Nothing was published.")
            return
        for topic in ensure_wms_topics(connection, network):
            print(f"created topic {topic}")
        answers = log.answers()
        log.publish(reference_set, datetime.now(UTC))
        set_id = reference_set.commit.set_id
        print(f"Published set {set_id}: {changes}.")
        if wait_s and not _router_runs(connection):
            wait_s = 0.0
        _say_outcome(set_id, answers.of(set_id, wait_s), wait_s)


def _require_kept(message: str) -> None:
    """A commit whose text is longer than the contract allows is a dead letter, and its set never takes effect."""
    if len(message) > TEXT_LENGTH_MAX:
        raise ConfigurationError(
            f"--message has {len(message):,} characters, at most {TEXT_LENGTH_MAX:,} are kept with a set; shorten it"
        )


def _router_runs(connection: Connection) -> bool:
    """Whether a group of this prefix has members: a router that would answer."""
    listed = connection.admin.list_consumer_groups(
        states={ConsumerGroupState.STABLE, ConsumerGroupState.PREPARING_REBALANCING},
        request_timeout=REQUEST_TIMEOUT_S,
    ).result()
    return any(group.group_id.startswith(connection.names.prefix) for group in listed.valid)


def _say_outcome(set_id: str, outcome: Answer | None, waited_s: float) -> None:
    if isinstance(outcome, SetActivated):
        print(f"The router took it: set {set_id} is in force.")
    elif isinstance(outcome, SetRefused):
        reasons = "\n".join(f"  {reason}" for reason in outcome.data.reasons)
        raise SluiceError(f"The router refused set {set_id}, and nothing of it took effect:\n{reasons}")
    elif isinstance(outcome, ReturnedRecord):
        raise SluiceError(
            f"The router refused set {set_id}, and nothing of it took effect:\n  record {outcome.id} came back as a "
            f"dead letter, {outcome.reason}: {outcome.detail}"
        )
    elif waited_s:
        print(f"The router has not answered in {waited_s:.0f} s: the set takes effect when it has read it.")
    else:
        print("It takes effect when a router reads it. Next: sluice run")
