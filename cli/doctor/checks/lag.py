"""How far the routers are behind: in records, and in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from msgspec import Struct

from cli.doctor.checks.clock import now_ms
from cli.doctor.deployment import Deployment, is_passing
from cli.doctor.findings import Finding, fail, ok, warn

LOOK_AGAIN_S = 0.3
LOOKS = 3
FRESH_S = 1.0


class Waiting(Struct, frozen=True):
    """What waits on one partition of an input; `records` counts the places of control markers too."""

    topic: str
    partition: int
    records: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}: {self.records:,} records wait, the oldest for {self.seconds:,.1f} s"


def look(deployment: Deployment) -> Iterator[Finding]:
    """Each partition that is late, or one finding that none is."""
    places = deployment.places()
    starts = deployment.starts(places)
    # Told at once where the principal may not look at the group; the next question would wait for its whole time-out.
    deployment.described_group()
    committed = deployment.committed(places)
    cut = [
        f"{topic}/{partition}: {starts[topic, partition] - offset:,} records"
        for (topic, partition), offset in committed.items()
        if offset is not None and offset < starts[topic, partition]
    ]
    for each in cut:
        yield fail(
            f"{each} that no router has read are gone: retention has cut them",
            "retention to outlast the longest stop of the routers",
            "Have the sources send them again under a new --prefix, or restore the topic from a copy",
        )
    waiting = _waiting(deployment, places, committed)
    # What arrived a moment ago is no lag: only what still waits after another look is told.
    for _ in range(LOOKS - 1):
        if not waiting:
            break
        time.sleep(LOOK_AGAIN_S)
        waiting = _waiting(deployment, places, deployment.committed(places))
    yield from findings_of(waiting, deployment.router.ready_lag_ms_max / 1000)
    if not cut and not waiting:
        yield ok(f"nothing waits on {len(places)} partitions of the inputs")


def findings_of(waiting: list[Waiting], late_s: float) -> Iterator[Finding]:
    """Late is what a router itself would call not ready; what came within the second is the flow of things."""
    fresh = [each for each in waiting if each.seconds <= FRESH_S]
    if fresh:
        records = sum(each.records for each in fresh)
        yield ok(f"{records:,} records are on their way, none older than a second")
    for each in waiting:
        if each.seconds > late_s:
            yield fail(
                str(each),
                f"less than {late_s:g} s (ready_lag_ms_max)",
                "See whether a router owns the partition and decides (group, routers); if it does and cannot keep up, "
                "add routers up to the partition count",
            )
        elif each.seconds > FRESH_S:
            yield warn(
                str(each), "less than a second, but for a burst", "Look again: it is a fault only if it grows"
            )


def _waiting(
    deployment: Deployment, places: list[TopicPartition], committed: dict[tuple[str, int], int | None]
) -> list[Waiting]:
    starts, ends = deployment.starts(places), deployment.ends(places, stable=True)
    read = {place: max(offset or 0, starts[place]) for place, offset in committed.items()}
    behind = {place: offset for place, offset in read.items() if offset < ends[place]}
    found = []
    # Only a record proves that something waits: the last offsets are often control markers, which nobody reads.
    for (topic, partition), stamp_ms in _oldest_ms(deployment, behind).items():
        records = ends[topic, partition] - behind[topic, partition]
        found.append(Waiting(topic, partition, records, max(0, now_ms() - stamp_ms) / 1000))
    return found


def _oldest_ms(deployment: Deployment, behind: dict[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    """When the first record behind each of these offsets was stored; places without any are left out."""
    if not behind:
        return {}
    found: dict[tuple[str, int], int] = {}
    left = set(behind)
    deadline_s = time.monotonic() + deployment.timeout_s
    with deployment.reader(committed=True) as consumer:
        consumer.assign([TopicPartition(*place, offset) for place, offset in behind.items()])
        while left and time.monotonic() < deadline_s:
            message = consumer.poll(0.5)
            if message is None:
                continue
            place, error = (str(message.topic()), message.partition() or 0), message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                if not is_passing(error):
                    raise KafkaException(error)
                continue
            if error is None and place in left:
                found[place] = message.timestamp()[1]
            if place in left:
                left.discard(place)
                consumer.pause([TopicPartition(*place)])
    if left:
        raise TimeoutError
    return found
