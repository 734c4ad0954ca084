"""Deliveries: what a carrier says of a shipment, in any order with what its warehouse says."""

from __future__ import annotations

from typing import Any

from schemas.rows import ShipmentRow
from schemas.times import DAY_MS, NEVER_MS, rfc3339
from state.limits import Limits
from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import ms, network
from tests.world import Told, World, counted, placed

NAME = "A/1/1"
LIMITS = Limits()


def world(quantity: int = 3) -> World:
    """Berlin was told to ship `quantity` lamps to customer A."""
    here = World(network())
    here.send(counted("berlin", "lamp", 9, 10), placed("A", ("lamp", quantity), channel="express"))
    return here


def left(units: int, position: int = 20) -> tuple[str, dict[str, Any]]:
    data = {"shipment_id": NAME, "lines_total": {"1": units}, "position": position, "carrier": "post"}
    return "shipment.dispatched", data


def arrived(units: int | None = None, at: str = "", name: str = NAME) -> tuple[str, dict[str, Any]]:
    data: dict[str, Any] = {"shipment_id": name}
    if units is not None:
        data["lines_total"] = {"1": units}
    if at:
        data["delivered_at"] = rfc3339(ms(at))
    return "shipment.delivered", data


def shipment(here: World) -> ShipmentRow:
    return here.order("A").shipments[0]


def stale(told: Told) -> bool:
    return told.outcome.measures.stale == 1 and not told.outcome.measures.changed_rows


@promise("P2")
def test_what_left_arrives_and_moves_no_stock() -> None:
    here = world()
    here.send(left(3))
    stock = here.stock("berlin", "lamp")
    told = here.send(arrived(at="2026-03-17 11:00"))
    assert (shipment(here).state, shipment(here).delivered_at_ms) == ("delivered", ms("2026-03-17 11:00"))
    assert shipment(here).lines[0].arrived == 3
    assert here.stock("berlin", "lamp") is stock
    assert (told.exceptions, told.decisions, told.instructions) == ([], [], [])
    same_memory(here.partition, here.restored())


def test_without_a_time_of_its_own_it_was_when_the_event_says() -> None:
    here = world()
    here.send(left(3))
    here.tick("2026-03-17 11:30")
    here.send(arrived())
    assert shipment(here).delivered_at_ms == ms("2026-03-17 11:30")


def test_figures_see_the_order_before_and_after() -> None:
    here = world()
    here.send(left(3))
    before = here.order("A")
    ((was, now),) = here.send(arrived()).outcome.measures.networks["shop"].changes
    assert (was, now) == (before, here.order("A"))


@promise("P2")
def test_a_part_arrives_and_then_the_rest() -> None:
    here = world()
    here.send(left(3))
    here.send(arrived(1, "2026-03-17 10:00"))
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("dispatched", 1)
    here.send(arrived(3, "2026-03-18 10:00"))
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("delivered", 3)
    assert shipment(here).delivered_at_ms == ms("2026-03-18 10:00")


@promise("P2")
def test_a_repeated_or_overtaken_delivery_counts_once() -> None:
    here = world()
    here.send(left(3))
    here.send(arrived(2, "2026-03-18 10:00"))
    before = shipment(here)
    for late in (arrived(2, "2026-03-19 10:00"), arrived(1, "2026-03-17 10:00"), arrived(0)):
        assert stale(here.send(late))
        assert shipment(here) is before


def test_without_lines_it_is_what_was_dispatched_so_far() -> None:
    here = world()
    here.send(left(2))
    assert here.send(arrived()).exceptions == []
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("sent", 2)
    here.send(left(3, 21))
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("dispatched", 2)
    here.send(arrived())
    assert shipment(here).state == "delivered"


@promise("P2")
def test_what_arrives_before_its_dispatch_was_told_waits_for_it_through_a_crash() -> None:
    here = world()
    told = here.send(arrived(at="2026-03-16 12:00"))
    assert told.exceptions == ["delivered_not_dispatched"]
    assert "3 units arrived" in told.of("exception.opened")[0]["cause"]
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("sent", 0)
    assert here.stock("berlin", "lamp").reserved == 3
    here.restart()
    told = here.send(left(2))
    assert told.of("exception.closed") == []
    told = here.send(left(3, 21))
    (closed,) = told.of("exception.closed")
    assert closed["exception_id"] == f"delivered_not_dispatched/{NAME}"
    assert (shipment(here).state, shipment(here).delivered_at_ms) == ("delivered", ms("2026-03-16 12:00"))
    same_memory(here.partition, here.restored())


