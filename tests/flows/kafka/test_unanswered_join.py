"""A real coordinator that does not answer a question to join its group: only a new client is answered soon."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from flows.config import RouterConfig
from flows.logs.log import Log
from flows.takeover.membership import Membership
from flows.takeover.standby import Standby
from tests.flows.kafka.port_world import PARTITIONS, Real, until
from tests.flows.kafka.silent_coordinator import SilentCoordinator
from tests.side_by_side import takes
from tests.simulation.log import SimulatedKafka
from tests.simulation.process import simulated_services

LONG_MS = 600_000
"""More than a rebalance may take."""


@pytest.fixture
def coordinator(kafka: Any) -> Iterator[SilentCoordinator]:
    coordinator = SilentCoordinator(kafka.bootstrap)
    yield coordinator
    coordinator.close()


@takes(5)
@pytest.mark.parametrize("static", [False, True], ids=["nameless", "named"])
def test_whoever_was_never_answered_is_a_member_in_the_end(
    coordinator: SilentCoordinator, prefix: str, static: bool
) -> None:
    port = Real(coordinator.bootstrap, prefix, static=static).port("one")
    clock = SimulatedKafka({})
    simulated = simulated_services(
        clock, "one", Random(1), lambda _step: None, RouterConfig(standby=False), Log("text", io.StringIO())
    )
    services = replace(simulated, port=port)
    coordinator.is_silent = True
    consumer = port.consumer()
    membership = Membership(services, consumer, Standby(services, PARTITIONS))

    def has_asked() -> bool:
        consumer.poll(0.05, 100)
        return coordinator.swallowed > 0

    until(has_asked)
    coordinator.is_silent = False
    clock.now_ms += LONG_MS

    def is_member() -> bool:
        membership.step()
        consumer.poll(0.05, 100)
        return membership.is_assigned

    until(is_member)
    ((is_assignment, numbers),) = membership.rebalances()
    assert (is_assignment, numbers) == (True, set(range(PARTITIONS)))
    consumer.close()
