"""Every input that cannot be served ends as a dead letter that says what to do, and leaves nothing half done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from schemas.kinds import INVENTORY, ORDERS
from tests.memory import same_memory
from tests.promises import promise
from tests.small_network import network
from tests.world import World, counted, placed


def world() -> World:
    world = World(network())
    world.send(counted("berlin", "lamp", 5, 10), placed("A", ("lamp", 2), channel="express"))
    return world


def order(**changes: Any) -> tuple[str, dict[str, Any]]:
    return placed("B", ("lamp", 1), **changes)


def order_line(**changes: Any) -> tuple[str, dict[str, Any]]:
    line = {"line_id": "1", "sku": "lamp", "quantity": 1, "unit": "C62", **changes}
    return placed("B", lines=[line])


REFUSED: list[tuple[tuple[str, dict[str, Any]], str, str]] = [
    (counted("atlantis", "lamp", 1, 11), "unknown_pool", "atlantis"),
    (counted("berlin", "lamp", -1, 11), "invalid_field", "$.data.quantity"),
    (("stock.counted", {"pool": "berlin", "sku": "lamp", "quantity": 1}), "missing_field", "mark"),
    (
        ("stock.counted", {**counted("berlin", "lamp", 1, 11)[1], "snapshot_id": "s"}),
        "unsupported",
        "snapshot",
    ),
    (("stock.imagined", {}), "unknown_type", "stock.counted"),
    (order(channel="owl"), "unknown_channel", "express, web"),
    (order(service_level="teleport"), "unknown_service_level", "standard"),
    (order(currency="XTS"), "wrong_currency", "EUR"),
    (order(destination={"country": "US"}), "unknown_zone", "US"),
    (order(placed_at="2026-03-16T08:00:00"), "invalid_field", "timezone"),
    (order_line(unit="KGM"), "wrong_unit", "C62"),
    (order_line(pinned_pool="atlantis"), "unknown_pool", "atlantis"),
    (order_line(quantity=0), "invalid_field", "$.data.lines"),
    (placed("B", ("lamp", 1), lines=[order_line()[1]["lines"][0]] * 2), "repeated_line", "line_id"),
    (placed("A", ("lamp", 9)), "order_exists", "new order_id"),
    (
        ("cancel.requested", {"order_id": "A", "request_id": "r", "lines": {"9": 1}}),
        "unknown_line",
        "no line",
    ),
    (("shipment.rejected", {"shipment_id": "A/1/1", "lines": {"9": 1}}), "unknown_line", "it has 1"),
]


@pytest.mark.parametrize(
    ("event", "reason", "detail"), REFUSED, ids=lambda value: value if isinstance(value, str) else ""
)
@promise("P3")
def test_what_is_wrong_is_refused_with_a_reason(
    event: tuple[str, dict[str, Any]], reason: str, detail: str
) -> None:
    here = world()
    digest = here.partition.digest
    told = here.send(event)
    assert [letter["reason"] for letter in told.dead_letters] == [reason]
    assert detail in told.dead_letters[0]["detail"]
    assert here.partition.digest == digest, "nothing of it took effect"
    assert told.notices == []
    same_memory(here.partition, here.restored())


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(None, "empty"), (b"", "malformed_json"), (b"{", "malformed_json"), (b"\xff\xfe", "malformed_json"),
     (b'{"a":' * 100_000, "malformed_json"), (b"{}", "missing_field"), (b"7", "invalid_field")],
)  # fmt: skip
@promise("P3")
def test_what_cannot_be_read_keeps_its_bytes(raw: bytes | None, reason: str) -> None:
    here = world()
    told = here.bundle({INVENTORY: [raw, here.event(*counted("berlin", "lamp", 7, 20))]})
    letters = [each for each in told.outcome.publications if each[0] == "dead-letters"]
    assert [(letter[1], letter[2]) for letter in letters] == [(b"key", raw)]
    assert told.dead_letters[0]["reason"] == reason
    assert here.stock("berlin", "lamp").on_hand == 7, "and the next record takes effect"


@promise("P3")
def test_a_refused_id_may_be_sent_again() -> None:
    here = world()
    wrong = here.event(*order(channel="owl"), event_id="mine")
    right = here.event(*order(), event_id="mine")
    assert here.bundle({ORDERS: [wrong, right]}).dead_letters[0]["reason"] == "unknown_channel"
    assert here.order("B").decision == 1


@promise("P2", "P3")
def test_a_duplicate_after_a_restart_is_still_one() -> None:
    here = world()
    sold = here.event(
        "stock.sold", {"pool": "berlin", "sku": "lamp", "quantity": 1, "document": "d", "position": 20}
    )
    here.bundle({INVENTORY: [sold]})
    here.restart()
    told = here.bundle({INVENTORY: [sold]})
    assert (told.outcome.measures.duplicates, here.stock("berlin", "lamp").on_hand) == (1, 4)


def test_a_network_that_nobody_applied_is_refused() -> None:
    here = World(None)
    told = here.send(counted("berlin", "lamp", 1, 1))
    assert [letter["reason"] for letter in told.dead_letters] == ["unknown_network"]
    assert msgspec.json.encode(told.dead_letters[0])


def test_a_shipment_of_an_order_with_the_longest_name_can_be_answered() -> None:
    here = World(network())
    name = "n" * 128
    here.send(counted("berlin", "lamp", 5, 10), placed(name, ("lamp", 2), channel="express"))
    told = here.send(("shipment.accepted", {"shipment_id": f"{name}/1/1"}))
    assert told.dead_letters == []
    assert here.order(name).shipments[0].state == "accepted"
