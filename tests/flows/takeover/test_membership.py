"""Whoever asks to join the group and is never answered asks again; whoever has not asked yet waits for nothing."""

from __future__ import annotations

import pytest

from flows.port import PortFault, Remedy
from tests.simulation.log import SimulatedKafka
from tests.simulation.port import SimulatedConsumer
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

SILENT = "joins again with a new client"


class Silent:
    """A group that answers nobody who asks to join, until a client is a new one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.is_silent = True
        self.started_over = 0
        follow = SimulatedConsumer._follow_group

        def follow_group(consumer: SimulatedConsumer) -> None:
            if not self.is_silent:
                follow(consumer)

        def start_over(consumer: SimulatedConsumer) -> None:
            self.is_silent = False
            self.started_over += 1
            consumer.rejoin()

        patch.setattr(SimulatedConsumer, "_follow_group", follow_group)
        patch.setattr(SimulatedConsumer, "start_over", start_over, raising=False)


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> Silent:
    return Silent(monkeypatch)


@pytest.fixture
def kafka() -> SimulatedKafka:
    return Simulation(1).kafka


def steps(router: SimulatedRouter, kafka: SimulatedKafka, seconds: int) -> None:
    for _ in range(seconds):
        kafka.now_ms += 1_000
        router.step()


def test_whoever_is_not_answered_joins_again(kafka: SimulatedKafka, group: Silent) -> None:
    router = SimulatedRouter(kafka, "one", Simulation(1).chance, lambda _step: None, standby=False)
    config = router.services.config
    slowest_s = config.poll_interval_ms_max // 1000
    steps(router, kafka, slowest_s)
    assert not router.has_said(SILENT), "a rebalance may take as long as its slowest member"
    steps(router, kafka, 2 * config.session_timeout_ms // 1000 + 10)
    assert router.has_said(f"WARNING: the consumer group has not told for {slowest_s + 20} s")
    assert router.services.health.ready().ok
    steps(router, kafka, 600)
    assert group.started_over == 1, "whoever has been answered has no reason to ask again"
    router.close()


def test_a_standby_that_warms_up_has_not_asked_yet(kafka: SimulatedKafka, group: Silent) -> None:
    first = SimulatedRouter(kafka, "one", Simulation(1).chance, lambda _step: None, standby=False)

    def never_warm(step: str) -> None:
        if step == "follow":
            raise PortFault(Remedy.ABORT, "the copy cannot be read")

    second = SimulatedRouter(
        kafka, "two", Simulation(1).chance, never_warm, standby=True, standby_join_ms_max=3_600_000
    )
    steps(second, kafka, 300)
    assert group.started_over == 0
    first.close()
    second.close()
