"""The clock is believed only while it advances with the monotonic one."""

from __future__ import annotations

from itertools import count

import pytest

from flows.clock import Clock, ClockFault, require_agreement
from flows.config import RouterConfig
from tests.audit.small_network import NUMBER, entities
from tests.simulation.port import SimulatedProducer
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation


class Times:
    """A wall clock and a steady one that the test moves."""

    def __init__(self) -> None:
        self.wall_ms = 1_800_000_000_000
        self.steady_ms = 5_000

    def clock(self, jump_ms_max: int = 1_000) -> Clock:
        return Clock(jump_ms_max, lambda: self.wall_ms, lambda: self.steady_ms)

    def advance(self, wall_ms: int, steady_ms: int) -> None:
        self.wall_ms += wall_ms
        self.steady_ms += steady_ms


def test_time_that_passes_is_believed_however_much_it_is() -> None:
    times = Times()
    clock = times.clock()
    times.advance(86_400_000, 86_400_000)
    assert clock.now_ms() == times.wall_ms


def test_slow_correction_is_believed_for_ever() -> None:
    times = Times()
    clock = times.clock()
    for _ in range(100):
        times.advance(1_100, 1_000)
        assert clock.now_ms() == times.wall_ms


@pytest.mark.parametrize(("wall_ms", "sentence"), [(-3_600_000, "-3600.0 s"), (7_200_000, "+7200.0 s")])
def test_a_jump_is_refused_and_raised(wall_ms: int, sentence: str) -> None:
    times = Times()
    clock = times.clock()
    times.advance(wall_ms, 0)
    with pytest.raises(ClockFault, match="jumped by") as fault:
        clock.now_ms()
    assert sentence in str(fault.value)
    with pytest.raises(ClockFault):
        clock.now_ms()


@pytest.mark.parametrize("stopped_at", range(9))
def test_a_process_that_is_stopped_while_it_reads_its_clocks_sees_no_jump(stopped_at: int) -> None:
    """SIGSTOP, a machine that is paused, a core that is busy elsewhere: between any two readings."""
    times = Times()
    readings = count()

    def read(name: str) -> int:
        if next(readings) == stopped_at:
            times.advance(14_000, 14_000)
        return int(getattr(times, name))

    clock = Clock(1_000, lambda: read("wall_ms"), lambda: read("steady_ms"))
    assert clock.now_ms() <= times.wall_ms
    assert clock.now_ms() <= times.wall_ms


def test_two_clocks_must_agree_within_the_bound() -> None:
    require_agreement(10_000, 10_900, "the broker's", 1_000)
    with pytest.raises(ClockFault, match=r"-2\.0 s from the broker's"):
        require_agreement(8_000, 10_000, "the broker's", 1_000)


def test_routers_on_either_side_of_the_brokers_clock_take_over_from_each_other() -> None:
    """Each agrees with the broker, so they may differ by twice what is allowed of one."""
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    bound_ms = RouterConfig().clock_difference_ms_max
    for turn, ahead_ms in enumerate((bound_ms - 1, 1 - bound_ms)):
        simulation.world.order()
        simulation.world.send_all()
        router = SimulatedRouter(
            simulation.kafka, f"router-{turn}", simulation.chance, lambda _step: None, ahead_ms=ahead_ms
        )
        simulation.settle_with(router)
        assert router.has_said(f"partition {NUMBER} restored")
        router.close()


@pytest.mark.parametrize("late_ms", [0, 8_000])
@pytest.mark.parametrize("slow_ms", [0, 8_000])
def test_a_broker_that_is_slow_to_tell_its_time_has_no_wrong_clock(
    late_ms: int, slow_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stamps late what it was asked, or is slow to answer and to end the transaction of it."""
    simulation = Simulation(seed=1)
    simulation.world.apply(entities())
    simulation.world.order()
    simulation.world.send_all()

    def slowly(*_question: object) -> int:
        simulation.kafka.now_ms += late_ms
        told_ms = simulation.kafka.now_ms
        simulation.kafka.now_ms += slow_ms
        return told_ms

    monkeypatch.setattr(SimulatedProducer, "broker_time_ms", slowly)
    simulation.start()
    simulation.settle()
    assert simulation.said(f"partition {NUMBER} restored")
