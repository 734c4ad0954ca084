"""What comes again after more inputs than a router knows by their ids: it may know it still, or take it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.audit.journal import WINDOW
from cli.audit.report import AuditReport
from state.limits import Limits
from tests.audit.example import example
from tests.audit.test_faults_of_inputs import duplicate_accepted
from tests.cli.running import code_of


def test_what_is_known_for_longer_than_promised_is_a_duplicate_all_the_same() -> None:
    """A router forgets the oldest ids many at once."""
    report = example().audit(complete=True, window=1)
    assert report.violations == []
    assert report.counts["duplicates"] == 1


@pytest.mark.parametrize(("window", "is_wrong"), [(3, False), (100, True)])
def test_what_was_forgotten_may_be_accepted_again(window: int, is_wrong: bool) -> None:
    story = example()
    duplicate_accepted(story)
    report = story.audit(window=window)
    said = [each.sentence for each in report.violations]
    assert any("was accepted a second time" in each for each in said) is is_wrong


def test_the_window_is_the_one_that_the_routers_are_configured_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def audit(*given: Any) -> AuditReport:
        asked.append(given[-1])
        return AuditReport()

    monkeypatch.setattr("cli.audit.run.audit", audit)
    monkeypatch.setattr("infra.connect.admin_client", lambda _settings, _bootstrap: None)
    config = tmp_path / "sluice.toml"
    config.write_text("[limits]\nidentities_max = 2_000_000\n", encoding="utf-8")
    assert code_of("audit", "--kafka", "127.0.0.1:9", "--config", str(config)) == 0
    assert asked == [2_000_000]


def test_the_window_that_is_looked_for_is_the_one_that_a_router_has_by_itself() -> None:
    assert Limits().identities_max == WINDOW
