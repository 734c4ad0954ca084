"""What cannot succeed stops after a bounded number of attempts; what passes by itself never does."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from confluent_kafka import KafkaError, KafkaException

from flows.config import RouterConfig
from flows.kafka.faults import port_fault
from flows.lease import Lease
from flows.phase import Phase
from flows.port import PortFault, Remedy
from flows.setbacks import PAUSE_MS_MAX, Setbacks
from tests.audit.small_network import NUMBER, PARTITIONS, entities
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
    "code",
    [
        KafkaError._TIMED_OUT,
        KafkaError.NOT_COORDINATOR,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError._DESTROY_BROKER,
    ],
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


class Living:
    """A process whose partitions all decide, until somebody stops some of them."""

    def __init__(self) -> None:
        self._simulation = Simulation(seed=1)
        self._simulation.world.apply(entities())
        self._simulation.world.send_all()
        self._faults: list[PortFault] = []
        self.router = SimulatedRouter(
            self._simulation.kafka, "one", self._simulation.chance, self._trouble, standby=False,
            restore_slice_records=1_000,
        )  # fmt: skip
        while not all(map(self._decides, range(PARTITIONS))):
            self.step()

    @property
    def _leases(self) -> dict[int, Lease]:
        return self.router.fleet._leases

    def _trouble(self, step: str) -> None:
        if step == "produce" and self._faults:
            raise self._faults.pop()

    def _decides(self, number: int) -> bool:
        return number in self._leases and self._leases[number].phase is Phase.LIVE

    def step(self) -> None:
        self._simulation.kafka.now_ms += 50
        self.router.step()

    def stop(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._leases[number].stop("a person must mend it")

    def suffer(self, fault: PortFault) -> None:
        """One setback of the partition that decides, with its way back to deciding; the process goes on meanwhile."""
        self._faults.append(fault)
        self._simulation.world.now_ms = self._simulation.kafka.now_ms
        self._simulation.world.order()
        self._simulation.world.send_all()
        while not self.router.has_said(f"partition {NUMBER} starts again") or not self._decides(NUMBER):
            self.step()
            assert self.router.stopping.fault is None


@pytest.mark.parametrize("remedy", list(Remedy))
def test_a_setback_of_the_only_partition_that_has_not_stopped_does_not_end_the_process(
    remedy: Remedy,
) -> None:
    """It is opened again, at once, after a pause, or when the group has said whose it is."""
    process = Living()
    process.stop(set(range(PARTITIONS)) - {NUMBER})
    process.suffer(PortFault(remedy, "once"))
    process.router.close()


@pytest.mark.parametrize("remedy", list(Remedy))
def test_a_process_ends_when_its_last_partition_has_stopped_and_not_before(remedy: Remedy) -> None:
    """Also where it had a setback before: what it then waited for has come."""
    process = Living()
    process.suffer(PortFault(remedy, "once"))
    process.stop(set(range(PARTITIONS)) - {NUMBER})
    process.step()
    assert process.router.stopping.fault is None
    process.stop({NUMBER})
    process.step()
    assert (process.router.stopping.fault or "").startswith("every partition of this process has stopped")
    process.router.close()
