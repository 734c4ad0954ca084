"""What a process says of its partitions, the consumer group and itself, on a simulated Kafka."""

from __future__ import annotations

import gc
from random import Random

import pytest

from flows.metrics import Metrics
from schemas.kinds import INPUT_TOPICS
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation


class Group:
    """Router processes of one group that nothing happens to but what a test does."""

    def __init__(self) -> None:
        self._simulation = Simulation(1)
        self.kafka = self._simulation.kafka
        self.partitions = self.kafka.topics[INPUT_TOPICS[0]]
        self.routers: list[SimulatedRouter] = []

    def start(self, name: str) -> SimulatedRouter:
        router = SimulatedRouter(self.kafka, name, Random(1), lambda _step: None)
        self.routers.append(router)
        return router

    def run(self, milliseconds: int = 2_000) -> None:
        """Every process goes on for so long."""
        for _ in range(20):
            self.kafka.now_ms += milliseconds // 20
            for router in self.routers:
                router.step()


def live(router: SimulatedRouter) -> dict[str, float]:
    """What the process says of the partitions that it owns."""
    return _by_partition(router.metrics, "sluice_partition_live")


def _by_partition(metrics: Metrics, name: str) -> dict[str, float]:
    return {
        sample.labels["partition"]: sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_the_partitions_that_decide_add_up_over_all_processes() -> None:
    group = Group()
    first = group.start("a")
    first.step()
    group.run()
    assert live(first) == dict.fromkeys(map(str, range(group.partitions)), 1)
    assert first.metrics.registry.get_sample_value("sluice_partitions") == group.partitions
    second = group.start("b")
    group.run()
    assert len(live(first)) + len(live(second)) == group.partitions
    assert live(first).keys() | live(second).keys() == set(map(str, range(group.partitions)))
    assert set(live(first).values()) | set(live(second).values()) == {1}
    for name in ("sluice_rows", "sluice_lag_seconds", "sluice_stable_gap_records"):
        assert _by_partition(first.metrics, name).keys() == live(first).keys(), "the others' gauges are gone"


def test_assignments_are_counted_and_how_long_nobody_owned_the_partitions() -> None:
    group = Group()
    first = group.start("a")
    group.run()
    group.start("b")
    group.run()
    value = first.metrics.registry.get_sample_value
    assert value("sluice_rebalances_total") == 2
    assert value("sluice_rebalance_seconds_count") == 2


def test_a_flow_that_stood_still_has_stalled() -> None:
    group = Group()
    router = group.start("a")
    group.run()
    assert router.metrics.registry.get_sample_value("sluice_stalls_total") == 0
    group.kafka.now_ms += 1_500
    router.step()
    assert router.metrics.registry.get_sample_value("sluice_stalls_total") == 1


def test_a_partition_that_is_stopped_is_not_live() -> None:
    group = Group()
    router = group.start("a")
    group.run()
    router.metrics.partition_stopped(0)
    assert live(router)["0"] == 0
    assert router.metrics.registry.get_sample_value("sluice_partition_stopped", {"partition": "0"}) == 1


def test_what_waits_for_a_partition_that_is_stopped_is_not_known_any_more() -> None:
    """A gap that stands still would look like a transaction that stays open, which somebody then aborts."""
    metrics = Metrics()
    metrics.lag(0, "orders", 7)
    metrics.lag_age(0, 3.0)
    metrics.stable_gap(0, "orders", 40)
    metrics.stable_gap(1, "orders", 20)
    metrics.partition_stopped(0)
    value = metrics.registry.get_sample_value
    place = {"topic": "orders", "partition": "0"}
    assert value("sluice_lag_records", place) is None
    assert value("sluice_lag_seconds", {"partition": "0"}) is None
    assert value("sluice_stable_gap_records", place) is None
    assert value("sluice_stable_gap_records", {"topic": "orders", "partition": "1"}) == 20


def test_a_collection_of_garbage_is_measured() -> None:
    metrics = Metrics()
    stop = metrics.causes.watch_garbage()
    try:
        before = metrics.registry.get_sample_value("sluice_gc_seconds_count")
        gc.collect()
        # Small ones happen by themselves, and count as well.
        assert (metrics.registry.get_sample_value("sluice_gc_seconds_count") or 0) > (before or 0)
    finally:
        stop()


@pytest.mark.parametrize("counts", [{"_TRANSPORT": 2, "_ALL_BROKERS_DOWN": 1}])
def test_errors_of_the_broker_are_shown_by_kind(counts: dict[str, int]) -> None:
    metrics = Metrics()
    metrics.broker_errors(counts)
    metrics.broker_errors(counts)
    for kind, count in counts.items():
        assert metrics.registry.get_sample_value("sluice_broker_errors_total", {"kind": kind}) == count
