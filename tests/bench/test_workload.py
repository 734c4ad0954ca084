"""The workload: the same records for the same size, and the shape that the benchmarks page promises."""

from collections import Counter
from datetime import UTC, datetime

import msgspec

from bench.baskets import apportioned
from bench.workload import NETWORK, SUPPLY, Size, Workload
from cli.reference.sets import key_of
from cli.workload.popularity import Popularity
from schemas.codec import decode_input
from schemas.inventory import StockCountedEvent
from schemas.kinds import INVENTORY, ORDERS
from schemas.orders import OrderPlacedEvent
from state.catalog_faults import faults_of

STARTS = datetime(2026, 11, 23, 10, tzinfo=UTC)
SIZE = Size(skus=500, orders=2_000)


def orders_of(workload: Workload) -> list[OrderPlacedEvent]:
    return [msgspec.convert(decode_input(ORDERS, value), OrderPlacedEvent) for value in workload.orders()]


def test_the_same_size_gives_the_same_bytes() -> None:
    first, second = Workload(SIZE, STARTS), Workload(SIZE, STARTS)
    assert list(first.orders()) == list(second.orders())
    assert list(first.counts()) == list(second.counts())
    assert first.network() == second.network()


def test_orders_may_be_drawn_without_the_stock() -> None:
    whole = Workload(SIZE, STARTS)
    list(whole.counts())
    assert list(whole.orders()) == list(Workload(SIZE, STARTS).orders())


def test_the_reference_fits_together() -> None:
    network = Workload(SIZE, STARTS).network()
    assert network.name == NETWORK
    assert faults_of({key_of(entity): entity for entity in network.entities}) == []


def test_orders_have_two_lines_in_the_mean_and_few_of_many_units() -> None:
    lines = [order.data.lines for order in orders_of(Workload(SIZE, STARTS))]
    assert 1.85 < sum(map(len, lines)) / len(lines) < 2.15
    quantities = Counter(line.quantity for each in lines for line in each)
    assert set(quantities) == {1, 2, 3}
    assert 0.78 < quantities[1] / quantities.total() < 0.86
    assert all(len({line.sku for line in each}) == len(each) for each in lines)


def test_supply_is_demand_and_a_fifth_spread_over_ten_pools_for_each_item() -> None:
    workload = Workload(SIZE, STARTS)
    ordered = sum(line.quantity for order in orders_of(workload) for line in order.data.lines)
    counts = [
        msgspec.convert(decode_input(INVENTORY, value), StockCountedEvent).data for value in workload.counts()
    ]
    assert len(counts) == SIZE.stock_rows == 5_000
    assert sum(count.quantity for count in counts) == round(SUPPLY * ordered)
    assert len({(count.pool, count.sku) for count in counts}) == len(counts)
    assert set(Counter(count.sku for count in counts).values()) == {10}


def test_units_are_apportioned_to_the_last_one() -> None:
    assert apportioned(10, [0.5, 0.25, 0.25]) == [5, 3, 2]
    assert apportioned(0, [0.5, 0.5]) == [0, 0]
    assert sum(apportioned(12_345, Popularity(1_000).shares)) == 12_345
