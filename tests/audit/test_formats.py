"""The auditor reads both formats of the state, and sees when the journal and the rows contradict each other."""

from __future__ import annotations

import pytest

from schemas.codec import decode_row, row_encoder
from schemas.formats import FORMAT, tag_of
from schemas.kinds import ORDER_BOOK, ROUTER_STATE
from tests.audit.example import example
from tests.audit.rehearsal import Rehearsal
from tests.promises import promise


def upgraded(seed: int = 1) -> Rehearsal:
    """Half of it before the upgrade is finalised, half of it afterwards."""
    rehearsal = Rehearsal(seed)
    rehearsal.partition.format = FORMAT - 1
    rehearsal.run(40)
    rehearsal.finalise()
    rehearsal.bundle()
    for _ in range(10):
        rehearsal.order()
        rehearsal.warehouse()
        rehearsal.now_ms += 1_000
        rehearsal.bundle()
    return rehearsal


def rewrite(rehearsal: Rehearsal, topic: str, at: int, in_format: int) -> None:
    """Falsify one row: written in another format, and saying the same."""
    key, value, headers = rehearsal.outputs[topic][at]
    assert value is not None
    rehearsal.outputs[topic][at] = (key, row_encoder(in_format)(decode_row(value)), headers)


@promise("P1")
@promise("P2")
@promise("P3")
@pytest.mark.parametrize("seed", [1, 2])
def test_an_upgrade_in_the_middle_of_a_history_is_no_violation(seed: int) -> None:
    rehearsal = upgraded(seed)
    assert {tag_of(value or b"") for _, value, _ in rehearsal.outputs[ORDER_BOOK]} == {
        ("order", 1),
        ("order", 2),
    }
    report = rehearsal.audit()
    assert report.violations == []
    assert report.counts["rows in the shape of an older format"] > 0


def test_a_row_that_is_ahead_of_the_format_in_force_is_seen() -> None:
    rehearsal = Rehearsal(1)
    rehearsal.partition.format = FORMAT - 1
    rehearsal.run(10)
    rewrite(rehearsal, ORDER_BOOK, -1, FORMAT)
    said = " ".join(each.sentence for each in rehearsal.audit().violations)
    assert f"is in format {FORMAT}; in force is format {FORMAT - 1}" in said


def test_a_head_of_another_format_than_the_journal_says_is_seen() -> None:
    rehearsal = upgraded()
    rewrite(rehearsal, ROUTER_STATE, -1, FORMAT - 1)
    said = [each.sentence for each in rehearsal.audit().violations]
    assert said == [f"the head row says format {FORMAT - 1}; the journal says {FORMAT}"]


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        (
            FORMAT,
            FORMAT - 1,
            f"the format goes back from {FORMAT} to {FORMAT - 1}: an older router (test) decided",
        ),
        (FORMAT - 1, FORMAT, f"format {FORMAT} is in force, and no input has finalised it"),
    ],
)
def test_a_format_that_changes_by_itself_is_seen(first: int, then: int, sentence: str) -> None:
    story = example()
    for entry in list(story.entries):
        story.change_entry(entry.sequence, format=first if entry.sequence < 4 else then)
    assert sentence in [each.sentence for each in story.audit().violations]


def test_an_end_of_the_upgrade_that_had_no_effect_is_seen() -> None:
    story = example()
    story.event("reference", "format.finalised", {"partition": 0, "format": FORMAT + 1})
    story.bundle()
    said = [each.sentence for each in story.audit().violations]
    assert f"format {FORMAT + 1} was finalised, and format {FORMAT} is in force" in said
