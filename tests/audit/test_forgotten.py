"""What is said of an order that the router does not know any more is no violation, if it may have forgotten it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schemas.codec import encode_notice
from schemas.kinds import EXCEPTIONS
from schemas.notices import ExceptionData, ExceptionOpened
from schemas.times import DAY_MS, rfc3339
from tests.audit.rehearsal import Rehearsal
from tests.audit.small_network import NETWORK, entities, lamps


def ordered(placed_days_ago: int = 0) -> Rehearsal:
    """Three lamps go from Berlin."""
    it = Rehearsal(2)
    it.apply(entities())
    it.bundle()
    it.send("inventory", "stock.counted", {"pool": "berlin", "sku": "lamp", "quantity": 9, "mark": 1})
    it.send("orders", "order.placed", lamps("A", 3, it.now_ms - placed_days_ago * DAY_MS))
    it.bundle()
    return it


def left(it: Rehearsal, total: int, position: int) -> None:
    data: dict[str, Any] = {
        "shipment_id": "A/1/1",
        "lines_total": {"1": total},
        "position": position,
        "carrier": "p",
    }
    it.send("fulfilment", "shipment.dispatched", data)
    it.bundle()


def cancelled(it: Rehearsal) -> None:
    it.send("orders", "cancel.requested", {"order_id": "A", "request_id": "r"})
    it.bundle()


def kinds(it: Rehearsal) -> list[str]:
    said = [msgspec.json.decode(value or b"") for _, value, _ in it.outputs[EXCEPTIONS]]
    return [notice["data"].get("kind", "") for notice in said]


def test_what_is_told_of_an_order_after_it_was_forgotten_has_no_effect() -> None:
    it = ordered()
    left(it, 3, 10)
    it.now_ms += 100 * DAY_MS
    it.bundle()
    left(it, 4, 20)
    cancelled(it)
    assert {"unknown_shipment", "unknown_order"} <= {*kinds(it)}
    assert it.audit().violations == []


def test_an_order_that_was_not_taken_need_not_be_cancelled() -> None:
    it = ordered(placed_days_ago=40)
    cancelled(it)
    assert {"order_too_old", "unknown_order"} <= {*kinds(it)}
    assert it.audit().violations == []


@pytest.mark.promise("P2")
def test_a_router_that_claims_not_to_know_an_order_with_units_to_come_is_not_believed() -> None:
    """Two of three leave, and the router's rows say so: books that left them out would differ."""
    it = ordered()
    left(it, 2, 10)
    data = ExceptionData(exception_id="x", kind="unknown_shipment", cause="c", shipment_id="A/1/1")
    claim = ExceptionOpened(
        id="x", time=rfc3339(it.now_ms), network=NETWORK, sequence=it.partition.sequence, data=data
    )
    it.outputs[EXCEPTIONS].append((b"x", encode_notice(claim), []))
    assert it.audit().violations == []
