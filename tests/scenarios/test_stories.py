"""Every story of `stories/` is played; each checks something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises import promise
from tests.scenarios.runner import play_story

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))


@promise("P1", "P2", "P4")
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    assert play_story(path), "a story that checks nothing proves nothing"


def test_the_stories_are_all_there() -> None:
    assert len(STORIES) >= 25


def test_a_false_story_is_seen(tmp_path: Path) -> None:
    story = tmp_path / "false.txt"
    story.write_text("2026-03-16 09:00  order A: 1 lamp\nthen A ships 1 lamp from berlin\n")
    with pytest.raises(AssertionError, match=r"false\.txt:2: A ships 1 lamp from berlin"):
        play_story(story)
