"""A second process follows what the first one owns, and takes it over warm."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from prometheus_client import generate_latest

from flows.port import Place, PortFault, Remedy
from flows.takeover.standby import nearest
from flows.takeover.standby_copy import Copy
from schemas.kinds import ORDERS
from tests.audit.small_network import NUMBER, PARTITIONS, entities
from tests.simulation.port import SimulatedReader
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_let_go import memory_of
from tests.simulation.test_simulation import Simulation

STANDBY = {
    "standby": True,
    "standby_partitions": PARTITIONS,
    "standby_slice_records": 50,
    "standby_join_ms_max": 3_600_000,
    "bundle_records_max": 100,
}
STEPS_MAX = 5_000


class Pair:
    """An owner that decides, and a standby; nothing goes wrong but what a test breaks.

    By its name the owner stands last in the deal, and keeps the partition that has events.
    """

    def __init__(self, **settings: Any) -> None:
        self.simulation = Simulation(seed=11)
        self.simulation.is_calm = True
        self.simulation.world.apply(entities())
        self.init_fails = 0
        self.owner = self.router("z-owner", standby=False, bundle_records_max=100)
        self.live(40)
        self.standby = self.router("b-standby", **STANDBY | settings)

    def router(self, member: str, **settings: Any) -> SimulatedRouter:
        return SimulatedRouter(self.simulation.kafka, member, Random(member), self.trouble, **settings)

    def trouble(self, step: str) -> None:
        if step == "init" and self.init_fails:
            self.init_fails -= 1
            raise PortFault(Remedy.ABORT, "the coordinator is away")

    def live(self, rounds: int) -> None:
        """Events arrive, and the owner decides them."""
        for _ in range(rounds):
            self.simulation.world.live()
            self.simulation.world.send_all()
            self.simulation.kafka.now_ms += 1_000
            for _ in range(4):
                self.owner.step()

    def step_until(self, words: str) -> None:
        """Both go on until the standby has said this."""
        for _ in range(STEPS_MAX):
            if self.standby.has_said(words):
                return
            self.simulation.kafka.now_ms += 1
            if self.owner.member in self.simulation.kafka.group.members:
                self.owner.step()
            self.standby.step()
        raise AssertionError(f"never said {words!r}:\n{self.standby.output.getvalue()}")

    def kill_owner(self) -> None:
        self.simulation.kafka.group.leave(self.owner.member)

    def wait_until_warm(self) -> None:
        self.step_until("assigned partitions")

    def metrics(self) -> str:
        return generate_latest(self.standby.services.metrics.registry).decode()

    def audit(self) -> None:
        self.simulation.routers = [self.standby]
        self.simulation.settle()
        assert self.simulation.audit().violations == []


def test_what_a_dead_owner_leaves_is_taken_over_warm() -> None:
    pair = Pair()
    pair.wait_until_warm()
    # Not stepped meanwhile, so the copy is behind when the owner dies.
    pair.live(20)
    pair.kill_owner()
    pair.step_until(f"partition {NUMBER} took over warm")
    line = next(
        line for line in pair.standby.output.getvalue().splitlines() if f"partition {NUMBER} took" in line
    )
    read = int(line.split(" rows, ")[1].split(" read after fencing")[0].replace(",", ""))
    assert read > 0, "what the owner decided last was read after the fence"
    pair.audit()


def test_a_standby_joins_when_its_copies_are_warm() -> None:
    pair = Pair(standby_slice_records=5)
    members = pair.simulation.kafka.group.members
    for _ in range(20):
        pair.standby.step()
    assert pair.standby.member not in members
    assert pair.standby.services.health.ready().reasons == [
        "waits for the consumer group to assign partitions"
    ]
    pair.wait_until_warm()
    assert pair.standby.output.getvalue().count("its copy is warm") == PARTITIONS


def test_a_standby_that_is_alone_joins_at_once() -> None:
    pair = Pair()
    pair.kill_owner()
    alone = pair.router("c-alone", **STANDBY)
    alone.step()
    assert alone.member in pair.simulation.kafka.group.members


def test_a_standby_waits_no_longer_than_it_is_told() -> None:
    pair = Pair(standby_slice_records=1, standby_join_ms_max=3)
    pair.step_until("joins the group before every copy is warm")
    pair.step_until(f"partition {NUMBER}")
    pair.audit()


def test_copies_are_told_by_phase_and_figures_and_keep_nobody_from_being_ready() -> None:
    pair = Pair()
    pair.standby.step()
    assert "copying" in {each.phase for each in pair.standby.services.health.ready().partitions.values()}
    pair.wait_until_warm()
    pair.live(5)
    pair.simulation.kafka.now_ms += 1_000
    for _ in range(20):
        pair.simulation.kafka.now_ms += 1_000
        pair.owner.step()
        pair.standby.step()
    verdict = pair.standby.services.health.ready()
    followed = {number for number, each in verdict.partitions.items() if each.phase == "following"}
    assert verdict.ok, verdict.reasons
    assert followed
    metrics = pair.metrics()
    for number in followed:
        assert f'sluice_standby_rows{{partition="{number}"}}' in metrics
        assert f'sluice_standby_lag_records{{partition="{number}"}} 0.0' in metrics
    pair.kill_owner()
    pair.step_until("ready: partitions [0, 1, 2, 3, 4")
    assert "sluice_standby_rows{" not in pair.metrics()


def test_a_copy_that_does_not_add_up_is_dropped_and_all_is_read_back() -> None:
    pair = Pair()
    pair.wait_until_warm()
    pair.kill_owner()
    pair.standby.fleet._standby._copies[NUMBER].partition.digest ^= 1
    pair.step_until(f"partition {NUMBER}: the warm copy is dropped, everything is read back")
    pair.step_until(f"partition {NUMBER} restored")
    assert not pair.standby.has_said("stops")
    pair.audit()


def test_a_copy_that_is_dropped_takes_no_memory_while_all_is_read_back() -> None:
    pair = Pair(restore_slice_records=1)
    pair.wait_until_warm()
    pair.kill_owner()
    copied = pair.standby.fleet._standby._copies[NUMBER].partition
    copied.digest ^= 1
    memory = memory_of(copied)
    del copied
    pair.step_until(f"partition {NUMBER}: the warm copy is dropped, everything is read back")
    assert not pair.standby.has_said(f"partition {NUMBER} restored")
    assert memory() is None


def test_a_copy_survives_a_fence_that_fails() -> None:
    pair = Pair()
    pair.wait_until_warm()
    pair.init_fails = PARTITIONS
    pair.kill_owner()
    pair.step_until("the coordinator is away")
    pair.step_until(f"partition {NUMBER} took over warm")
    pair.audit()


def test_all_copies_together_take_no_more_than_a_slice_between_two_polls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = Pair(standby_slice_records=10)
    taken = [0]
    step = Copy.step

    def counted(copy: Copy, records_max: int) -> int:
        read = step(copy, records_max)
        taken[-1] += read
        return read

    monkeypatch.setattr(Copy, "step", counted)
    for _ in range(800):
        # Every partition goes on, so that copies that are warm have something to take beside the one that is read back.
        for number in range(PARTITIONS):
            pair.simulation.kafka.append(Place(ORDERS, number), b"key", b"no order")
        pair.owner.step()
        pair.standby.step()
        taken.append(0)
    assert max(taken) == 10


def test_a_copy_that_cannot_be_read_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker that leads its topics is away for hours."""
    pair = Pair()
    first = nearest(set(), PARTITIONS)[0]
    assert first != NUMBER
    read, at_end = SimulatedReader.read, SimulatedReader.at_end

    def is_away(reader: SimulatedReader) -> bool:
        return any(place.partition == first for place in reader._positions)

    monkeypatch.setattr(
        SimulatedReader, "read", lambda reader, *bounds: [] if is_away(reader) else read(reader, *bounds)
    )
    monkeypatch.setattr(SimulatedReader, "at_end", lambda reader: not is_away(reader) and at_end(reader))
    for _ in range(1_000):
        pair.simulation.kafka.now_ms += 100
        pair.owner.step()
        pair.standby.step()
    assert pair.standby.has_said(f"partition {NUMBER} is followed")
    assert not pair.standby.has_said(f"partition {first} is followed")
    monkeypatch.undo()
    pair.step_until(f"partition {first} is followed")


def test_memory_is_bounded_by_the_number_of_copies() -> None:
    pair = Pair(standby_partitions=2)
    pair.wait_until_warm()
    assert pair.standby.output.getvalue().count("its copy is warm") == 2


def test_neighbours_are_followed_first() -> None:
    assert nearest({3, 4}, 8) == [5, 2, 6, 1, 7, 0]
    assert nearest(set(), 4) == [3, 2, 1, 0], "who owns nothing stands last, and would get the last ones"
    assert nearest({0, 1}, 2) == []
