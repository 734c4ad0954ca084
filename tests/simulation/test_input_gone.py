"""An input loses records while a router reads it: at either end of the topic, by retention or by an accident."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.port import Place
from schemas.kinds import ORDERS
from tests.promises import promise
from tests.simulation.log import SimulatedKafka
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation

ORDERS_0 = Place(ORDERS, 0)


def cut(kafka: SimulatedKafka) -> None:
    """Retention was quicker than the router."""
    for _ in range(5):
        kafka.append(ORDERS_0, b"key", b"never read")
    kafka.low[ORDERS_0] = len(kafka.logs[ORDERS_0])


def truncate(kafka: SimulatedKafka) -> None:
    """A replica that was behind became the leader."""
    del kafka.logs[ORDERS_0][-2:]


def make_anew(kafka: SimulatedKafka) -> None:
    """Somebody deleted the topic and created it again."""
    kafka.logs[ORDERS_0].clear()


@promise("P3")
@pytest.mark.parametrize(
    ("lose", "cause"),
    [
        (cut, "its retention has cut"),
        (truncate, "the topic has lost its last ones"),
        (make_anew, "was made anew"),
    ],
)
def test_it_stops_and_names_what_may_have_happened(
    lose: Callable[[SimulatedKafka], None], cause: str
) -> None:
    simulation = Simulation(1)
    kafka = simulation.kafka
    for _ in range(5):
        kafka.append(ORDERS_0, b"key", b"no order")
    router = SimulatedRouter(kafka, "one", simulation.chance, lambda _step: None, standby=False)
    while kafka.committed.get(ORDERS_0, 0) < 5:
        router.step()
    lose(kafka)
    for _ in range(100):
        router.step()
    (said,) = [line for line in router.output.getvalue().splitlines() if "partition 0 stops" in line]
    assert cause in said
    assert kafka.committed[ORDERS_0] == 5
    assert not router.services.health.ready().ok
