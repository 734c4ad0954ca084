"""A correct history passes, and the counts say that it was looked at."""

from __future__ import annotations

from tests.audit.example import example
from tests.audit.story import Story


def test_a_clean_history_holds_every_promise() -> None:
    report = example().audit(complete=True)
    assert report.violations == []
    assert [report.verdict(promise) for promise in ("P1", "P2", "P3", "P4")] == ["ok"] * 4
    assert report.unproved == {}


def test_the_counts_say_what_was_looked_at() -> None:
    counts = example().audit().counts
    assert counts["inputs"] == 18
    assert counts["accepted"] == 16
    assert counts["duplicates"] == 1
    assert counts["dead letters"] == 1
    assert counts["transactions"] == 10
    assert counts["orders"] == 2
    assert counts["units"] == 7
    assert counts["decisions"] == 9
    assert counts["shipments sent"] == 3


def test_inputs_beyond_the_last_range_are_not_yet_processed() -> None:
    story = example()
    story.event("orders", "cancel.requested", {"order_id": "A", "request_id": "r9"})
    report = story.audit()
    assert report.ok
    assert report.counts["inputs not yet processed"] == 1
    assert "1 records of orders are not processed" in story.audit(complete=True).violations[0].sentence


def test_what_retention_has_cut_is_reported_and_not_called_proved() -> None:
    story = example()
    story.earliest = {"inventory": 3}
    report = story.audit()
    assert report.violations == []
    assert report.verdict("P3") == "unproved"
    assert "retention has taken inventory before offset 3" in report.notes[0]


def test_a_router_at_work_leaves_balances_unproved() -> None:
    story = example()
    story.settled = False
    story.rows = []
    report = story.audit()
    assert report.ok
    assert report.verdict("P2") == "unproved"


def test_nothing_at_all_is_no_violation() -> None:
    assert Story().audit().ok
