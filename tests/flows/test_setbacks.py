"""What cannot succeed stops after a bounded number of attempts; what passes by itself never does."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from flows.config import RouterConfig
from flows.kafka_faults import port_fault
from flows.phase import Phase
from flows.port import PortFault, Remedy
from flows.setbacks import PAUSE_MS_MAX, Setbacks
from tests.audit.rehearsal import NUMBER, entities
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

FINAL = PortFault(Remedy.OPERATOR, "a right is missing")
PASSING = PortFault(Remedy.RETRY, "no answer")
ABORTED = PortFault(Remedy.ABORT, "the leader is another one now", passes=True)


def test_failures_in_a_row_are_counted_for_each_partition() -> None:
    setbacks = Setbacks(RouterConfig(setbacks_max=3, setback_memory_ms=60_000))
    assert [setbacks.note(0, FINAL, now_s) for now_s in (0, 10, 20)] == [1, 2, 3]
    assert setbacks.note(1, FINAL, 20) == 1
    assert setbacks.is_too_many(3, FINAL)
    assert not setbacks.is_too_many(2, FINAL)


def test_a_failure_is_forgotten_after_a_quiet_time() -> None:
    setbacks = Setbacks(RouterConfig(setbacks_max=3, setback_memory_ms=60_000))
    assert [setbacks.note(0, FINAL, now_s) for now_s in (0, 50, 111)] == [1, 2, 1]


@pytest.mark.parametrize("fault", [PASSING, ABORTED])
def test_what_passes_by_itself_is_tried_for_ever_with_pauses_that_grow_to_a_bound(fault: PortFault) -> None:
    setbacks = Setbacks(RouterConfig(setbacks_max=3, setback_pause_ms=500))
    pauses_s = []
    for _ in range(50):
        count = setbacks.note(0, fault, 0)
        assert not setbacks.is_too_many(count, fault)
        pauses_s.append(setbacks.pause_s(count, fault))
    assert pauses_s[:7] == [0, 0.5, 1, 2, 4, 8, 10]
    assert max(pauses_s) == PAUSE_MS_MAX / 1000
    assert setbacks.note(0, FINAL, 0) == 1, (
        "it brings nothing closer to the end that a person would have to mend"
    )


@pytest.mark.parametrize(
    "code", [KafkaError._TIMED_OUT, KafkaError.NOT_COORDINATOR, KafkaError.FENCED_LEADER_EPOCH]
)
def test_a_broker_that_is_away_or_not_in_charge_any_more_passes(code: int) -> None:
    """The client calls only the first of them retriable."""
    assert port_fault(KafkaException(KafkaError(code)), "read the committed offsets").passes


def test_a_missing_right_does_not_pass() -> None:
    error = KafkaException(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert not port_fault(error, "commit").passes


def test_a_partition_whose_coordinator_is_away_for_minutes_decides_as_soon_as_it_is_back() -> None:
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    simulation.world.send_all()
    kafka = simulation.kafka
    back_ms = kafka.now_ms + 600_000

    def away(step: str) -> None:
        if step == "init" and kafka.now_ms < back_ms:
            kafka.now_ms += 30_000
            raise PortFault(Remedy.RETRY, "could not fence the previous owner: Local: Timed out")

    router = SimulatedRouter(
        kafka, "one", simulation.chance, away, standby=False, setbacks_max=5, setback_pause_ms=500
    )
    while kafka.now_ms < back_ms:
        kafka.now_ms += 100
        router.step()
    kafka.now_ms += PAUSE_MS_MAX
    for _ in range(1_000):
        router.step()
    assert router.has_said(f"partition {NUMBER} restored")
    assert not router.has_said("ERROR")
    router.close()


@pytest.mark.parametrize("remedy", list(Remedy))
def test_a_setback_of_the_only_partition_that_has_not_stopped_does_not_end_the_process(
    remedy: Remedy,
) -> None:
    """It is opened again, at once, after a pause, or when the group has said whose it is."""
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    simulation.world.send_all()
    faults: list[PortFault] = []

    def trouble(step: str) -> None:
        if step == "produce" and faults:
            raise faults.pop()

    router = SimulatedRouter(
        simulation.kafka, "one", simulation.chance, trouble, standby=False, restore_slice_records=1_000
    )

    def step() -> None:
        simulation.kafka.now_ms += 50
        router.step()

    for _ in range(60):
        step()
    leases = router.fleet._leases
    for number, lease in leases.items():
        if number != NUMBER:
            lease.stop("a person must mend it")
    faults.append(PortFault(remedy, "once"))
    simulation.world.now_ms = simulation.kafka.now_ms
    simulation.world.order()
    simulation.world.send_all()
    while faults or leases.get(NUMBER) is None or leases[NUMBER].phase is not Phase.LIVE:
        step()
        assert router.stopping.fault is None
    router.close()
