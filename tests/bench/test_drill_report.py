"""What the drills say of themselves: a table a person can judge, and a page of which nothing else is touched."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.drill.limits import Limit
from bench.drill.report import DRILLS, PAGE, TAKEOVER, Drilled, paste, table
from bench.takeover import TakeOver, TakeOvers, takeover_table

FEED = Drilled(
    name="feed",
    what="the feed stops",
    limits={"StockFeedSilent": Limit(27.0, "15m", "2m")},
    fired_after_s={"StockFeedSilent": 16.4},
    beside=[],
    wrong=[],
    command="sluice send counts.jsonl",
    deed="",
    over_after_s=2.2,
)


def take_overs(*cold_s: float, warm_s: float = 6.5) -> TakeOvers:
    def take_over(seconds: float) -> TakeOver:
        return TakeOver(seconds, 0.3, 1_100, 7, 2**20)

    return TakeOvers(1_000, [take_over(seconds) for seconds in cold_s], [take_over(warm_s)])


def test_a_row_has_the_limit_beside_the_seconds() -> None:
    assert table([FEED])[-1] == (
        "| the feed stops | StockFeedSilent: 16 s, 27 s (15m and 2m) | nothing | `sluice send counts.jsonl` | 2 s |"
    )


def test_a_persons_deed_a_wrong_alert_and_a_failure_are_said() -> None:
    failed = replace(
        FEED, fired_after_s={}, wrong=["RouterDown"], deed="a person knocks", failed="did not fire"
    )
    assert not failed.is_right
    row = table([failed])[-1]
    assert "StockFeedSilent: not, 27 s" in row
    assert "WRONG: RouterDown" in row
    assert "`sluice send counts.jsonl`, and a person knocks | did not fire |" in row


def test_a_single_take_over_that_is_too_slow_fails_all() -> None:
    assert take_overs(10.0, 15.9, 11.0).is_within_limits
    assert not take_overs(10.0, 16.1, 11.0).is_within_limits
    assert not take_overs(10.0, warm_s=8.1).is_within_limits
    assert "10.0, 16.1, 11.0 s | 16 s; EXCEEDED 1 times" in "\n".join(
        takeover_table(take_overs(10.0, 16.1, 11.0))
    )


@pytest.mark.parametrize("place", [DRILLS, TAKEOVER])
def test_a_table_takes_the_place_of_the_one_before_and_of_nothing_else(place: str, tmp_path: Path) -> None:
    page = tmp_path / "operations.md"
    page.write_text(PAGE.read_text())
    paste(["| one |"], place, page)
    paste(["| other |"], place, page)
    assert "| one |" not in page.read_text()
    assert "| other |" in page.read_text()
    untouched = {DRILLS: TAKEOVER, TAKEOVER: DRILLS}[place]
    block = PAGE.read_text().split(f"<!-- {untouched}: begin")[1].split(f"<!-- {untouched}: end")[0]
    assert block in page.read_text()


def test_a_page_without_a_place_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "operations.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        paste(["| one |"], DRILLS, page)
