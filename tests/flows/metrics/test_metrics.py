"""Metrics as Prometheus reads them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from flows.metrics import Metrics
from flows.metrics.histogram import WeightedHistogram
from state.partition import Partition


def test_a_weighted_observation_equals_as_many_single_ones() -> None:
    registries = [CollectorRegistry(), CollectorRegistry()]
    at_once, one_by_one = (
        WeightedHistogram("age_seconds", "Age.", "topic", (0.1, 1.0), registry) for registry in registries
    )
    at_once.observe("orders", 0.5, 3)
    at_once.observe("orders", 7.0, 2)
    for value in (0.5, 0.5, 0.5, 7.0, 7.0):
        one_by_one.observe("orders", value)
    text = generate_latest(registries[0]).decode()
    assert text == generate_latest(registries[1]).decode()
    assert 'age_seconds_bucket{le="1.0",topic="orders"} 3.0' in text
    assert 'age_seconds_count{topic="orders"} 5.0' in text
    assert 'age_seconds_sum{topic="orders"} 15.5' in text


def test_every_metric_has_the_prefix_and_a_sentence() -> None:
    for family in Metrics().registry.collect():
        assert family.name.startswith(("sluice_", "process_"))
        assert family.documentation.endswith(".")


def test_a_partition_that_is_gone_leaves_no_gauge_behind() -> None:
    metrics = Metrics()
    metrics.partition_restored(Partition(3, 4), 0.5, 0)
    metrics.lag(3, "orders", 7)
    assert (
        'sluice_lag_records{partition="3",topic="orders"} 7.0' in generate_latest(metrics.registry).decode()
    )
    metrics.partition_gone(3)
    assert 'partition="3"' not in generate_latest(metrics.registry).decode()
