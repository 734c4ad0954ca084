"""The drills' table."""

from __future__ import annotations

from msgspec import Struct

from bench.drill.ground import FACTOR, SCRAPE_INTERVAL_S


class Drilled(Struct, frozen=True):
    """How one drill went; seconds are those of the clock, not scaled."""

    name: str
    what: str
    window: str
    fired_after_s: dict[str, float]
    """The right alerts, by name."""
    beside: list[str]
    """What else fired, and may."""
    wrong: list[str]
    command: str
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
        "| fault | right alert: fired after | its window | beside it | what ended it | over after |",
        "|---|---|---|---|---|---|",
    ]
    for each in drilled:
        fired = ", ".join(f"{name}: {after_s:.0f} s" for name, after_s in sorted(each.fired_after_s.items()))
        beside = ", ".join(each.beside) or "nothing"
        over = f"{each.over_after_s:.0f} s" if not each.failed else each.failed
        wrong = f"; WRONG: {', '.join(each.wrong)}" if each.wrong else ""
        lines.append(f"| {each.what} | {fired} | {each.window} | {beside}{wrong} | {each.command} | {over} |")
    return lines
