"""This machine's clock against the brokers', without writing anything.

Kafka has no request that tells the time, but it stamps every record. A stamp that lies in this machine's future proves
that the clocks differ. A record that arrives while we look was stamped between two moments that we know: that is a
bound on both sides. When nothing arrives, only the first half can be said, and is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from confluent_kafka import OFFSET_END, TIMESTAMP_LOG_APPEND_TIME, Message, TopicPartition

from cli.doctor.deployment import Deployment, is_passing
from cli.doctor.findings import Finding, fail, ok, unknown
from schemas.kinds import INPUT_TOPICS
from schemas.topics import JOURNAL

CONNECT_S = 1.0
LOOK_S = 1.0
BATCH_RECORDS = 1_000
BATCH_S = 0.1
KINDS = (*INPUT_TOPICS, JOURNAL.name)


def look(deployment: Deployment) -> Iterator[Finding]:
    """Both bounds where a record arrives while we look, else the one that the newest record gives."""
    places = deployment.places(KINDS)
    limit_ms = deployment.router.clock_difference_ms_max
    if not places:
        yield unknown("there are no topics, so nothing says what time it is at the broker")
        return
    arriving = _arriving(deployment, places)
    if arriving is not None:
        yield bounded(*arriving, limit_ms)
        return
    newest_ms = _newest_ms(deployment, places)
    if newest_ms is None:
        yield unknown("no record on any topic, so nothing says what time it is at the broker")
        return
    yield half_bounded(newest_ms - now_ms(), limit_ms)


def bounded(least_ms: int, most_ms: int, limit_ms: int) -> Finding:
    """The broker's clock is ahead of this machine's by something between the two; behind, where negative."""
    told = f"the broker's clock is ahead of this machine's by something between {least_ms:+,} and {most_ms:+,} ms"
    if least_ms > limit_ms or most_ms < -limit_ms:
        return _differ(told, limit_ms)
    return ok(told)


def half_bounded(newest_ms: int, limit_ms: int) -> Finding:
    """The newest record was stamped so long after this machine's present; before it, where negative."""
    if newest_ms > limit_ms:
        return _differ(
            f"the broker's clock is ahead of this machine's by at least {newest_ms:,} ms", limit_ms
        )
    if newest_ms > 0:
        return ok(f"the broker's clock is ahead of this machine's by at least {newest_ms:,} ms")
    return ok(
        f"the newest record is {-newest_ms / 1000:,.1f} s old by this machine's clock, so nothing says that the "
        "broker's is ahead; that it is not behind shows only while records arrive"
    )


def _differ(told: str, limit_ms: int) -> Finding:
    return fail(
        told,
        f"at most {limit_ms:,} ms (clock_difference_ms_max)",
        "Let all machines follow the same time servers: a router whose clock differs so much refuses to decide",
        "chronyc tracking",
    )


def _arriving(deployment: Deployment, places: list[TopicPartition]) -> tuple[int, int] | None:
    """How far ahead the broker's clock is, at least and at most, from a record that arrives while we look."""
    with deployment.reader(committed=False) as consumer:
        consumer.assign([TopicPartition(place.topic, place.partition, OFFSET_END) for place in places])
        # The first answer takes a client half a second of introductions, which would make the bound as loose.
        consumer.poll(CONNECT_S)
        deadline_s = time.monotonic() + LOOK_S
        while time.monotonic() < deadline_s:
            # Whatever stands behind these ends was written after this moment, and before it was read.
            began_ms = now_ms()
            ends = deployment.ends(places, stable=False)
            for message in consumer.consume(BATCH_RECORDS, BATCH_S):
                stamp_ms = _stamp_ms(message) if message.error() is None else None
                place = (str(message.topic()), message.partition() or 0)
                if stamp_ms is not None and (message.offset() or 0) >= ends[place]:
                    return stamp_ms - now_ms(), stamp_ms - began_ms
    return None


def _newest_ms(deployment: Deployment, places: list[TopicPartition]) -> int | None:
    """The stamp of the newest record on any of these places."""
    starts, ends = deployment.starts(places), deployment.ends(places, stable=True)
    last = [
        # Control markers stand behind the last record of a transaction: a few offsets are looked at.
        TopicPartition(topic, partition, max(starts[topic, partition], end - 5))
        for (topic, partition), end in ends.items()
        if end > starts[topic, partition]
    ]
    newest_ms: int | None = None
    left = {(place.topic, place.partition) for place in last}
    deadline_s = time.monotonic() + deployment.timeout_s
    with deployment.reader(committed=True) as consumer:
        consumer.assign(last)
        while left and time.monotonic() < deadline_s:
            message = consumer.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is not None:
                if not is_passing(error):
                    left.discard((str(message.topic()), message.partition() or 0))
            elif (stamp_ms := _stamp_ms(message)) is not None:
                newest_ms = max(newest_ms or 0, stamp_ms)
    return newest_ms


def _stamp_ms(message: Message) -> int | None:
    kind, stamp_ms = message.timestamp()
    return stamp_ms if kind == TIMESTAMP_LOG_APPEND_TIME else None


def now_ms() -> int:
    """By this machine's clock."""
    return time.time_ns() // 1_000_000
