"""Deals out what one poll returned: each partition its own bundle."""

from __future__ import annotations

from collections.abc import Iterable

from flows.bundle import Bundle, Item
from flows.lease import Lease
from flows.port import GroupConsumer, PortFault, Remedy
from operators.bundle import next_due_ms
from schemas.records import Record

MARKERS_EVERY_S = 1.0


def bundles(
    live: Iterable[Lease],
    polled: list[tuple[int, Record]],
    now_ms: int,
    consumer: GroupConsumer,
    polled_at_s: float,
) -> list[Item]:
    """A bundle for each partition that got records or whose timers are due; records of others are left alone.

    One more where reading has passed nothing but control markers and aborted records, at most once a second: what is
    committed must be all that was read.  Otherwise retention, which takes markers as well, would seem to have taken
    records, and whoever takes over would believe that input waits.
    """
    leases = {lease.number: lease for lease in live}
    shares: dict[int, dict[str, list[Record]]] = {number: {} for number in leases}
    for number, record in polled:
        share = shares.get(number)
        if share is not None:
            share.setdefault(record.topic, []).append(record)
    items: list[Item] = []
    membership = None
    for number, share in shares.items():
        lease = leases[number]
        # Time never runs backwards for a partition, whatever this machine's clock says.
        decided_at_ms = max(now_ms, lease.partition.decided_at_ms)
        if (
            not share
            and not _is_due(lease, decided_at_ms)
            and not _has_passed_markers(lease, consumer, polled_at_s)
        ):
            continue
        if not _advance(lease, share):
            continue
        _pass_markers(lease, consumer)
        membership = membership or consumer.membership()
        items.append(Bundle(lease, share, dict(lease.positions), decided_at_ms, membership, polled_at_s))
    return items


def _is_due(lease: Lease, now_ms: int) -> bool:
    due_ms = next_due_ms(lease.partition)
    return due_ms is not None and due_ms <= now_ms


def _has_passed_markers(lease: Lease, consumer: GroupConsumer, now_s: float) -> bool:
    if now_s - lease.markers_looked_s < MARKERS_EVERY_S:
        return False
    lease.markers_looked_s = now_s
    return any((consumer.position(place) or 0) > lease.positions[place.topic] for place in lease.places)


def _pass_markers(lease: Lease, consumer: GroupConsumer) -> None:
    """Between the last record of this poll and the position there is nothing that anybody will ever read."""
    for place in lease.places:
        lease.positions[place.topic] = max(lease.positions[place.topic], consumer.position(place) or 0)


def _advance(lease: Lease, share: dict[str, list[Record]]) -> bool:
    """Move the lease's positions past these records; False when the client delivered something twice."""
    for topic, records in share.items():
        if records[0].offset < lease.positions[topic]:
            lease.fail(
                PortFault(
                    Remedy.RETRY,
                    f"{topic} was delivered from offset {records[0].offset} again, after "
                    f"{lease.positions[topic] - 1} was read",
                )
            )
            return False
        lease.positions[topic] = records[-1].offset + 1
        lease.read_until_ms[topic] = records[-1].timestamp_ms
    return True
