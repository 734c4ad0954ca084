"""A commit that does not come back is given up, and goes on when its partition has long come back to this process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from random import Random

import pytest

from flows.crew import Crew
from flows.port import PortFault
from tests.audit.small_network import NUMBER, entities
from tests.promises import promise
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

LONG_MS = 600_000
"""More than a transaction may take."""


@promise("P1")
@promise("P2")
@promise("P3")
@pytest.mark.parametrize("step", ["send_offsets", "commit", "committed"])
def test_what_it_decided_has_one_effect(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation(seed=1)
    simulation.is_calm = True
    simulation.world.apply(entities())
    for _ in range(20):
        simulation.world.stock_event()
        simulation.world.order()
    simulation.world.send_all()
    crew, answer, turn = Crew(), threading.Event(), threading.local()
    is_hanging: list[str] = []
    hanging: list[Future[PortFault | None]] = []

    def commit(task: Callable[[], PortFault | None], _chance: Random) -> Future[PortFault | None]:
        """In a thread; one at a time, all but the one that hangs."""
        stands_still = threading.Event()

        def run() -> PortFault | None:
            turn.stands_still = stands_still
            try:
                return task()
            finally:
                stands_still.set()

        committing = crew.begin(run)
        stands_still.wait()
        if is_hanging and not hanging:
            hanging.append(committing)
        else:
            wait([committing])
        return committing

    def hang(reached: str) -> None:
        if reached == step and not is_hanging and router.has_said(f"bundle {NUMBER}/2"):
            is_hanging.append(reached)
            turn.stands_still.set()
            answer.wait()

    monkeypatch.setattr("tests.simulation.process.Late", commit)
    router = SimulatedRouter(
        simulation.kafka, "one", simulation.chance, hang, standby=False, bundle_records_max=3
    )
    while not hanging:
        simulation.kafka.now_ms += 1
        router.step()
    simulation.kafka.now_ms += LONG_MS
    simulation.settle_with(router)
    assert router.has_said("the client did not come back from a commit")
    answer.set()
    fault = hanging[0].result()
    assert (fault is None) == (step == "committed"), "whoever comes back after the fence is refused"
    simulation.world.order()
    simulation.world.send_all()
    simulation.settle_with(router)
    router.close()
    assert simulation.audit().violations == []
