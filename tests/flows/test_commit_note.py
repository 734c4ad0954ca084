"""Up to when figures are judged is committed: no process counts what another one has counted, however it ended."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from flows.commit_note import CommitNote, read, written
from flows.port import Place
from flows.sink import tell_judged
from schemas.kinds import INVENTORY, ORDERS
from schemas.times import DAY_MS, HOUR_MS
from state.partition import Partition
from tests.audit.small_network import NUMBER, PARTITIONS, entities
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation


@pytest.fixture
def simulation() -> Simulation:
    """One warehouse's orders, which it was told of and never sends."""
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    for _ in range(200):
        simulation.world.stock_event()
    for _ in range(20):
        simulation.world.order()
    simulation.world.send_all()
    return simulation


def started(simulation: Simulation, name: str) -> SimulatedRouter:
    return SimulatedRouter(simulation.kafka, name, Random(1), lambda _step: None, standby=False)


def pass_time(simulation: Simulation, router: SimulatedRouter, milliseconds: int) -> None:
    """It goes on for so long, and looks now and then."""
    for _ in range(100):
        simulation.kafka.now_ms += milliseconds // 100
        router.step()


def killed(simulation: Simulation, router: SimulatedRouter) -> dict[str, float]:
    """It is gone without a word: what it has counted of packages that should have left, by pool."""
    simulation.kafka.group.leave(router.member)
    return {
        sample.labels["pool"]: sample.value
        for family in router.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "sluice_dispatch_due_total" and sample.value
    }


def told_ms(simulation: Simulation) -> int:
    """Up to when figures are judged, as the group's committed offsets say."""
    return read(simulation.kafka.notes[Place(ORDERS, NUMBER)]).judged_ms or 0


def test_a_partition_without_input_tells_what_it_has_judged(simulation: Simulation) -> None:
    """Else whoever comes after days without input would not know whether anybody was there."""
    first = started(simulation, "one")
    simulation.settle_with(first)
    pass_time(simulation, first, DAY_MS)
    counted = killed(simulation, first)
    assert counted
    second = started(simulation, "two")
    pass_time(simulation, second, DAY_MS)
    assert killed(simulation, second) == {}


def test_whoever_comes_after_a_day_without_anybody_counts_what_fell_due(simulation: Simulation) -> None:
    alone = started(simulation, "one")
    simulation.settle_with(alone)
    simulation.kafka.group.leave(alone.member)
    simulation.kafka.now_ms += DAY_MS
    second = started(simulation, "two")
    pass_time(simulation, second, HOUR_MS)
    assert killed(simulation, second)


def test_every_bundle_tells_up_to_when_is_judged(simulation: Simulation) -> None:
    router = started(simulation, "one")
    simulation.settle_with(router)
    pass_time(simulation, router, HOUR_MS)
    before_ms = told_ms(simulation)
    simulation.world.order()
    simulation.world.send_all()
    simulation.settle_with(router)
    router.close()
    assert told_ms(simulation) > before_ms


def test_what_is_told_is_no_further_than_what_is_committed(simulation: Simulation) -> None:
    """The next bundle is decided while it is told: were its offsets told too, its records might be read by nobody."""
    router = started(simulation, "one")
    simulation.settle_with(router)
    under_way: list[Callable[[], object]] = []
    lease: Any = SimpleNamespace(
        number=NUMBER, topic_ids={}, partition=Partition(NUMBER, PARTITIONS), commit_beside=under_way.append,
        producer=router.services.port.producer(NUMBER),
    )  # fmt: skip
    lease.producer.init(1.0)
    lease.partition.positions = {ORDERS: 5}
    membership = (router.member, simulation.kafka.group.generation)
    tell_judged(lease, membership, router.services)
    lease.partition.positions = {ORDERS: 9}
    assert [task() for task in under_way] == [None]
    assert simulation.kafka.committed[Place(ORDERS, NUMBER)] == 5


def test_where_nothing_falls_due_nothing_is_committed(simulation: Simulation) -> None:
    router = started(simulation, "one")
    simulation.settle_with(router)
    pass_time(simulation, router, 10 * DAY_MS)
    before_ms = told_ms(simulation)
    pass_time(simulation, router, HOUR_MS)
    router.close()
    assert told_ms(simulation) == before_ms


@pytest.mark.parametrize("text", ["", " ", "anything else", "-5", "1800000000000", "1 2 3 4"])
def test_what_is_no_such_note_says_nothing(text: str) -> None:
    assert read(text) == CommitNote()


@pytest.mark.parametrize(
    "note",
    [CommitNote(1_800_000_000_000, 7, {ORDERS: "a/b", INVENTORY: "c"}), CommitNote(None, 7), CommitNote(5)],
)
def test_a_note_is_read_as_it_was_written(note: CommitNote) -> None:
    assert read(written(note)) == note
