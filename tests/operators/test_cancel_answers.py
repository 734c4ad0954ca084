"""A warehouse answers a cancel request in parts, or after it has lost some of the units: no unit is left in between."""

from __future__ import annotations

from typing import Any

import pytest

from state.limits import Limits
from tests.promises import promise
from tests.small_network import network
from tests.world import World, counted, placed

SHIPMENT = "A/1/1"


def released(*lines: tuple[str, int]) -> World:
    """Ten lamps in Berlin, and an order that its warehouse was told of."""
    world = World(network())
    world.send(counted("berlin", "lamp", 10, 1))
    world.send(placed("A", *lines, channel="express"))
    return world


def asked(world: World, lines: dict[str, int] | None = None) -> None:
    data: dict[str, Any] = {"order_id": "A", "request_id": "r"}
    world.send(("cancel.requested", {**data, "lines": lines} if lines else data))


def accepted(lines: dict[str, int] | None = None) -> tuple[str, dict[str, Any]]:
    data: dict[str, Any] = {"shipment_id": SHIPMENT, "request_id": "r"}
    return "cancel.accepted", {**data, "lines": lines} if lines else data


@promise("P2")
def test_an_answer_line_by_line_cancels_every_line() -> None:
    world = released(("lamp", 3), ("lamp", 2))
    asked(world)
    world.send(accepted({"1": 3}))
    [pending] = world.order("A").shipments[0].pending
    assert pending.lines == ((1, 2),)
    assert world.send(accepted({"2": 2})).exceptions == []
    assert [line.cancelled for line in world.order("A").lines] == [3, 2]
    assert world.stock("berlin", "lamp").reserved == 0


@promise("P2")
def test_an_answer_unit_by_unit_cancels_every_unit() -> None:
    world = released(("lamp", 3))
    asked(world)
    for _ in range(3):
        assert world.send(accepted({"1": 1})).exceptions == []
    assert world.order("A").lines[0].cancelled == 3
    assert world.stock("berlin", "lamp").reserved == 0


@pytest.mark.parametrize("lines", [{}, {"1": 0}, {"2": 2}])
def test_a_refusal_of_nothing_which_is_asked_for_refuses_nothing(lines: dict[str, int]) -> None:
    world = released(("lamp", 3), ("lamp", 2))
    asked(world, {"1": 3})
    before = world.order("A")
    told = world.send(("cancel.refused", {"shipment_id": SHIPMENT, "request_id": "r", "lines": lines}))
    assert (told.exceptions, told.decisions) == (["late_event"], [])
    assert world.order("A") is before


@promise("P3")
def test_an_answer_that_names_nothing_which_is_asked_for_is_told_to_a_person() -> None:
    world = released(("lamp", 3), ("lamp", 2))
    asked(world, {"1": 3})
    assert world.send(accepted({"2": 2})).exceptions == ["late_event"]
    refused = world.send(("cancel.refused", {"shipment_id": SHIPMENT, "request_id": "r", "lines": {"2": 2}}))
    assert (refused.exceptions, refused.decisions) == (["late_event"], []), "nothing was refused"
    assert world.order("A").shipments[0].pending


@promise("P2")
@pytest.mark.parametrize(
    "fact",
    [
        ("shipment.rejected", {"shipment_id": SHIPMENT, "lines": {"1": 3}}),
        (
            "line.short_picked",
            {"shipment_id": SHIPMENT, "line_id": "1", "missing": 3, "reason": "gone", "position": 5},
        ),
    ],
    ids=["rejected", "short picked"],
)
def test_a_warehouse_that_has_lost_some_may_still_agree_to_cancel_the_others(
    fact: tuple[str, dict[str, Any]],
) -> None:
    """Five were to go, two of them are not wanted; it misses three and cancels two: three go from elsewhere."""
    world = released(("lamp", 5))
    world.send(counted("paris", "lamp", 10, 1))
    asked(world, {"1": 2})
    world.send(fact)
    assert world.send(accepted({"1": 2})).exceptions == []
    order = world.order("A")
    assert order.lines[0].cancelled == 2
    assert [(each.pool, sum(part.unshipped for part in each.lines)) for each in order.shipments] == [
        ("berlin", 0), ("paris", 3),
    ]  # fmt: skip
    assert world.stock("berlin", "lamp").reserved == 0


@promise("P2")
def test_a_warehouse_that_has_lost_nearly_all_has_cancelled_what_it_cannot_ship() -> None:
    world = released(("lamp", 5))
    asked(world, {"1": 2})
    world.send(("shipment.rejected", {"shipment_id": SHIPMENT, "lines": {"1": 4}}))
    order = world.order("A")
    assert order.lines[0].cancelled == 1
    assert [pending.lines for pending in order.shipments[0].pending] == [((0, 1),)]


@promise("P2")
def test_a_request_that_is_still_to_be_answered_is_asked_once_however_many_came_since() -> None:
    world = World(network(), Limits(documents_max=1))
    world.send(counted("berlin", "lamp", 10, 1))
    world.send(placed("A", ("lamp", 5), channel="express"))
    asked(world, {"1": 1})
    world.send(("cancel.requested", {"order_id": "A", "request_id": "other", "lines": {"1": 1}}))
    asked(world, {"1": 1})
    assert [request.request_id for request in world.order("A").shipments[0].pending] == ["r", "other"]
    world.send(accepted())
    assert world.order("A").lines[0].cancelled == 1


def dispatched(units: int) -> tuple[str, dict[str, Any]]:
    data = {"shipment_id": SHIPMENT, "lines_total": {"1": units}, "position": 9, "carrier": "dpd"}
    return "shipment.dispatched", data


REFUSED = ("cancel.refused", {"shipment_id": SHIPMENT, "request_id": "r", "reason": "it has left"})


def test_a_refusal_after_the_dispatch_has_told_it_all_bothers_nobody_again() -> None:
    """The request crossed the dispatch: the warehouse reads it when the goods are gone, and answers as it should."""
    world = released(("lamp", 1))
    asked(world)
    assert world.send(dispatched(1)).exceptions == ["shipped_despite_cancel"]
    told = world.send(REFUSED)
    assert (told.exceptions, told.decisions, told.outcome.measures.stale) == ([], [], 1)


def test_a_refusal_of_what_the_warehouse_has_agreed_to_is_told_to_a_person() -> None:
    world = released(("lamp", 3))
    asked(world, {"1": 1})
    world.send(accepted())
    assert world.send(REFUSED).exceptions == ["late_event"]
    world.send(dispatched(2))
    again = ("cancel.refused", {**REFUSED[1], "reason": "no, it has left"})
    assert world.send(again).exceptions == ["late_event"]
