"""Up to when figures are judged, kept beside the group's committed offsets: whoever takes over goes on from there.

Release 0.1 keeps nothing there, and Kafka forgets it with the offsets, a week after the group is empty.
"""

from __future__ import annotations


def judged_note(judged_ms: int | None) -> str:
    """What is kept: milliseconds since 1970, or nothing where it is not known."""
    return "" if judged_ms is None else str(judged_ms)


def judged_in(note: str) -> int | None:
    """What was kept; None where there is nothing of the kind."""
    return int(note) if note.isdecimal() else None
