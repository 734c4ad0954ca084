"""What metrics may cost whoever reads them: how many series, how large a scrape, and which labels there are."""

from __future__ import annotations

import time

from prometheus_client import generate_latest

from bench.metrics_cost import cost_table, measure_cost
from bench.workload import Size
from flows.metrics import Metrics
from flows.metrics.catalogue import LABEL_VALUES_MAX, OTHER
from tests.flows.metrics.figures import Counted
from tests.small_network import cutoff, lane, network, pool
from tests.world import counted, placed

POOLS = [f"store-{number:04d}" for number in range(2_000)]

LABELS = {
    "partition", "topic", "type", "reason", "kind", "cause", "outcome", "remedy", "pool", "channel", "service",
    "carrier", "country", "part", "network", "currency", "set_id", "version", "python", "core",
}  # fmt: skip
"""None of them names an order, an item or a customer."""


def test_labels_are_the_bounded_ones() -> None:
    used = {label for entry in Metrics().book.entries for label in entry.labels}
    assert used == LABELS


def test_every_metric_is_described_once_and_only_what_is_described_is_shown() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 5, 1), placed("o1", ("lamp", 2), channel="express"))
    names = [entry.name for entry in it.metrics.book.entries]
    assert len(names) == len(set(names))
    shown = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in it.metrics.registry.collect()
        if not family.name.startswith("process_")
    }
    assert shown == {name for name in names if not name.startswith("process_")}


def test_two_thousand_pools_are_a_scrape_of_bounded_size() -> None:
    places = ("pool", "lane", "cutoff", "channel")
    it = Counted(
        [
            *(entity for entity in network() if entity["kind"] not in places),
            {"kind": "channel", "channel": "web", "pools": POOLS, "policy": "at-once"},
            *(pool(name, orders_per_day=100) for name in POOLS),
            *(cutoff(name) for name in POOLS),
            *(lane(name, "de", 4_000_000) for name in POOLS),
        ]
    )
    it.look()
    took_s = []
    for _ in range(3):
        started_s = time.process_time()
        text = generate_latest(it.metrics.registry)
        took_s.append(time.process_time() - started_s)
    series = [line for line in text.splitlines() if not line.startswith(b"#")]
    # Twenty-three figures for each pool, and some three hundred others.
    assert 23 * len(POOLS) <= len(series) < 23 * len(POOLS) + 400
    assert len(text) < 2_600_000
    # 0.13 s on a quiet machine, once every 15 s; collecting the garbage of the tests before may come on top.
    assert min(took_s) < 1


def test_names_beyond_the_bound_are_counted_together() -> None:
    metrics = Metrics()
    for number in range(LABEL_VALUES_MAX + 3):
        metrics.symptoms.pools.row(f"pool-{number}")[metrics.business.released_units] += 1
        metrics.business.packages.add((f"channel-{number}", "standard"), 1)
    value = metrics.registry.get_sample_value
    assert value("sluice_released_units_total", {"pool": OTHER}) == 3
    assert value("sluice_packages_total", {"channel": OTHER, "service": OTHER}) == 3


def test_the_cost_of_all_metrics_can_be_measured() -> None:
    cost = measure_cost(Size(skus=100, orders=400), orders=400, bundle_records=85, runs=2)
    assert cost.orders == 400
    assert cost.total(cost.undisturbed) > 0
    assert all(cost.undisturbed[part] <= cost.medians[part] for part in cost.medians)
    assert "us an order" in cost_table([cost])[0]
