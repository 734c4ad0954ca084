"""Router and auditor, written apart, must agree on whatever happens: neither knows how the other counts."""

from __future__ import annotations

import pytest

from state.limits import Limits
from tests.audit.rehearsal import Rehearsal
from tests.audit.small_network import entities, lamps

BUNDLES = 150


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
@pytest.mark.promise("P3")
@pytest.mark.promise("P4")
@pytest.mark.parametrize("seed", range(8))
def test_the_auditor_agrees_with_the_router(seed: int) -> None:
    # Every other sender repeats itself under new event ids and reports more than it was told to ship.
    rehearsal = Rehearsal(seed, careless=seed % 2 == 1)
    rehearsal.run(BUNDLES)
    report = rehearsal.audit()
    assert report.violations == []
    assert report.unproved == {}
    assert report.counts["decisions"] > BUNDLES
    assert report.counts["shipments sent"] > 15
    assert report.counts["dead letters"] > 0
    assert report.counts["duplicates"] > 0


def test_it_agrees_when_the_agenda_is_short() -> None:
    rehearsal = Rehearsal(1, Limits(agenda_orders_max=1))
    rehearsal.run(BUNDLES)
    assert rehearsal.audit().violations == []


def test_units_that_were_lost_and_not_wanted_count_as_cancelled_before_the_router_has_said_so() -> None:
    """Two orders lose all that their customers no longer want; only one of them is decided in that bundle."""
    it = Rehearsal(3, Limits(agenda_orders_max=1))
    it.apply(entities())
    it.bundle()
    it.send("inventory", "stock.counted", {"pool": "berlin", "sku": "lamp", "quantity": 9, "mark": 1})
    for order_id in "AB":
        it.send("orders", "order.placed", lamps(order_id, 2, it.now_ms))
    it.bundle()
    for order_id in "AB":
        it.send("orders", "cancel.requested", {"order_id": order_id, "request_id": "r"})
    it.bundle()
    for order_id in "AB":
        it.send("fulfilment", "shipment.rejected", {"shipment_id": f"{order_id}/1/1"})
    it.send("orders", "cancel.requested", {"order_id": "B", "request_id": "s"})
    it.bundle()
    it.bundle()
    assert it.audit().violations == []


def test_a_cancel_request_that_found_nothing_may_be_sent_again_and_ask_for_more() -> None:
    """It came when all units of its line had left, had no effect, and comes again under another event id."""
    it = Rehearsal(3)
    it.apply(entities())
    it.bundle()
    it.send("inventory", "stock.counted", {"pool": "berlin", "sku": "lamp", "quantity": 9, "mark": 1})
    order = lamps("A", 2, it.now_ms)
    order["lines"].append({**order["lines"][0], "line_id": "2"})
    it.send("orders", "order.placed", order)
    it.bundle()
    left = {"shipment_id": "A/1/1", "lines_total": {"1": 2}, "position": 2, "carrier": "post"}
    it.send("fulfilment", "shipment.dispatched", left)
    it.bundle()
    for line_id in "12":
        request = {"order_id": "A", "request_id": "r", "lines": {line_id: 1}}
        it.send("orders", "cancel.requested", request)
        it.bundle()
    it.send("fulfilment", "cancel.accepted", {"shipment_id": "A/1/1", "request_id": "r"})
    assert it.bundle().measures.decisions == {("cancel.accepted", "one_shipment"): 1}
    assert it.audit().violations == []
