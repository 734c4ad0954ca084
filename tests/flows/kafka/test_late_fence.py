"""A fence that waits for its coordinator is given up with the partition."""

from __future__ import annotations

import threading
from contextlib import suppress

from flows.port import PortFault
from infra.kafka.broker import LocalKafka
from schemas.kinds import DECISIONS
from tests.flows.kafka.port_world import WAIT_S, Real
from tests.side_by_side import takes


@takes(8)
def test_whoever_gave_a_partition_away_does_not_fence_its_next_owner_later(
    mortal_kafka: LocalKafka, prefix: str
) -> None:
    world = Real(mortal_kafka.bootstrap, prefix)
    first, second = (world.port(name).producer(0) for name in ("one", "two"))
    mortal_kafka.kill()
    given_up = threading.Event()

    def fence() -> None:
        with suppress(PortFault):
            first.init(2 * WAIT_S)
        given_up.set()

    threading.Thread(target=fence, daemon=True).start()
    first.close()
    assert given_up.wait(WAIT_S), "it would go on until its own time-out"
    mortal_kafka.start()
    second.init(WAIT_S)
    for _ in range(20):
        second.begin()
        second.produce(DECISIONS, 0, b"k", b"v", None)
        second.commit(WAIT_S)


@takes(5)
def test_a_fence_waits_for_a_coordinator_that_comes_back(mortal_kafka: LocalKafka, prefix: str) -> None:
    producer = Real(mortal_kafka.bootstrap, prefix).port("one").producer(0)
    mortal_kafka.kill()
    faults: list[PortFault] = []

    def fence() -> None:
        try:
            producer.init(WAIT_S)
        except PortFault as fault:
            faults.append(fault)

    fencing = threading.Thread(target=fence, daemon=True)
    fencing.start()
    mortal_kafka.start()
    fencing.join(2 * WAIT_S)
    assert not fencing.is_alive()
    assert faults == [], "a coordinator that has just started says for a while that it is not ready"
    producer.begin()
    producer.produce(DECISIONS, 0, b"k", b"v", None)
    producer.commit(WAIT_S)
