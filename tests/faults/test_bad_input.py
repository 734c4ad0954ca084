"""Records that cannot be understood: each ends as a dead letter with its own bytes, and the flow goes on."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from schemas.kinds import DEAD_LETTERS, FULFILMENT, INVENTORY, ORDERS
from tests.faults.stage import Stage, order_of, wait_for
from tests.promises import promise

# The largest value that fits the broker's default of 1,048,588 bytes for a batch of one record.
LARGEST_BYTES = 1_048_400


def _event(kind: str, **data: object) -> bytes:
    event = {
        "specversion": "1.0", "source": "test", "id": f"bad/{kind}/{len(data)}", "type": kind,
        "time": "2026-11-23T10:00:00Z", "network": "eu", "data": data,
    }  # fmt: skip
    return json.dumps(event).encode()


POISON: tuple[tuple[str, bytes], ...] = (
    (ORDERS, b"{ this is not JSON"),
    (ORDERS, b"\xff\xfe\x00"),
    (ORDERS, b"[" * 100_000),
    (ORDERS, _event("order.teleported")),
    (ORDERS, _event("order.placed", order_id="O-x")),
    (INVENTORY, _event("stock.counted", pool="dc-paris", sku="SKU-1", quantity=-1, mark=9)),
    (INVENTORY, _event("stock.counted", pool="nowhere", sku="SKU-1", quantity=1, mark=9)),
    (FULFILMENT, b""),
)


@promise("P3")
def test_poison_and_oversized_records_end_as_dead_letters(kafka: Any, prefix: str, tmp_path: Path) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path, partitions=2)
    stage.send_stock("eu", quantity=50)
    stage.send_orders("eu", first=0, count=20)
    home = next(place for place in (0, 1) if stage.read(ORDERS, place))
    largest = random.Random(1).randbytes(LARGEST_BYTES)
    for topic, value in POISON:
        stage.send(topic, home, value)
    stage.send(ORDERS, home, largest)
    stage.send(ORDERS, home, None)
    stage.send_orders("eu", first=20, count=20)
    stray = stage.read(ORDERS, home)[0]
    stage.send(ORDERS, 1 - home, stray)
    stage.flush()

    with stage.router(bundle_records_max=10) as router:
        wait_for(router.is_ready, "the router")
        stage.wait_until_done([router])
        assert router.terminate() == 0

    expected = [value for _topic, value in POISON] + [largest, b""]
    assert sorted(stage.read(DEAD_LETTERS, home)) == sorted(expected)
    assert stage.read(DEAD_LETTERS, 1 - home) == [stray]
    orders = {order_of(decision) for decision in stage.decisions(home)}
    assert orders == {f"O-{number}" for number in range(40)}
    assert stage.audit().counts["dead letters"] == len(expected) + 1
