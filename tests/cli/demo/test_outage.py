"""What is told of the kill."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from unittest.mock import MagicMock

from cli.demo.children import Child
from cli.demo.figures import Figures
from cli.demo.network import NETWORK
from cli.demo.outage import come_back
from cli.demo.timetable import Departure

KILLED_MS = 1_000
GONE = datetime(2026, 11, 23, 9, tzinfo=UTC)
TRUCK = Departure("dc-leipzig", "dhl-paket", "standard", GONE, GONE)


def test_what_a_slow_machine_has_not_decided_yet_is_not_told_as_lost() -> None:
    figures = Figures()
    figures.order("O-1", KILLED_MS)
    stage = MagicMock(happened={}, systems={})
    stage.tracker.figures = figures
    stage.tracker.wait_until.side_effect = lambda holds, _timeout_s: holds(figures)
    stage.screen.elapsed_s.side_effect = count(0, 10)
    stage.router_log.wait_for.return_value = [{"event": "restored", "networks": [NETWORK], "rows": 1}]
    stage.router.has_ended = stage.shop.has_ended = False
    come_back(stage, TRUCK, KILLED_MS)
    (told,) = [each.args[0] for each in stage.screen.event.call_args_list]
    assert told == "back: journal agrees, 0 repeated, 1 not decided yet, 0 orders caught up"


def test_a_child_that_somebody_killed_is_told_so(tmp_path: Path) -> None:
    for command, told in (
        ("kill -9 $$", "was killed from outside (SIGKILL)"),
        ("exit 137", "was killed from outside (SIGKILL)"),
        ("exit 3", "has ended by itself, exit code 3"),
    ):
        child = Child("shop", ("sh", "-c", command), tmp_path / "log", {})
        assert child.how_it_ended() == told
