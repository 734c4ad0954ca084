"""Whoever asks to join the group and is never answered asks again; whoever has not asked yet waits for nothing."""

from __future__ import annotations

import pytest

from flows.port import Place, PortFault, Remedy
from schemas.kinds import ORDERS
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


def test_whoever_asks_to_be_dealt_to_again_is_not_ready_and_waits_no_longer_than_anybody(
    kafka: SimulatedKafka, group: Silent
) -> None:
    """Its partition is nobody's here until the group says whose it is, and the group may never say it."""

    def fenced(step: str) -> None:
        if step == "commit" and group.started_over == 0:
            raise PortFault(Remedy.REJOIN, "another producer took over")

    group.is_silent = False
    router = SimulatedRouter(kafka, "one", Simulation(1).chance, fenced, standby=False)
    steps(router, kafka, 30)
    assert router.services.health.ready().ok
    group.is_silent = True
    kafka.append(Place(ORDERS, 0), b"key", b"no order")
    steps(router, kafka, 30)
    assert router.has_said("partition 0 starts again")
    assert not router.services.health.ready().ok
    steps(router, kafka, 120)
    assert router.services.health.ready().ok
    assert group.started_over == 1
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
