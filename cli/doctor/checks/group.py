"""The routers' consumer group: who is in it, and whether every partition has exactly one owner."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator

from confluent_kafka import ConsumerGroupState
from confluent_kafka.admin import ConsumerGroupDescription

from cli.doctor.deployment import Deployment
from cli.doctor.findings import Finding, fail, ok, warn
from cli.words.counting import counted, some_of

SETTLE_S = 4.0
LOOK_AGAIN_S = 0.2
UNSETTLED = (ConsumerGroupState.PREPARING_REBALANCING, ConsumerGroupState.COMPLETING_REBALANCING)


def look(deployment: Deployment) -> Iterator[Finding]:
    """State, members and owners; a group that is just sharing out its partitions is waited for."""
    group = _settled(deployment)
    if not group.members:
        yield fail(
            f"nobody is in group {deployment.group}: no router decides",
            "at least one router",
            "Start one (is [router] group the one that runs, and the prefix?)",
            deployment.command("run"),
        )
        return
    if group.state in UNSETTLED:
        yield warn(
            f"group {deployment.group} has been sharing out its partitions for {SETTLE_S:.0f} s",
            "it to settle within a moment",
            "See whether a router starts and ends over and over; nobody decides meanwhile",
        )
        return
    if group.partition_assignor != "range":
        yield fail(
            f"group {deployment.group} shares out its partitions by {group.partition_assignor!r}",
            "'range', which gives equal partitions of all inputs to the same router",
            "Somebody else's consumer uses the routers' group: give it a group of its own",
        )
    yield from _owners(deployment, group)


def _settled(deployment: Deployment) -> ConsumerGroupDescription:
    deadline_s = time.monotonic() + SETTLE_S
    while True:
        group = deployment.described_group()
        if group.state not in UNSETTLED or time.monotonic() > deadline_s:
            return group
        time.sleep(LOOK_AGAIN_S)


def _owners(deployment: Deployment, group: ConsumerGroupDescription) -> Iterator[Finding]:
    owners: defaultdict[int, set[str]] = defaultdict(set)
    owned: set[tuple[str, int]] = set()
    idle = 0
    for member in group.members:
        places = member.assignment.topic_partitions
        idle += not places
        for place in places:
            owners[place.partition].add(member.member_id)
            owned.add((place.topic, place.partition))
    nobody = [
        f"{place.topic}/{place.partition}"
        for place in deployment.places()
        if (place.topic, place.partition) not in owned
    ]
    split = sorted(number for number, members in owners.items() if len(members) > 1)
    if nobody:
        yield fail(
            f"{some_of(nobody, 3)}: no router reads it",
            "an owner for every partition of every input",
            "A topic that is newer than the routers is found within minutes; otherwise end one router, and start it "
            "again only after its session_timeout_ms: back sooner, it gets its own partitions and no others",
        )
    if split:
        yield fail(
            f"partition {split[0]} of different inputs is read by different members",
            "one router for one partition of all inputs",
            "Somebody else's consumer uses the routers' group: give it a group of its own",
        )
    if not nobody and not split:
        waiting = f", {idle} of them waiting to take over" if idle else ""
        routers = counted(len(group.members), "router")
        yield ok(f"{routers} in group {deployment.group}{waiting}; every partition has one owner")
