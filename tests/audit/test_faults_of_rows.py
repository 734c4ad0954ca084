"""Faults in what the router remembers, as its rows say, and what the auditor says of them."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.rows import OrderRow, ShipmentLine, StockRow
from tests.audit.example import ARRIVED_MS, stock_row
from tests.audit.planted import Case, Fault, names_of, require_reported
from tests.audit.story import Story


def movement_applied_twice(story: Story) -> None:
    story.change_row(StockRow, "berlin", on_hand=6)


def reservation_leaked(story: Story) -> None:
    story.change_row(StockRow, "paris", reserved=2)


def stock_row_lost(story: Story) -> None:
    story.rows = [row for row in story.rows if getattr(row, "pool", "") != "paris"]
    story.sign()


def stock_row_invented(story: Story) -> None:
    story.rows.append(stock_row("rome", on_hand=3))
    story.sign()


def order_row_behind(story: Story) -> None:
    story.change_row(OrderRow, "A", decision=4)


def order_row_holds_another_plan(story: Story) -> None:
    row = next(row for row in story.rows if isinstance(row, OrderRow) and row.order_id == "A")
    story.change_row(OrderRow, "A", shipments=row.shipments[:1])


def order_row_lost(story: Story) -> None:
    story.rows = [row for row in story.rows if getattr(row, "order_id", "") != "A"]
    story.sign()


def row_changed_behind_the_digest(story: Story) -> None:
    story.change_entry(10, digest=1)


def head_behind(story: Story) -> None:
    story.rows[-1] = replace(story.rows[-1], sequence=9)


def _change_first_shipment(story: Story, **changes: Any) -> None:
    """Falsify shipment A/1/1 in the order book."""
    row = next(row for row in story.rows if isinstance(row, OrderRow) and row.order_id == "A")
    first, *others = row.shipments
    story.change_row(OrderRow, "A", shipments=(replace(first, **changes), *others))


def delivery_forgotten(story: Story) -> None:
    _change_first_shipment(story, lines=(ShipmentLine(0, 4, 3, 1, 0, 0, 0, 3, 0),))


def delivery_at_another_time(story: Story) -> None:
    _change_first_shipment(story, delivered_at_ms=ARRIVED_MS - 86_400_000)


def row_delivered_with_a_part_on_its_way(story: Story) -> None:
    _change_first_shipment(story, state="delivered")


CASES: list[Case] = [
    (movement_applied_twice, "P2", "the ledger says 6 on hand"),
    (reservation_leaked, "P2", "the ledger says 2 on hand, 2 reserved"),
    (
        stock_row_lost,
        "P2",
        "lamp (good) at paris: 2 on hand, 1 reserved, 1 of them released, 0 blocked, 0 suspect, and",
    ),
    (stock_row_invented, "P2", "lamp (good) at rome: the ledger says 3 on hand"),
    (order_row_behind, "P2", "the order book is at decision 4; published are 5"),
    (order_row_holds_another_plan, "P2", "of shipment A/5/1 the order book holds nothing"),
    (order_row_lost, "P2", "order A has left the order book with lines unfinished: 1"),
    (row_changed_behind_the_digest, "P2", "the digest of the rows is not the one in the last journal entry"),
    (head_behind, "P2", "the head row stands at sequence 9; the journal ends at sequence 10"),
    (delivery_forgotten, "P2", "0 unshipped, 3 shipped and 2 arrived (2026-11-23T10:00:00.000Z) of line 1"),
    (delivery_at_another_time, "P2", "3 shipped and 2 arrived (2026-11-22T10:00:00.000Z) of line 1"),
    (
        row_delivered_with_a_part_on_its_way,
        "P2",
        "order A: shipment A/1/1 is delivered, which its units are not",
    ),
]


@pytest.mark.parametrize(("plant", "promise", "sentence"), CASES, ids=names_of(CASES))
def test_a_planted_fault_is_reported(plant: Fault, promise: str, sentence: str) -> None:
    require_reported(plant, promise, sentence)
