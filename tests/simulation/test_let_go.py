"""A partition's memory goes with the partition: nothing waits for the collector, which may not come for weeks."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from random import Random

import pytest

from flows.crew import Crew
from flows.port import PortFault, Remedy
from state.partition import Partition
from tests.audit.small_network import NUMBER, entities
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

Kept = Callable[[], object]
"""Something, for as long as it is kept."""


def memory_of(partition: Partition) -> Kept:
    """By something that it alone holds: a compiled class takes no weak reference."""
    return weakref.ref(partition.partition_of)


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def commits_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process, where what a failed call has left behind does not lead back to whoever waits for it."""
    crew = Crew()

    def begun(task: Callable[[], PortFault | None], _chance: Random) -> Future[PortFault | None]:
        committing = crew.begin(task)
        wait([committing])
        return committing

    monkeypatch.setattr("tests.simulation.process.Late", begun)


class Owner:
    """One process that decides for the partition; `fault` is what its next commits end with."""

    def __init__(self) -> None:
        self.simulation = Simulation(seed=1)
        self.fault: PortFault | None = None
        self.simulation.world.apply(entities())
        self.simulation.world.send_all()
        self.router = SimulatedRouter(
            self.simulation.kafka, "one", self.simulation.chance, self._trouble, standby=False
        )
        self.until_it_says(f"bundle {NUMBER}/8")

    def _trouble(self, step: str) -> None:
        if step == "commit" and self.fault is not None:
            raise PortFault(self.fault.remedy, self.fault.sentence) from ValueError("the client's own error")

    def until_it_says(self, words: str) -> None:
        for _ in range(1_000):
            if self.router.has_said(words):
                return
            self.simulation.kafka.now_ms += 1
            self.router.step()
        raise AssertionError(self.router.output.getvalue())

    def memory(self) -> Kept:
        return memory_of(self.router.fleet._leases[NUMBER].partition)


def test_of_a_partition_that_was_given_away() -> None:
    owner = Owner()
    memory = owner.memory()
    group = owner.simulation.kafka.group
    group.join("another")
    owner.router.step()
    # Parked, because it may come back; here it does not.
    assert memory() is not None
    group.rejoin("another")
    group.members["one"] = set()
    owner.until_it_says("assigned partitions none")
    assert memory() is None


@pytest.mark.parametrize("remedy", [Remedy.ABORT, Remedy.OPERATOR, Remedy.REJOIN])
def test_of_a_partition_whose_commit_failed(remedy: Remedy) -> None:
    owner = Owner()
    memory = owner.memory()
    owner.fault = PortFault(remedy, "it failed")
    owner.simulation.world.order()
    owner.simulation.world.send_all()
    owner.until_it_says("starts again")
    assert memory() is None
