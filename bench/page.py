"""Puts what was measured into a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

DOCUMENTS = Path(__file__).parents[1] / "docs"


def replace_between(page: Path, places: Iterable[tuple[str, str, str]]) -> None:
    """Replace what stands between two marks, and nothing else of the page: each place is begin, end and new text.

    Raises `ValueError`, and leaves the page as it is, where a mark is missing.
    """
    words = page.read_text(encoding="utf-8")
    for begin, end, text in places:
        before, is_begun, rest = words.partition(begin)
        _, is_ended, after = rest.partition(end)
        if not is_begun or not is_ended:
            raise ValueError(f"{page} has no place for it: {begin.strip()} ... {end}")
        words = f"{before}{begin}{text}{end}{after}"
    page.write_text(words, encoding="utf-8")
