"""The demo succeeds only when its story is true: every event above zero, every promise kept, nothing twice."""

from types import SimpleNamespace
from typing import Any

import pytest

from cli.audit.report import AuditReport
from cli.demo.figures import Figures
from cli.demo.story import untrue
from schemas.inventory import GOOD
from schemas.notices import Decision, DecisionData, LineUnits, Promise, Why
from schemas.rows import NO_POSITION, StockRow


def stage(happened: dict[str, int] | None = None) -> Any:
    tracker = SimpleNamespace(figures=Figures())
    return SimpleNamespace(tracker=tracker, happened={"orders placed": 5} if happened is None else happened)


def decision(order_id: str = "O-1", number: int = 1, waiting: int = 0) -> Decision:
    data = DecisionData(
        order_id=order_id, decision=number, revision=1, decided_at="2026-11-23T09:00:00.000Z", cause="order.placed",
        channel="web", zone="FR", priority=5,
        lines=[LineUnits(line_id="1", sku="mug", quantity=1, open=waiting, released=1 - waiting)],
        shipments=[], promise=Promise(original=None, current=None), proved=True, why=Why(), policy="default",
        set_id="1",
    )  # fmt: skip
    return Decision(
        id=f"{order_id}/{number}", time="2026-11-23T09:00:00.000Z", network="eu", sequence=1, data=data
    )


def stock(on_hand: int, reserved: int, released: int) -> StockRow:
    return StockRow(
        "eu", "dc-paris", "mug", GOOD, 1, on_hand, reserved, released, 0, 0, on_hand, 0, NO_POSITION, (), (), (),
        NO_POSITION, False, True,
    )  # fmt: skip


def test_a_story_in_which_all_happened_is_true() -> None:
    assert untrue(stage(), AuditReport()) == []


def test_an_event_that_did_not_happen_is_named() -> None:
    told = stage({"orders placed": 5, "orders caught up after the kill": 0})
    assert untrue(told, AuditReport()) == ["there were no orders caught up after the kill"]


@pytest.mark.parametrize("promise", ["P1", "P2", "P3", "P4"])
def test_a_broken_or_unproved_promise_is_named(promise: str) -> None:
    broken = AuditReport()
    broken.blame(promise, "a unit was promised twice", "sequence 1")
    assert [sentence[:2] for sentence in untrue(stage(), broken)] == [promise]
    unproved = AuditReport()
    unproved.cannot_prove((promise,), "retention has cut the journal")
    assert [sentence[:2] for sentence in untrue(stage(), unproved)] == [promise]


def test_a_repeated_decision_is_named() -> None:
    told = stage()
    told.tracker.figures.decision(decision(), 1)
    told.tracker.figures.decision(decision(), 2)
    assert untrue(told, AuditReport()) == ["1 notices were published twice, decision O-1/1 for one"]


def test_an_order_without_a_decision_is_named_and_a_refused_one_is_not() -> None:
    told = stage()
    figures = told.tracker.figures
    for order_id in ("O-1", "O-2", "O-3"):
        figures.order(order_id, 1)
    figures.decision(decision("O-1"), 5)
    figures.refused.add("O-2")
    assert untrue(told, AuditReport()) == ["1 orders were neither decided nor refused"]


def test_unreleased_promises_must_be_covered_by_goods() -> None:
    told = stage()
    figures = told.tracker.figures
    figures.stock(stock(on_hand=5, reserved=5, released=0))
    assert figures.oversold == 0
    # What a warehouse was told of may turn out to be gone: that is at risk, and not oversold.
    figures.stock(stock(on_hand=3, reserved=5, released=5))
    assert figures.oversold == 0
    figures.stock(stock(on_hand=3, reserved=5, released=1))
    assert untrue(told, AuditReport()) == ["2 units are promised that are not there"]
    figures.stock(stock(on_hand=5, reserved=5, released=1))
    assert figures.oversold == 0


def test_waiting_orders_and_ages_follow_the_latest_decision() -> None:
    figures = Figures()
    figures.decision(decision(waiting=1), 130)
    assert (figures.allocated, figures.waiting) == (0, {"O-1"})
    figures.order("O-1", 100)
    figures.decision(decision(number=2), 500)
    assert (figures.allocated, figures.waiting) == (1, set())
    assert figures.age_ms(0.5, read_before_ms=1_000) == 30
