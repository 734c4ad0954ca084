"""Where the drills' tables stand in the documentation."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
DRILLS = "drills"
TAKEOVER = "takeover"


def paste(lines: list[str], place: str, page: Path = PAGE) -> None:
    """Replace one table of the page, and nothing else of it."""
    text = page.read_text(encoding="utf-8")
    begin = f"<!-- {place}: begin, written by `make drill PASTE=1` -->"
    end = f"<!-- {place}: end -->"
    before, is_there, rest = text.partition(begin)
    _, is_ended, after = rest.partition(end)
    if not is_there or not is_ended:
        raise ValueError(f"{page} has no place for the table: {begin} ... {end}")
    page.write_text(f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{after}", encoding="utf-8")
