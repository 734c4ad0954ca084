"""When a process is called ready after a restore, on a simulated Kafka."""

from __future__ import annotations

from random import Random

import pytest

from flows.health import MEASURING
from flows.port import Place
from schemas.kinds import INPUT_TOPICS, INVENTORY, ORDERS
from tests.audit.small_network import PARTITIONS
from tests.simulation.log import SimulatedKafka
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

RECORDS = 40
HOUR_MS = 3_600_000


@pytest.fixture
def kafka() -> SimulatedKafka:
    return Simulation(1).kafka


def started(kafka: SimulatedKafka, name: str) -> SimulatedRouter:
    return SimulatedRouter(kafka, name, Random(1), lambda _step: None, bundle_records_max=1, standby=False)


def phases_until_ready(kafka: SimulatedKafka, router: SimulatedRouter) -> set[str]:
    """Poll after poll, 10 ms apart; the phases on the way."""
    phases: set[str] = set()
    for _ in range(20 * RECORDS * PARTITIONS):
        kafka.now_ms += 10
        router.step()
        ready = router.services.health.ready()
        if ready.ok:
            return phases
        phases |= {state.phase for state in ready.partitions.values()}
    raise AssertionError(ready.reasons)


def test_a_router_is_not_ready_before_it_knows_how_late_it_is_and_has_caught_up(
    kafka: SimulatedKafka,
) -> None:
    """Between the restore and the first measurement it would have said so for a second."""
    places = [Place(ORDERS, number) for number in range(PARTITIONS)]
    for place in places:
        for _ in range(RECORDS):
            kafka.append(place, b"key", b"no order")
    kafka.now_ms += HOUR_MS
    router = started(kafka, "one")
    assert MEASURING in phases_until_ready(kafka, router)
    assert {place: kafka.committed.get(place) for place in places} == dict.fromkeys(places, RECORDS)


def test_a_router_that_has_caught_up_with_one_input_is_not_ready_while_it_is_late_with_another(
    kafka: SimulatedKafka,
) -> None:
    """Stock goes on being counted while an hour of orders is worked off."""
    router = started(kafka, "one")
    phases_until_ready(kafka, router)
    orders, inventory = Place(ORDERS, 0), Place(INVENTORY, 0)
    for _ in range(RECORDS):
        kafka.append(orders, b"key", b"no order")
    kafka.now_ms += HOUR_MS
    while kafka.committed.get(orders, 0) < RECORDS // 2:
        kafka.append(inventory, b"key", b"no count")
        kafka.now_ms += 1_000
        router.step()
        assert not router.services.health.ready().ok
    phases_until_ready(kafka, router)


def test_a_router_whose_inputs_end_with_the_marker_of_a_transaction_gets_ready(kafka: SimulatedKafka) -> None:
    """Nobody will ever read a marker, and it may be hours before a record comes."""
    epoch = kafka.init("source")
    kafka.begin("source", epoch)
    for topic in INPUT_TOPICS:
        for number in range(PARTITIONS):
            kafka.produce("source", epoch, Place(topic, number), b"key", b"no event", None)
    kafka.commit("source", epoch)
    first = started(kafka, "one")
    phases_until_ready(kafka, first)
    first.close()
    kafka.now_ms += HOUR_MS
    phases_until_ready(kafka, started(kafka, "two"))


def test_a_router_whose_partitions_are_dealt_out_anew_is_not_ready_until_it_knows_its_own(
    kafka: SimulatedKafka,
) -> None:
    first = started(kafka, "one")
    phases_until_ready(kafka, first)
    second = started(kafka, "two")
    first.step()
    assert first.services.health.ready().reasons == ["waits for the consumer group to assign partitions"]
    second.step()
    phases_until_ready(kafka, first)


def test_a_router_that_gets_a_partition_back_after_an_hour_is_not_ready_before_it_has_looked(
    kafka: SimulatedKafka,
) -> None:
    """Nobody has decided meanwhile, so it goes on from where it was; what it knew of the ends is an hour old."""
    router = started(kafka, "one")
    phases_until_ready(kafka, router)
    kafka.group.join("slow")
    router.step()
    for _ in range(RECORDS):
        kafka.append(Place(ORDERS, 0), b"key", b"no order")
    kafka.now_ms += HOUR_MS
    kafka.group.leave("slow")
    while kafka.committed.get(Place(ORDERS, 0), 0) < RECORDS // 2:
        router.step()
        assert not router.services.health.ready().ok
        kafka.now_ms += 10
    assert router.has_said("partition 0 resumed")
