"""The played warehouse: one sequence for each pool, and never more out than was in."""

from collections import Counter
from random import Random
from typing import Any

from cli.demo.carriers import SCANNED_SHARE, Carriers
from cli.demo.client import Event
from cli.demo.scripts import Cluster, WarehouseScript
from cli.demo.warehouse import Said, Warehouse

CLUSTER = Cluster(
    bootstrap="127.0.0.1:1", network="eu", inventory="i", orders="o", fulfilment="f"
)  # fmt: skip


def warehouse(quantity: int = 100) -> Warehouse:
    return Warehouse(
        WarehouseScript(
            cluster=CLUSTER,
            name="manhattan",
            seed=1,
            allocations="a",
            pools=["dc-paris"],
            on_hand={"dc-paris": {"mug": quantity}},
            arriving={},
            sales_per_second=0,
            adjustments_per_second=0,
        )
    )


def request(shipment_id: str, quantity: int = 1) -> Event:
    line = {"line_id": "1", "sku": "mug", "quantity": quantity, "unit": "EA"}
    return {"shipment_id": shipment_id, "pool": "dc-paris", "carrier": "dpd", "lines": [line]}


def instruct(played: Warehouse, kind: str, data: Any) -> list[Said]:
    return list(played.instructed(kind, data, 0.0))


def test_what_is_asked_for_is_accepted_then_leaves() -> None:
    played = warehouse()
    said = [instruct(played, "shipment.requested", request(f"O-{number}/1/1")) for number in range(50)]
    kinds = Counter(kind for each in said for _, kind, _ in each)
    assert kinds["shipment.accepted"] + kinds["shipment.rejected"] == 50
    left = [data for _, kind, data in played.work(60.0) if kind == "shipment.dispatched"]
    assert len(left) == kinds["shipment.accepted"]
    assert played.is_idle
    assert played.on_hand["dc-paris"]["mug"] == 100 - len(left)


def test_positions_of_a_pool_rise_and_its_counts_carry_the_latest() -> None:
    played = warehouse()
    for number in range(20):
        instruct(played, "shipment.requested", request(f"O-{number}/1/1"))
    said = [*played.work(60.0), played.adjust_something(), played.arrive("dc-paris", "mug", 5)]
    positions = [data["position"] for _, _, data in said if "position" in data]
    assert positions == sorted(set(positions))
    assert played.count("dc-paris", "mug")[2]["mark"] == positions[-1]


def test_an_empty_shelf_is_counted_and_picked_short() -> None:
    played = warehouse()
    instruct(played, "shipment.requested", request("O-1/1/1", 3))
    _, kind, counted = played.lose_everything("dc-paris", "mug")
    assert (kind, counted["quantity"]) == ("stock.counted", 0)
    said = list(played.work(60.0))
    assert [kind for _, kind, _ in said] == ["line.short_picked"]
    assert said[0][2]["missing"] == 3
    assert said[0][2]["position"] > counted["mark"]


def test_a_cancel_is_accepted_before_the_goods_left_and_refused_after() -> None:
    played = warehouse()
    instruct(played, "shipment.requested", request("O-1/1/1", 2))
    instruct(played, "shipment.requested", request("O-2/1/1"))
    asked = {"shipment_id": "O-1/1/1", "request_id": "r", "lines": {"1": 2}}
    assert instruct(played, "shipment.cancel_requested", asked)[0][1] == "cancel.accepted"
    left = [data["shipment_id"] for _, kind, data in played.work(60.0)]
    assert left == ["O-2/1/1"]
    asked = {"shipment_id": "O-2/1/1", "request_id": "r", "lines": {"1": 1}}
    assert instruct(played, "shipment.cancel_requested", asked)[0][1] == "cancel.refused"


def test_carriers_scan_most_of_what_left_and_each_of_it_once() -> None:
    carriers = Carriers(Random(1))
    names = {f"O-{number}/1/1" for number in range(500)}
    for name in sorted(names):
        carriers.collect({"shipment_id": name, "carrier": "dpd"}, 0.0)
    assert list(carriers.scan(0.5)) == [], "they are on the road"
    scanned = [data["shipment_id"] for carrier, data in carriers.scan(60.0) if carrier == "dpd"]
    assert set(scanned) < names
    assert len(scanned) == len(set(scanned))
    assert abs(len(scanned) / 500 - SCANNED_SHARE) < 0.1
    assert list(carriers.scan(60.0)) == []
