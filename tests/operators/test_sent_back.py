"""What a warehouse sends back is told with its own words, in the bundle that takes them."""

from __future__ import annotations

from typing import Any

from state.limits import Limits
from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import network
from tests.world import Told, World, counted, placed

DAMAGED = "the pallet is damaged"


def rejected(order_id: str, reason: str = DAMAGED, **data: Any) -> tuple[str, dict[str, Any]]:
    return "shipment.rejected", {"shipment_id": f"{order_id}/1/1", "reason": reason, **data}


def missed(order_id: str, line: str, missing: int, reason: str) -> tuple[str, dict[str, Any]]:
    data = {"shipment_id": f"{order_id}/1/1", "line_id": line, "missing": missing, "position": 20}
    return "line.short_picked", {**data, "reason": reason}


def released(limits: Limits | None = None, orders: tuple[str, ...] = ("A",), paris: int = 0) -> World:
    """Orders of two lamps and a rug each that Berlin was told of, and so many lamps in Paris."""
    world = World(network(), limits)
    for sku in ("lamp", "rug"):
        world.send(counted("berlin", sku, 2 * len(orders), 10), counted("paris", sku, paris, 10))
    world.send(*(placed(order_id, ("lamp", 2), ("rug", 1), channel="express") for order_id in orders))
    return world


def said(told: Told) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(data["cause"], list(data["why"].get("sent_back", ()))) for data in told.decisions]


def back(cause: str, reason: str, **lines: int) -> dict[str, Any]:
    numbered = {line.removeprefix("line_"): units for line, units in lines.items()}
    words = {"reason": reason} if reason else {}
    return {"shipment_id": "A/1/1", "pool": "berlin", "cause": cause, "lines": numbered, **words}


@promise("P5")
def test_the_decision_that_follows_carries_the_warehouses_words() -> None:
    told = released(paris=9).send(rejected("A"))
    assert said(told) == [
        ("shipment.rejected", [back("shipment.rejected", DAMAGED, line_1=2, line_2=1)]),
    ]
    assert [each["pool"] for each in told.decisions[0]["shipments"]] == ["paris"]


@promise("P5")
def test_so_does_that_of_an_order_which_waits_now() -> None:
    told = released().send(rejected("A", lines={"1": 1}))
    assert said(told) == [("shipment.rejected", [back("shipment.rejected", DAMAGED, line_1=1)])]
    assert told.decisions[0]["lines"][0]["open"] == 1


def test_a_picker_says_what_he_does_not_find_and_silence_is_no_reason() -> None:
    told = released().send(missed("A", "1", 1, "empty bin"), missed("A", "2", 1, ""))
    assert said(told) == [
        (
            "line.short_picked",
            [
                back("line.short_picked", "empty bin", line_1=1),
                back("line.short_picked", "", line_2=1),
            ],
        )
    ]


def test_what_is_said_again_or_too_late_is_told_of_no_decision() -> None:
    world = released()
    world.send(rejected("A"))
    assert said(world.send(rejected("A", "as we have said"))) == []


@promise("P5")
def test_words_are_not_lost_where_the_order_is_put_off_and_the_router_restarts() -> None:
    """One order may be decided again in each bundle: the other one's words are told all the same, and told once."""
    world = released(Limits(agenda_orders_max=1), ("A", "B"), paris=9)
    told = world.send(rejected("A"), rejected("B", "no room"))
    assert [(data["order_id"], data["why"]["sent_back"][0]["reason"]) for data in told.decisions] == [
        ("A", DAMAGED),
        ("B", "no room"),
    ]
    put_off = told.decisions[1]
    assert (put_off["cause"], put_off["shipments"]) == ("shipment.rejected", [])
    assert "decided again in one of the next transactions" in put_off["why"]["note"]
    assert [line["open"] for line in put_off["lines"]] == [2, 1]
    before = world.partition
    world.restart()
    same_memory(before, world.partition)
    then = world.tick()
    assert said(then) == [("shipment.rejected", [])]
    assert [each["shipment_id"] for each in then.decisions[0]["shipments"]] == ["B/3/1"]


def test_words_are_bounded_and_on_one_line() -> None:
    told = released(paris=9).send(rejected("A", "  the\tpallet\nis " + "x" * 1_000))
    [(_, [only])] = said(told)
    assert only["reason"].startswith("the pallet is xxx")
    assert (len(only["reason"]), only["reason"][-4:]) == (200, "x...")


def test_of_very_many_events_about_one_order_the_first_ten_are_told() -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 15, 10), placed("A", ("lamp", 15), channel="express"))
    events = [missed("A", "1", missing, f"bin {missing}") for missing in range(1, 13)]
    [(_, sent_back)] = said(world.send(*events))
    assert [each["reason"] for each in sent_back] == [f"bin {missing}" for missing in range(1, 11)]


def test_a_refused_cancel_says_as_much() -> None:
    world = released()
    world.send(("cancel.requested", {"order_id": "A", "request_id": "r"}))
    answer = {"shipment_id": "A/1/1", "request_id": "r", "reason": "on\nthe truck " + "x" * 900}
    told = world.send(("cancel.refused", answer))
    assert told.decisions[0]["why"]["note"].startswith('cancel request "r" is refused: on the truck xxx')
    assert len(told.decisions[0]["why"]["note"]) < 250
    assert "ship all the same: on the truck xxx" in told.of("exception.opened")[0]["cause"]
