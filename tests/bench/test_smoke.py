"""Every measurement that needs a broker, once and tiny: it works, its numbers mean nothing."""

from typing import TYPE_CHECKING

import pytest

from bench.cluster import Cluster
from bench.latency import latency_lines, measure_latency
from bench.restore import measure_restore, restore_lines
from bench.takeover import WARM, measure_takeover, takeover_lines
from bench.throughput import measure_throughput, throughput_lines
from bench.workload import Size
from tests.side_by_side import takes

if TYPE_CHECKING:
    from infra.kafka.broker import LocalKafka

pytestmark = pytest.mark.kafka


def quiet(_line: str) -> None:
    return None


@takes(14)
def test_the_pass_through_writes_what_the_router_wrote(kafka: "LocalKafka") -> None:
    size = Size(skus=100, orders=1_000)
    result = measure_throughput(Cluster(kafka.bootstrap), size, pairs=1, tell=quiet)
    pair = result.pairs[0]
    assert pair.orders == size.orders
    assert pair.router.bundles == pair.pass_through.bundles
    assert pair.router.records == pair.pass_through.records
    # At the least a decision, an instruction, an order row and a stock row for each order.
    assert pair.output_records > 3 * size.orders
    assert "ratio" in "\n".join(throughput_lines(result))


@takes(14)
def test_latency_of_a_trickle(kafka: "LocalKafka") -> None:
    size = Size(skus=100, orders=100)
    (at_rate,) = measure_latency(Cluster(kafka.bootstrap), size, [100], seconds=1, rounds=1, tell=quiet)
    (only,) = at_rate.rounds
    for latency in (only.router, only.pass_through):
        # On a busy machine some come too late to be counted.
        assert latency.samples > 0
        assert 0 < latency.p50_ms <= latency.p99_ms
    assert "p99" in latency_lines([at_rate])[0]


def test_restore_of_a_small_partition(kafka: "LocalKafka") -> None:
    size = Size(skus=50, orders=200)
    result = measure_restore(Cluster(kafka.bootstrap), size, runs=1, tell=quiet)
    assert result.rows > size.stock_rows
    assert result.seconds > 0
    assert "rows/s" in restore_lines(result)[1]


def test_a_warm_take_over_of_a_small_partition(kafka: "LocalKafka") -> None:
    size = Size(skus=50, orders=200)
    result = measure_takeover(Cluster(kafka.bootstrap), size, runs=1, tell=quiet, kinds=[WARM])
    (only,) = result.warm
    assert only.rows > size.stock_rows
    assert only.seconds > only.prepared_s > 0
    assert "warm" in takeover_lines(result)[1]
