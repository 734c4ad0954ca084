"""Which Kafka the brokers run, as far as a client may learn it.

No request tells a broker's version. It tells the highest `metadata.version` that it knows, which each release raises:
that is the release line, exactly; patch levels stay unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, unknown, warn
from cli.doctor.questions import Features, features
from cli.doctor.wire import Wire
from infra.errors import SluiceError

LEVEL = "metadata.version"
OLDEST_LEVEL = 26
OLDEST = "4.1"
"""What the promises have been tested on; its level is 26."""

RELEASES = ((30, "4.3"), (28, "4.2"), (26, "4.1"), (22, "4.0"), (21, "3.9"), (20, "3.8"), (15, "3.7"))
"""The lowest level of each release, newest first; `kafka-storage version-mapping` of Kafka prints them."""


def look(deployment: Deployment) -> Iterator[Finding]:
    """Each broker's release line, and the level that the cluster has agreed on."""
    told: dict[int, Features] = {}
    for broker in deployment.brokers:
        try:
            with Wire(broker.host, broker.port, deployment.properties, deployment.timeout_s) as wire:
                told[broker.id] = features(wire)
        except (OSError, SluiceError) as error:
            yield unknown(
                f"the version of broker {broker.id} is not known: {error}",
                "Ask the broker's own tool",
                deployment.kafka_command("features", "describe"),
            )
    for number, levels in told.items():
        yield _release(number, levels.supported.get(LEVEL))
    if told:
        yield from _agreement(deployment, told)


def _release(broker: int, level: int | None) -> Finding:
    if level is None:
        return unknown(f"broker {broker} names no {LEVEL}: it is no Apache Kafka of the KRaft kind")
    release = release_of(level)
    if level < OLDEST_LEVEL:
        return warn(
            f"broker {broker} is Apache Kafka {release}",
            f"{OLDEST} or newer, which is what the promises have been tested on",
            "Upgrade the brokers one after another, then finalise the version",
        )
    return ok(f"broker {broker} is Apache Kafka {release} ({LEVEL} up to {level})")


def release_of(level: int) -> str:
    """The release line that a level belongs to."""
    newest = RELEASES[0][0]
    if level > newest:
        return f"{RELEASES[0][1]} or newer"
    return next((release for lowest, release in RELEASES if level >= lowest), "older than 3.7")


def _agreement(deployment: Deployment, told: dict[int, Features]) -> Iterator[Finding]:
    supported = {levels.supported.get(LEVEL, 0) for levels in told.values()}
    in_force = max(levels.in_force.get(LEVEL, 0) for levels in told.values())
    if len(supported) > 1:
        yield warn(
            "the brokers are not all of the same release",
            "one release, but for the time of an upgrade",
            "Finish the upgrade of the others",
        )
    elif in_force and in_force < min(supported):
        yield warn(
            f"the cluster has finalised {LEVEL} {in_force} (Apache Kafka {release_of(in_force)}), its brokers know "
            f"{min(supported)}",
            "the upgrade to be finalised once it has proved itself",
            "Finalise it when you are sure that you will not go back",
            deployment.kafka_command("features", f"upgrade --release-version {release_of(min(supported))}"),
        )
    if told and max(levels.in_force.get("transaction.version", 0) for levels in told.values()) < 2:
        yield _old_transactions(deployment)


def _old_transactions(deployment: Deployment) -> Finding:
    """Version 2 is what lets a broker refuse what belongs to no running transaction."""
    return fail(
        "transaction.version is below 2",
        "2, which lets the brokers fence a late record of an ended transaction",
        "Raise the feature once every broker knows it",
        deployment.kafka_command("features", "upgrade --feature transaction.version=2"),
    )
