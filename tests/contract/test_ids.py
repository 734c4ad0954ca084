"""Ids and keys of what is published are derived from it, in the samples as on the topics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from docs.contract_files import samples
from tests.contract.test_samples import conversation

Notice = dict[str, Any]

IDS: dict[str, Callable[[Notice, dict[str, Any]], str]] = {
    "order.decided": lambda notice, data: f"{data['order_id']}/{data['decision']}",
    "shipment.requested": lambda notice, data: str(data["shipment_id"]),
    "shipment.cancel_requested": lambda notice, data: f"{data['shipment_id']}/{data['request_id']}",
    "count.requested": lambda notice, data: (
        f"{notice['sequence']}/count/{data['pool']}/{data['sku']}/{data['reason'].split(':')[0].split()[-1]}"
    ),
    "exception.opened": lambda notice, data: f"{notice['sequence']}/{data['exception_id']}",
    "exception.closed": lambda notice, data: f"{notice['sequence']}/{data['exception_id']}/closed",
    "set.activated": lambda notice, data: f"set/{data['set_id']}/activated",
    "set.refused": lambda notice, data: f"set/{data['set_id']}/refused/{notice['sequence']}",
    "stock.drift_found": lambda notice, data: (
        f"{notice['sequence']}/stock_drift/{_stock(data)}/{data['mark']}"
    ),
}
KEYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "order.decided": lambda data: str(data["order_id"]),
    "shipment.requested": lambda data: str(data["shipment_id"]),
    "shipment.cancel_requested": lambda data: str(data["shipment_id"]),
    "count.requested": lambda data: str(data["pool"]),
    "exception.opened": lambda data: str(data["exception_id"]),
    "exception.closed": lambda data: str(data["exception_id"]),
    "set.activated": lambda data: str(data["set_id"]),
    "set.refused": lambda data: str(data["set_id"]),
    "stock.drift_found": lambda data: _stock(data),
}


def _stock(data: dict[str, Any]) -> str:
    return f"{data['pool']}/{data['sku']}/{data['class']}"


@pytest.mark.parametrize("name", sorted(IDS))
def test_a_sample_has_the_id_that_the_router_would_give_it(name: str) -> None:
    sample = samples()[name]
    assert sample["id"] == IDS[name](sample, sample["data"])


def test_what_the_router_publishes_has_these_ids_and_keys() -> None:
    said = set()
    for topic, key, value, _ in conversation().publications:
        if topic in ("decisions", "exceptions") or topic.startswith("allocations."):
            notice = json.loads(value or b"")
            name = notice["type"]
            assert notice["id"] == IDS[name](notice, notice["data"])
            assert (key or b"").decode() == KEYS[name](notice["data"])
            said.add(name)
    assert said >= IDS.keys() - {"exception.closed", "set.refused"}
