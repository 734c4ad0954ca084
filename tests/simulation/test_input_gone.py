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
    kafka.make_anew(ORDERS)


def make_anew_and_fill(kafka: SimulatedKafka) -> None:
    """The sources have sent again at once: reading goes on in the middle of it."""
    kafka.make_anew(ORDERS)
    for _ in range(9):
        kafka.append(ORDERS_0, b"key", b"no order")


def one_that_has_read_five(simulation: Simulation) -> SimulatedRouter:
    kafka = simulation.kafka
    for _ in range(5):
        kafka.append(ORDERS_0, b"key", b"no order")
    router = SimulatedRouter(kafka, "one", simulation.chance, lambda _step: None, standby=False)
    while kafka.committed.get(ORDERS_0, 0) < 5:
        router.step()
    return router


@promise("P3")
@pytest.mark.parametrize(
    ("lose", "cause"),
    [
        (cut, "its retention has cut"),
        (truncate, "the topic has lost its last ones"),
        (make_anew, "was made anew"),
        (make_anew_and_fill, "orders was deleted and made anew"),
    ],
)
def test_it_stops_and_names_what_may_have_happened(
    lose: Callable[[SimulatedKafka], None], cause: str
) -> None:
    simulation = Simulation(1)
    kafka = simulation.kafka
    router = one_that_has_read_five(simulation)
    lose(kafka)
    for _ in range(100):
        kafka.now_ms += 1_000
        router.step()
    (said,) = [line for line in router.output.getvalue().splitlines() if "partition 0 stops" in line]
    assert cause in said
    assert not router.services.health.ready().ok


@promise("P3")
@pytest.mark.parametrize("records", [0, 9])
def test_whoever_comes_after_it_was_made_anew_does_not_go_on_in_it(records: int) -> None:
    simulation = Simulation(1)
    kafka = simulation.kafka
    router = one_that_has_read_five(simulation)
    router.close()
    kafka.make_anew(ORDERS)
    for _ in range(records):
        kafka.append(ORDERS_0, b"key", b"no order")
    successor = SimulatedRouter(kafka, "two", simulation.chance, lambda _step: None, standby=False)
    while not successor.has_said("partition 0 stops"):
        successor.step()
    assert successor.has_said("the topic orders was deleted and made anew")
    assert kafka.committed[ORDERS_0] == 5
    # Nobody knows of a group that was reset which topic its offsets counted in.
    kafka.notes.clear()
    third = SimulatedRouter(kafka, "three", simulation.chance, lambda _step: None, standby=False)
    successor.close()
    while not third.has_said("partition 0 restored" if records else "ends at offset 0, before offset 5"):
        third.step()
