"""One bundle, one Kafka transaction: everything it publishes, and the input offsets, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from flows.bundle import Decided
from flows.port import Place, PortFault, Remedy
from flows.services import Services
from schemas import topics

# What Kafka adds to a record: offsets, lengths, time stamp and the batch around it.
RECORD_OVERHEAD_BYTES = 128

_BYTES_MAX = {topic.name: topic.bytes_max for topic in topics.FIXED}


def bytes_max(topic: str) -> int:
    """The largest record that the topic takes: a warehouse system's topic has the default."""
    return _BYTES_MAX.get(topic, topics.INPUT_BYTES_MAX)


def commit(decided: Decided, services: Services) -> None:
    """Commit, or mark the lease as broken: then the source drops it and restores what was committed.

    Restoring is the only way back: what is in memory after a failed commit is not what is on the topics.
    """
    lease = decided.bundle.lease
    started_s = services.steady_s()
    try:
        _transact(decided, services)
    except PortFault as fault:
        if fault.remedy is not Remedy.REJOIN:
            with suppress(PortFault):
                lease.producer.abort(services.config.request_timeout_ms / 1000)
        lease.fail(fault)
        return
    ended_s = services.steady_s()
    services.metrics.committed(
        decided, ended_s - started_s, ended_s - decided.bundle.polled_at_s, services.clock
    )


def _transact(decided: Decided, services: Services) -> None:
    outcome, lease = decided.outcome, decided.bundle.lease
    number, producer = lease.number, lease.producer
    _require_possible(decided, services)
    producer.begin()
    produce = producer.produce
    for topic, key, value, headers in outcome.publications:
        produce(topic, number, key, value, headers)
    offsets = {Place(topic, number): offset for topic, offset in outcome.positions.items()}
    deadline_s = services.steady_s() + services.config.transaction_timeout_ms / 1000
    timeout_s = services.config.commit_timeout_ms / 1000
    _patiently(
        lambda: producer.send_offsets(offsets, decided.bundle.membership, timeout_s), deadline_s, services
    )
    # After a commit timed out it may have happened: only the same call again tells, an abort would be
    # refused.
    _patiently(lambda: producer.commit(timeout_s), deadline_s, services)


def _require_possible(decided: Decided, services: Services) -> None:
    """Find out before producing what the broker would never take: otherwise the transaction times out on
    it.
    """
    publications = decided.outcome.publications
    services.topics.require({publication[0] for publication in publications}, decided.bundle.lease.number)
    limit = {topic: bytes_max(topic) - RECORD_OVERHEAD_BYTES for topic in {each[0] for each in publications}}
    for topic, key, value, headers in publications:
        size = len(value or b"") + len(key or b"")
        if headers:
            size += sum(len(name) + len(text) + 8 for name, text in headers)
        if size > limit[topic]:
            raise PortFault(
                Remedy.OPERATOR,
                f"a record of {size:,} bytes for {topic} is larger than the {limit[topic]:,} that it takes; "
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


def commit_all(decided: Sequence[Decided], services: Services) -> None:
    """Several partitions commit side by side: most of a commit is waiting for the broker."""
    if len(decided) == 1:
        commit(decided[0], services)
        return
    waiting = [services.beside(partial(commit, each, services)) for each in decided]
    for future in waiting:
        future.result()
