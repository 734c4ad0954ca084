"""What is given up is gone at once: a router collects garbage only when it has taken partitions over."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from flows.config import RouterConfig
from flows.kafka.confluent_port import ConfluentPort
from flows.port import PortFault, TransactionalProducer
from tests.flows.kafka.port_world import WAIT_S, until

NOBODY = {"bootstrap.servers": "127.0.0.1:1"}
ATTEMPTS = 5


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def new_producer() -> TransactionalProducer:
    return ConfluentPort(RouterConfig(), NOBODY, "test.").producer(0)


def threads() -> set[str]:
    """The client's own ones among them, which Python does not know."""
    return set(os.listdir("/proc/self/task"))


def producer_with_threads() -> tuple[TransactionalProducer, set[str]]:
    """A producer and its client's threads: meanwhile those of tests before this one may end, or begin others."""
    before = threads()
    producer = new_producer()
    return producer, threads() - before


@pytest.mark.usefixtures("no_collector")
def test_a_producer_that_was_given_up_leaves_no_thread_behind() -> None:
    """Where a fence fails for hours, another producer tries it every half minute."""
    made: set[str] = set()
    for _ in range(ATTEMPTS):
        producer, threads_of_it = producer_with_threads()
        assert threads_of_it
        made |= threads_of_it
        with suppress(PortFault):
            producer.init(0.01)
        producer.close()
        kept = producer  # Somebody may still know it: the fault's own traceback does.
    until(lambda: made.isdisjoint(threads()))
    kept.close()


@pytest.mark.usefixtures("no_collector")
def test_a_call_under_way_keeps_the_client_no_longer_than_it_lasts() -> None:
    producer, threads_of_it = producer_with_threads()
    assert threads_of_it
    faults: list[PortFault] = []

    def fence() -> None:
        try:
            producer.init(2 * WAIT_S)
        except PortFault as fault:
            faults.append(fault)

    fencing = threading.Thread(target=fence, daemon=True)
    fencing.start()
    producer.close()
    fencing.join(WAIT_S)
    until(lambda: threads_of_it.isdisjoint(threads()))
    assert [type(fault) for fault in faults] == [PortFault]


def test_whoever_goes_on_with_a_closed_producer_is_told_so() -> None:
    """As a commit does that comes back after it was given up."""
    producer = new_producer()
    producer.close()
    with pytest.raises(PortFault, match="given up"):
        producer.begin()
    with pytest.raises(PortFault, match="given up"):
        producer.commit(0.01)
