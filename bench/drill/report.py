"""The drills' table, and where the tables stand in the documentation."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from bench.drill.ground import FACTOR, SCRAPE_INTERVAL_S
from bench.drill.limits import Limit
from bench.page import DOCUMENTS, replace_between

PAGE = DOCUMENTS / "operations.md"
DRILLS = "drills"
TAKEOVER = "takeover"


class Drilled(Struct, frozen=True):
    """How one drill went; seconds are those of the clock, not scaled."""

    name: str
    what: str
    limits: dict[str, Limit]
    """Of the right alerts."""
    fired_after_s: dict[str, float]
    """Of the right alerts, those that fired."""
    beside: list[str]
    """What else fired, and may."""
    wrong: list[str]
    command: str
    deed: str
    over_after_s: float
    failed: str = ""

    @property
    def is_right(self) -> bool:
        return not self.wrong and not self.failed


def table(drilled: list[Drilled]) -> list[str]:
    """As the documentation has it."""
    lines = [
        f"Every duration divided by {FACTOR}, a scrape each {SCRAPE_INTERVAL_S:g} s; seconds are real ones.",
        "",
        "| fault | right alert: fired after, limit (window and `for`) | true as well | what ended it | over after |",
        "|---|---|---|---|---|",
    ]
    for each in drilled:
        fired = ", ".join(_fired(each, name) for name in sorted(each.limits))
        beside = ", ".join(each.beside) or "nothing"
        wrong = f"; WRONG: {', '.join(each.wrong)}" if each.wrong else ""
        ended = f"`{each.command}`" + (f", and {each.deed}" if each.deed else "")
        over = f"{each.over_after_s:.0f} s" if not each.failed else each.failed
        lines.append(f"| {each.what} | {fired} | {beside}{wrong} | {ended} | {over} |")
    return lines


def paste(lines: list[str], place: str, page: Path = PAGE) -> None:
    """Put one of the tables into the documentation."""
    begin = f"<!-- {place}: begin, written by `make drill PASTE=1` -->"
    replace_between(page, [(begin, f"<!-- {place}: end -->", "\n".join(["\n", *lines, "\n"]))])


def _fired(drilled: Drilled, name: str) -> str:
    limit = drilled.limits[name]
    after_s = drilled.fired_after_s.get(name)
    when = "not" if after_s is None else f"{after_s:.0f} s"
    rule = " and ".join(part for part in (limit.window, limit.lasting) if part != "0s")
    return f"{name}: {when}, {limit.seconds:.0f} s ({rule})"
