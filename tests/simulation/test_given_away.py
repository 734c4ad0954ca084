"""A partition that broke and waits to be opened again is not this process's any more when the group takes it away."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from random import Random

import pytest

from flows.port import PortFault, Remedy
from tests.audit.small_network import NUMBER, PARTITIONS, entities
from tests.simulation.process import Hang, SimulatedRouter
from tests.simulation.test_simulation import Simulation


def test_its_next_owner_is_not_fenced_by_the_one_before() -> None:
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    simulation.world.send_all()

    def refuse(step: str) -> None:
        if step == "commit":
            raise PortFault(Remedy.OPERATOR, "a right is missing")

    router = SimulatedRouter(simulation.kafka, "one", simulation.chance, refuse, standby=False)
    while not router.has_said(f"partition {NUMBER} starts again"):
        router.step()
    # Somebody else joins, and the group deals anew only after both have given back what they had.
    simulation.kafka.group.join("two")
    router.step()
    assert router.has_said("revoked partitions")
    fences = simulation.kafka.writers[f"router.{NUMBER}"].epoch
    simulation.kafka.now_ms += 2 * router.services.config.setback_pause_ms
    router.step()
    assert simulation.kafka.writers[f"router.{NUMBER}"].epoch == fences
    router.close()


def test_whoever_has_fallen_out_of_the_group_hears_of_it_before_it_fences_anybody() -> None:
    """It stood still for longer than its session, in the middle of a commit: that commit is refused as it wakes up."""
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    simulation.world.send_all()
    kafka = simulation.kafka
    fences: list[int] = []

    def fall_out(step: str) -> None:
        if step == "send_offsets" and not fences:
            fences.append(kafka.writers[f"router.{NUMBER}"].epoch)
            kafka.group.leave("one")
            kafka.group.join("two")
            kafka.group.rejoin("two")

    router = SimulatedRouter(kafka, "one", simulation.chance, fall_out, standby=False)
    while not router.has_said("the group has moved on"):
        router.step()
    router.step()
    assert router.has_said("revoked partitions")
    assert [kafka.writers[f"router.{NUMBER}"].epoch] == fences
    router.close()


def test_a_fence_that_comes_late_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for the broker runs beside the flow, and may get its turn only when the partition is another's."""
    tasks: list[Callable[[], object]] = []

    def later(task: Callable[[], object]) -> Future[object]:
        tasks.append(task)
        return Future()

    monkeypatch.setattr("tests.simulation.process.at_once", later)
    kafka = Simulation(seed=1).kafka
    router = SimulatedRouter(kafka, "one", Random(1), lambda _step: None, standby=False)
    router.step()
    assert len(tasks) == PARTITIONS
    router.close()
    for task in tasks[:PARTITIONS]:
        with pytest.raises(PortFault, match="given away"):
            task()
    assert [writer.epoch for name, writer in kafka.writers.items() if name.startswith("router.")] == []


def test_an_abort_that_does_not_come_back_holds_up_no_other_partition() -> None:
    """The bundle could not be handed over, and the transaction's coordinator is away."""
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    simulation.world.send_all()
    router: SimulatedRouter

    def hang(step: str) -> None:
        if step == "produce" and router.has_said(f"bundle {NUMBER}/2"):
            raise PortFault(Remedy.ABORT, "the queue is full")
        if step == "abort":
            raise Hang

    router = SimulatedRouter(
        simulation.kafka, "one", simulation.chance, hang, standby=False, bundle_records_max=1
    )
    while not router.has_said(f"partition {NUMBER} starts again"):
        simulation.kafka.now_ms += 1_000
        router.step()
    assert router.has_said("the client did not come back")
