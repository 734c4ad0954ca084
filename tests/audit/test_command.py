"""What a person and a program are shown."""

from __future__ import annotations

import json

from cli.audit.command import as_json_text, as_text
from cli.audit.report import VIOLATIONS_KEPT_MAX, AuditReport
from tests.audit.example import example


def test_verdicts_come_first_with_what_they_rest_on() -> None:
    lines = as_text(example().audit()).splitlines()
    assert lines[0] == "P1 ok  P2 ok  P3 ok  P4 ok   over 18 inputs in 10 transactions"
    assert any(line.split() == ["9", "decisions"] for line in lines)


def test_a_violation_is_shown_with_its_promise_and_place() -> None:
    story = example()
    story.drop_notice("A/4")
    text = as_text(story.audit())
    assert "P1 VIOLATED  P2 VIOLATED" in text
    assert (
        "P1 (no oversell), partition 0, sequence 6: lamp at paris: 4 reserved, 0 blocked and 0 suspect of 2"
        in text
    )


def test_many_violations_are_counted_and_the_first_are_shown() -> None:
    report = AuditReport()
    for number in range(VIOLATIONS_KEPT_MAX + 5):
        report.blame("P2", f"fault {number}", "partition 0")
    text = as_text(report)
    assert "fault 19" in text
    assert "fault 20" not in text
    assert "... and 985 more violations; --json shows up to 1,000" in text


def test_json_holds_the_same() -> None:
    story = example()
    story.drop_notice("send B/1/1")
    found = json.loads(as_json_text(story.audit()))
    assert found["ok"] is False
    assert found["promises"]["P2"] == "VIOLATED"
    assert found["violations"][0]["where"] == "partition 0, sequence 3"
    assert found["counts"]["inputs"] == 18
