"""One bundle, one Kafka transaction: everything it publishes, and the input offsets, or nothing at all.

The records are handed over here and now; the commit, which is mostly waiting for the broker, runs beside the flow
while the partition's next bundle is read and decided.  That bundle begins its own transaction only after this one
has succeeded; after a failure it is void, because it was decided on what never came to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from flows.bundle import Decided
from flows.commit_note import CommitNote, written
from flows.lease import Lease
from flows.metrics import Spent
from flows.phase import Phase
from flows.port import Place, PortFault, Remedy
from flows.services import Services
from schemas import topics

# What Kafka adds to a record: offsets, lengths, time stamp and the batch around it.
RECORD_OVERHEAD_BYTES = 128
# Nearly every record is smaller than this, and no topic takes less.
SMALL_BYTES = 64 * 1024

_BYTES_MAX = {topic.name: topic.bytes_max for topic in topics.FIXED}


def bytes_max(topic: str) -> int:
    """The largest record that the topic takes: a warehouse system's topic has the default."""
    return _BYTES_MAX.get(topic, topics.INPUT_BYTES_MAX)


def commit_all(decided: Sequence[Decided], services: Services) -> None:
    """Begin to commit each of these; several partitions wait for the broker side by side."""
    for each in decided:
        begin_commit(each, services)


def begin_commit(decided: Decided, services: Services) -> None:
    """Publish the bundle and leave its commit under way, beside the flow.

    A failure breaks the lease: the source drops it and restores what was committed.  That is the only way back: what
    is in memory after a failed commit is not what is on the topics.
    """
    lease = decided.bundle.lease
    lease.settle()
    if lease.phase is not Phase.LIVE:
        return
    started_s = services.steady_s()
    try:
        _publish(decided, services)
    except PortFault as fault:
        lease.commit_beside(partial(_aborted, lease, fault, services))
        return
    handed_over_s = services.steady_s()
    lease.pace.decided(decided.decided_in_s + handed_over_s - started_s)
    lease.commit_beside(partial(_commit, decided, started_s, handed_over_s, services))


def _commit(decided: Decided, started_s: float, handed_over_s: float, services: Services) -> PortFault | None:
    """The rest of the transaction; a fault is returned, because only the flow's own thread breaks a lease."""
    bundle, lease = decided.bundle, decided.bundle.lease
    journal = decided.outcome.journal
    # Nothing is judged while a commit is under way.
    judged_ms = services.metrics.judged_ms(lease.number)
    note = CommitNote(judged_ms, journal.sequence if journal else None, lease.topic_ids)
    try:
        _end_transaction(lease, decided.outcome.positions, bundle.membership, note, services)
    except PortFault as fault:
        return _aborted(lease, fault, services)
    ended_s = services.steady_s()
    lease.pace.committed(ended_s - handed_over_s)
    spent = Spent(decided.decided_in_s, ended_s - started_s, ended_s - bundle.polled_at_s)
    services.metrics.committed(
        lease.partition, decided.arrivals, decided.outcome, spent, services.clock.wall_ms()
    )
    services.bundle_log.committed(lease.number, decided.arrivals, decided.outcome, spent, ended_s)
    return None


def tell_judged(lease: Lease, membership: Any, services: Services) -> None:
    """Commit up to when figures are judged, and nothing else, beside the flow: where no bundle comes, none says so.

    The last commit must be settled.
    """
    # Taken here: the next bundle is decided, and moves the partition on, while this is under way.
    positions = lease.partition.positions
    note = CommitNote(services.metrics.judged_ms(lease.number), lease.partition.sequence, lease.topic_ids)
    lease.commit_beside(partial(_tell_judged, lease, positions, membership, note, services))


def _tell_judged(
    lease: Lease, positions: dict[str, int], membership: Any, note: CommitNote, services: Services
) -> PortFault | None:
    try:
        lease.producer.begin()
        _end_transaction(lease, positions, membership, note, services)
    except PortFault as fault:
        return _aborted(lease, fault, services)
    return None


def _aborted(lease: Lease, fault: PortFault, services: Services) -> PortFault:
    """The fault, once its transaction is ended: that waits for the broker, as a commit does."""
    if fault.remedy is not Remedy.REJOIN:
        with suppress(PortFault):
            lease.producer.abort(services.config.request_timeout_ms / 1000)
    return fault


def _publish(decided: Decided, services: Services) -> None:
    """Hand the records over."""
    lease = decided.bundle.lease
    number, producer = lease.number, lease.producer
    services.topics.require(set(decided.outcome.published), number)
    _require_sizes(decided)
    producer.begin()
    produce = producer.produce
    for topic, key, value, headers in decided.outcome.publications:
        produce(topic, number, key, value, headers)


def _end_transaction(
    lease: Lease, positions: dict[str, int], membership: Any, note: CommitNote, services: Services
) -> None:
    producer = lease.producer
    offsets = {Place(topic, lease.number): offset for topic, offset in positions.items()}
    text = written(note)
    deadline_s = services.steady_s() + services.config.transaction_timeout_ms / 1000
    timeout_s = services.config.commit_timeout_ms / 1000
    _patiently(lambda: producer.send_offsets(offsets, membership, timeout_s, text), deadline_s, services)
    # After a commit timed out it may have happened: only the same call again tells, an abort would be refused.
    _patiently(lambda: producer.commit(timeout_s), deadline_s, services)
    lease.judged_told_ms = note.judged_ms or 0


def _require_sizes(decided: Decided) -> None:
    """Find out before producing what the broker would never take: otherwise the transaction times out on it."""
    for topic, key, value, headers in decided.outcome.publications:
        size = len(value or b"") + len(key or b"")
        if size <= SMALL_BYTES and not headers:
            continue
        if headers:
            size += sum(len(name) + len(text) + 8 for name, text in headers)
        limit = bytes_max(topic) - RECORD_OVERHEAD_BYTES
        if size > limit:
            raise PortFault(
                Remedy.OPERATOR,
                f"a record of {size:,} bytes for {topic} is larger than the {limit:,} that it takes; "
                "the router should have kept this bound: please report it",
            )


def _patiently(call: Callable[[], None], deadline_s: float, services: Services) -> None:
    """Repeat what may succeed by itself, until the broker has given the transaction up anyway."""
    while True:
        try:
            call()
            return
        except PortFault as fault:
            if fault.remedy is not Remedy.RETRY or services.steady_s() > deadline_s:
                raise
