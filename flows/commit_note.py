"""What each commit says beside the group's committed offsets, which stand in another topic than the state.

Up to when figures are judged: whoever takes over goes on from there. And the sequence of the last bundle: where the
state topics lack it, as a replica that is behind or a leader that has lost its end does, their head is an old one, and
the offsets alone would not show it after a bundle without input.

Release 0.1 keeps nothing there, and Kafka forgets it with the offsets, a week after the group is empty.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WRITTEN = re.compile(r"(\d*) (\d*)", re.ASCII)


class CommitNote(NamedTuple):
    """`judged_ms` is since 1970; None is what is not known."""

    judged_ms: int | None = None
    sequence: int | None = None


def written(note: CommitNote) -> str:
    """What is kept."""
    return " ".join("" if each is None else str(each) for each in note)


def read(text: str) -> CommitNote:
    """What was kept; nothing is known where there is nothing of the kind."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return CommitNote()
    return CommitNote(*(int(each) if each else None for each in match.groups()))
