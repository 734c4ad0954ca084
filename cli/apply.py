"""`sluice apply`: publish what changed in a network directory, after showing it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from confluent_kafka import ConsumerGroupState

from cli.network_dir.reading import Network, network_of
from cli.reference.answers import Answer, ReturnedRecord
from cli.reference.consequences import consequences
from cli.reference.differences import differences
from cli.reference.publish import ReferenceLog, ensure_wms_topics
from cli.reference.sets import InForce, ReferenceSet, set_of
from cli.shared.asking import TEXT_LENGTH_MAX, author, confirmed, told_to_people, wait_seconds
from cli.shared.connection import Connection, connected
from cli.shared.options import AsJson, Config, Kafka, Prefix
from cli.shared.own_name import next_command
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
    as_json: AsJson = False,
    kafka: Kafka = None,
    config: Config = None,
    prefix: Prefix = None,
) -> None:
    """Show what a network directory would change against what is in force, ask, and publish it as one set.

    A set takes effect as a whole or not at all. A faulty directory is refused with all its faults, exit code 2.
    With --json the outcome goes to stdout (unchanged, not_published, in_force or, where no router has answered yet,
    published), and everything else to stderr.

    Examples:

        sluice apply my-network

        sluice apply my-network --yes --message "Lyon closes at noon" --kafka kafka.example:9092
    """
    wait_s = wait_seconds(wait)
    _require_kept(message)
    network = network_of(directory, datetime.now(UTC).date())
    with (
        told_to_people(as_json),
        connected(kafka, config, prefix, ("planner",)) as connection,
        ReferenceLog(connection, network.name) as log,
    ):
        in_force = log.in_force()
        reference_set = set_of(in_force, network.entities, author(), message)
        set_id, outcome = in_force.set_id, "unchanged"
        if reference_set is None:
            print(f"Nothing to change: {directory} is in force as set {set_id}.")
        elif _is_wanted(network.name, in_force, reference_set, dry_run=dry_run, yes=yes):
            set_id = reference_set.commit.set_id
            outcome = _publish(connection, log, network, reference_set, wait_s)
        else:
            outcome = "not_published"
            print("Nothing was published.")
    if as_json:
        changes = 0 if reference_set is None else len(reference_set.members)
        print(json.dumps({"network": network.name, "set_id": set_id, "changes": changes, "outcome": outcome}))


def _is_wanted(
    network: str, in_force: InForce, reference_set: ReferenceSet, *, dry_run: bool, yes: bool
) -> bool:
    """Shows what would change and what comes of it, and asks."""
    for line in differences(in_force, reference_set):
        print(line)
    for sentence in consequences(network, in_force, reference_set):
        print(f"! {sentence}")
    question = f"Publish {counted(len(reference_set.members), 'change')} to network {network}?"
    return not dry_run and confirmed(question, yes=yes, done="published")


def _publish(
    connection: Connection, log: ReferenceLog, network: Network, reference_set: ReferenceSet, wait_s: float
) -> str:
    """What came of it; raises `SluiceError` where a router has refused the set."""
    for topic in ensure_wms_topics(connection, network):
        print(f"created topic {topic}")
    answers = log.answers()
    log.publish(reference_set, datetime.now(UTC))
    set_id = reference_set.commit.set_id
    print(f"Published set {set_id}: {counted(len(reference_set.members), 'change')}.")
    if wait_s and not _router_runs(connection):
        wait_s = 0.0
    return _outcome(set_id, answers.of(set_id, wait_s), wait_s)


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


def _outcome(set_id: str, answer: Answer | None, waited_s: float) -> str:
    if isinstance(answer, SetActivated):
        print(f"The router took it: set {set_id} is in force.")
        return "in_force"
    if isinstance(answer, SetRefused):
        reasons = "\n".join(f"  {reason}" for reason in answer.data.reasons)
        raise SluiceError(f"The router refused set {set_id}, and nothing of it took effect:\n{reasons}")
    if isinstance(answer, ReturnedRecord):
        raise SluiceError(
            f"The router refused set {set_id}, and nothing of it took effect:\n  record {answer.id} came back as a "
            f"dead letter, {answer.reason}: {answer.detail}"
        )
    if waited_s:
        print(f"The router has not answered in {waited_s:.0f} s: the set takes effect when it has read it.")
    else:
        print(f"It takes effect when a router reads it. Next: {next_command('run')}")
    return "published"
