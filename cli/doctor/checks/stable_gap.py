"""Open transactions that hold readers back.

A reader of committed records sees nothing behind the first record of a transaction that is still open, whoever opened
it: an outsider who dies in the middle stops every router until the broker gives up on him.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import suppress

from confluent_kafka import KafkaException, TopicPartition

from cli.doctor.checks.clock import now_ms
from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, warn
from cli.doctor.questions import open_producer, transactional_ids
from cli.doctor.wire import Wire
from infra.errors import SluiceError
from schemas.kinds import INPUT_TOPICS

LOOK_S = 2.0
LOOK_AGAIN_S = 0.1

Place = tuple[str, int]


def look(deployment: Deployment) -> Iterator[Finding]:
    """Transactions that outlast our look: a router's own are over in milliseconds."""
    places = deployment.places([topic.name for topic in deployment.topics.values()])
    held = _held(deployment, places)
    deadline_s = time.monotonic() + LOOK_S
    while held and time.monotonic() < deadline_s:
        time.sleep(LOOK_AGAIN_S)
        still = _held(deployment, [TopicPartition(*place) for place in held])
        held = {place: offset for place, offset in held.items() if still.get(place) == offset}
    for place, offset in held.items():
        yield from _told(deployment, place, offset)
    if not held:
        yield ok(f"no transaction holds readers back on {len(places)} partitions")


def _held(deployment: Deployment, places: list[TopicPartition]) -> dict[Place, int]:
    """Where readers of committed records stand before the end, and at which offset."""
    stable = deployment.ends(places, stable=True)
    ends = deployment.ends(places, stable=False)
    return {place: offset for place, offset in stable.items() if offset < ends[place]}


def _told(deployment: Deployment, place: Place, offset: int) -> Iterator[Finding]:
    topic, partition = place
    age_s = _age_s(deployment, place, offset)
    since = "" if age_s is None else f", for {age_s:,.0f} s so far"
    writer = writer_of(deployment, place)
    if writer is None:
        by = "an open transaction"
        command = deployment.kafka_command(
            "transactions", f"describe-producers --topic {topic} --partition {partition}"
        )
    else:
        by = f"the open transaction of {writer!r}"
        command = deployment.kafka_command(
            "transactions", f"describe --transactional-id {shlex.quote(writer)}"
        )
    seen = f"{topic}/{partition}: {by} holds readers back at offset {offset}{since}"
    longest_s = _longest_s(deployment)
    ends = (
        f" The broker ends it by itself {longest_s:g} s after its begin at the latest." if longest_s else ""
    )
    expected = "every transaction to end within moments"
    remedy = f"End or restart the program that opened it.{ends}"
    if deployment.topics[topic].name in INPUT_TOPICS:
        yield fail(f"{seen}: no router sees what lies behind it", expected, remedy, command)
    else:
        yield warn(seen, expected, remedy, command)


def writer_of(deployment: Deployment, place: Place) -> str | None:
    """The transactional.id behind it, where the brokers tell it to this principal."""
    brokers = {broker.id: broker for broker in deployment.brokers}
    leader = brokers.get(deployment.metadata_of(place[0]).partitions[place[1]].leader)
    if leader is None:
        return None
    with suppress(OSError, SluiceError):
        with Wire(leader.host, leader.port, deployment.properties, deployment.timeout_s) as wire:
            producer = open_producer(wire, *place)
        for broker in brokers.values():
            with Wire(broker.host, broker.port, deployment.properties, deployment.timeout_s) as wire:
                names = transactional_ids(wire)
            if producer in names:
                return names[producer]
    return None


def _longest_s(deployment: Deployment) -> float | None:
    try:
        found = [each.get("transaction.max.timeout.ms") for each in deployment.broker_settings.values()]
    except KafkaException:
        return None  # Not shown to this principal; what holds readers back is worth telling without it.
    known = [int(value) / 1000 for value in found if value is not None]
    return max(known) if known else None


def _age_s(deployment: Deployment, place: Place, offset: int) -> float | None:
    """How long ago the first record of the transaction was stored."""
    with deployment.reader(committed=False) as consumer:
        consumer.assign([TopicPartition(*place, offset)])
        deadline_s = time.monotonic() + LOOK_S
        while time.monotonic() < deadline_s:
            message = consumer.poll(LOOK_AGAIN_S)
            if message is not None and message.error() is None:
                return max(0, now_ms() - message.timestamp()[1]) / 1000
    return None