def test_more_than_was_shipped_stays_for_a_person() -> None:
    here = world()
    here.send(left(3))
    assert here.send(arrived(5)).exceptions == ["delivered_not_dispatched"]
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("delivered", 3)
    assert stale(here.send(arrived(5)))
    assert here.send(arrived(6)).exceptions == ["delivered_not_dispatched"]


def test_what_left_although_it_was_cancelled_has_one_exception_not_two() -> None:
    here = world()
    here.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    here.send(("cancel.accepted", {"shipment_id": NAME, "request_id": "r"}))
    assert here.send(left(3)).exceptions == ["dispatched_too_much"]
    assert here.send(arrived()).exceptions == []
    assert (shipment(here).state, shipment(here).lines[0].arrived) == ("cancelled", 0)


def test_what_was_cancelled_and_arrives_all_the_same_is_for_a_person() -> None:
    here = world()
    here.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    here.send(("cancel.accepted", {"shipment_id": NAME, "request_id": "r"}))
    assert here.send(arrived()).exceptions == ["delivered_not_dispatched"]
    assert shipment(here).state == "cancelled"


def test_a_shipment_that_nobody_knows_is_for_a_person() -> None:
    here = world()
    assert here.send(arrived(name="B/1/1")).exceptions == ["unknown_shipment"]
    letters = here.send(("shipment.delivered", {"shipment_id": NAME, "lines_total": {"9": 1}})).dead_letters
    assert [letter["reason"] for letter in letters] == ["unknown_line"]


def test_a_shipment_is_delivered_once_the_rest_of_it_is_given_back() -> None:
    here = world()
    here.send(left(2))
    here.send(arrived())
    here.send(("line.short_picked", {"shipment_id": NAME, "line_id": "1", "missing": 1, "position": 30}))
    assert shipment(here).state == "delivered"
    assert stale(here.send(("shipment.accepted", {"shipment_id": NAME}))), "late states are legal"


def test_decisions_show_what_is_delivered_beside_what_is_shipped() -> None:
    here = World(network())
    here.send(
        counted("berlin", "lamp", 9, 10),
        placed("A", ("lamp", 4), channel="express", max_shipments=1),
    )
    here.send(left(3))
    here.send(arrived(2))
    told = here.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    (decision,) = told.decisions
    (line,) = decision["lines"]
    assert {key: line[key] for key in line if key not in ("line_id", "sku", "quantity")} == {
        "shipped": 1, "delivered": 2, "cancel_pending": 1,
    }  # fmt: skip
    (part,) = decision["shipments"][0]["lines"]
    assert (part["quantity"], part["shipped"], part["delivered"]) == (4, 1, 2)


# --- closing ------------------------------------------------------------------------------------------------


def closes_ms(here: World) -> int:
    return here.order("A").closed_at_ms


def test_an_order_whose_goods_have_arrived_closes_without_the_silence() -> None:
    here = world()
    here.send(left(3))
    silent_ms = here.now_ms + LIMITS.shipped_silence_ms + LIMITS.closed_grace_ms
    assert closes_ms(here) == silent_ms
    here.send(arrived(2))
    assert closes_ms(here) == silent_ms, "one is still on its way"
    here.send(arrived(3))
    assert closes_ms(here) == silent_ms - 60 * DAY_MS
    delivered = here.order("A")
    here.tick("2026-03-20 08:00")
    here.send(arrived(4))
    assert closes_ms(here) == delivered.closed_at_ms, "closed already, it keeps its time"
    same_memory(here.partition, here.restored())
    here.advance("2026-04-16 00:00")
    assert "A" not in here.network.orders.rows


def test_what_arrives_late_in_the_silence_closes_no_later() -> None:
    here = world()
    here.send(left(3))
    silent_ms = closes_ms(here)
    here.advance("2026-06-10 00:00")
    here.send(arrived())
    assert closes_ms(here) == silent_ms


def test_an_order_stays_open_while_anything_of_it_waits() -> None:
    here = World(network())
    here.send(counted("berlin", "lamp", 3, 10), placed("A", ("lamp", 3), ("chair", 1), channel="express"))
    here.send(left(3))
    here.send(arrived())
    assert closes_ms(here) == NEVER_MS
    here.send(("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {"2": 1}}))
    assert closes_ms(here) == here.now_ms + LIMITS.closed_grace_ms
