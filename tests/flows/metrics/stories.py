"""What may happen to a few orders, told to a partition that counts: each story by itself, for any test of figures."""

from __future__ import annotations

from schemas.kinds import FULFILMENT
from tests.flows.metrics.figures import Counted
from tests.world import counted, placed

NOON = "2026-03-16 12:00"
TRUCK_GONE = "2026-03-16 14:06"
"""Berlin's truck is collected at 15:00 local time, 14:00 UTC; its warehouse needs an hour to pick.  What left with it
may be told for five minutes more."""

SCANS_ARE_IN = "2026-03-18 01:01"
"""Deliver-by was Tuesday, 20:00 local time; six hours later it is judged."""

STOCK = (counted("berlin", "lamp", 10, 1), counted("berlin", "chair", 5, 1))


def dispatched(shipment_id: str, totals: dict[str, int], position: int = 5) -> tuple[str, dict[str, object]]:
    return "shipment.dispatched", {
        "shipment_id": shipment_id, "lines_total": totals, "position": position, "carrier": "post",
    }  # fmt: skip


def delivered(shipment_id: str, moment: str) -> tuple[str, dict[str, object]]:
    return "shipment.delivered", {"shipment_id": shipment_id, "delivered_at": moment}


def one_order(it: Counted) -> None:
    it.send(*STOCK, placed("o1", ("lamp", 2), ("chair", 1), channel="express"))


def two_packages(it: Counted) -> None:
    it.send(counted("berlin", "lamp", 1, 1), counted("paris", "chair", 1, 1))
    it.send(placed("o1", ("lamp", 1), ("chair", 1), channel="express"))


def released_later(it: Counted) -> None:
    it.send(*STOCK, placed("o1", ("lamp", 2)))
    assert it.value("released_shipments_total", pool="berlin") == 0
    it.until(NOON)


def nothing_there(it: Counted) -> None:
    it.send(placed("o1", ("lamp", 2)))


def accepted(it: Counted) -> None:
    one_order(it)
    it.send(
        ("shipment.accepted", {"shipment_id": "o1/1/1"}), ("shipment.accepted", {"shipment_id": "o1/1/1"})
    )


def refused(it: Counted) -> None:
    """Requested only, and no pool can serve it: by the policies of this network such units do not wait."""
    it.send(placed("o1", ("lamp", 2), channel="express", commitment="request"))


def refused_in_part(it: Counted) -> None:
    it.send(
        counted("berlin", "lamp", 1, 1), placed("o1", ("lamp", 2), channel="express", commitment="request")
    )


def rejected(it: Counted) -> None:
    one_order(it)
    it.send(("shipment.rejected", {"shipment_id": "o1/1/1", "lines": {"1": 2}, "reason": "full"}))
    it.send(("shipment.rejected", {"shipment_id": "o1/1/1", "lines": {"1": 2}, "reason": "full"}))


def short_picked(it: Counted) -> None:
    one_order(it)
    it.send(
        (
            "line.short_picked",
            {"shipment_id": "o1/1/1", "line_id": "1", "missing": 1, "reason": "gone", "position": 5},
        )
    )


def dispatched_early(it: Counted) -> None:
    one_order(it)
    it.send(dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.until(TRUCK_GONE)


def told_a_little_later(it: Counted) -> None:
    """It left with the truck, and the warehouse tells so in its next round."""
    one_order(it)
    it.until("2026-03-16 13:55")
    event = it.world.event(*dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.until("2026-03-16 14:03")
    it.commit(it.world.bundle({FULFILMENT: [event]}))
    it.until(TRUCK_GONE)


def dispatched_after_the_truck(it: Counted) -> None:
    one_order(it)
    it.until("2026-03-16 14:01")
    it.send(dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.until(TRUCK_GONE)


def dispatched_in_parts(it: Counted) -> None:
    one_order(it)
    it.send(dispatched("o1/1/1", {"1": 2}))
    it.until(TRUCK_GONE)
    it.send(dispatched("o1/1/1", {"1": 2, "2": 1}, position=6))
    it.look()


def never_dispatched(it: Counted) -> None:
    one_order(it)
    it.until(TRUCK_GONE)


def cancelled_before_the_truck(it: Counted) -> None:
    one_order(it)
    it.send(("cancel.requested", {"order_id": "o1", "request_id": "r", "reason": "changed my mind"}))
    it.send(("cancel.accepted", {"shipment_id": "o1/1/1", "request_id": "r"}))
    it.until(TRUCK_GONE)


def cancelled_in_part_at_once(it: Counted) -> None:
    """Placed and cut down in one bundle: ordered were five, the warehouse is told of two."""
    it.send(
        *STOCK,
        placed("o1", ("lamp", 2), ("chair", 3), channel="express"),
        (
            "cancel.requested",
            {"order_id": "o1", "request_id": "r", "lines": {"2": 3}, "reason": "changed my mind"},
        ),
    )


def cancelled_wholly_at_once(it: Counted) -> None:
    """Placed and cancelled in one bundle: ordered were five all the same."""
    it.send(
        *STOCK,
        placed("o1", ("lamp", 2), ("chair", 3), channel="express"),
        ("cancel.requested", {"order_id": "o1", "request_id": "r", "reason": "changed my mind"}),
    )


def delivered_on_time(it: Counted) -> None:
    dispatched_early(it)
    it.send(delivered("o1/1/1", "2026-03-17T10:00:00Z"))
    it.until(SCANS_ARE_IN)


def delivered_late(it: Counted) -> None:
    """It is judged when its scans should be in; what is told afterwards changes nothing."""
    dispatched_early(it)
    it.until(SCANS_ARE_IN)
    it.send(delivered("o1/1/1", "2026-03-18T11:00:00Z"))
    it.until("2026-03-20 12:00")


def never_scanned(it: Counted) -> None:
    dispatched_early(it)
    it.until(SCANS_ARE_IN)


def promise_withdrawn(it: Counted) -> None:
    it.send(*STOCK, placed("o1", ("lamp", 4)), placed("o2", ("lamp", 4), priority=9))
    it.send(counted("berlin", "lamp", 5, 2))


def units_at_risk(it: Counted) -> None:
    one_order(it)
    it.send(counted("berlin", "lamp", 1, 2))


def risk_gone(it: Counted) -> None:
    units_at_risk(it)
    it.send(counted("berlin", "lamp", 2, 3))


def rejected_after_the_truck(it: Counted) -> None:
    """Judged, then rejected and planned anew for the next day."""
    one_order(it)
    it.until(TRUCK_GONE)
    it.send(("shipment.rejected", {"shipment_id": "o1/1/1", "reason": "full"}))
    it.send(counted("paris", "lamp", 10, 1), counted("paris", "chair", 5, 1))
    assert [shipment.pool for shipment in it.world.order("o1").shipments] == ["berlin", "paris"]


def planned_when_overdue(it: Counted) -> None:
    """It waited until it was overdue and was judged; then stock came."""
    nothing_there(it)
    it.until("2026-03-20 09:00")
    it.send(counted("berlin", "lamp", 10, 1))
    assert it.world.order("o1").shipments
