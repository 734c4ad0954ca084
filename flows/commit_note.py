"""What each commit says beside the group's committed offsets, which stand in another topic than the state.

Up to when figures are judged: whoever takes over goes on from there. And the sequence of the last bundle: where the
state topics lack it, as a replica that is behind or a leader that has lost its end does, their head is an old one, and
the offsets alone would not show it after a bundle without input. And which topics the offsets count in: one that was
deleted and made anew has the name of the one before, and other records.

Release 0.1 keeps nothing there, and Kafka forgets it with the offsets, a week after the group is empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

_WRITTEN = re.compile(r"(\d*) (\d*) ([^ ]*)", re.ASCII)
_NONE: Mapping[str, str] = MappingProxyType({})


class CommitNote(NamedTuple):
    """`judged_ms` is since 1970; None is what is not known."""

    judged_ms: int | None = None
    sequence: int | None = None
    topic_ids: Mapping[str, str] = _NONE
    """Of the inputs, by topic kind."""


def written(note: CommitNote) -> str:
    """What is kept."""
    numbers = ["" if each is None else str(each) for each in (note.judged_ms, note.sequence)]
    return " ".join([*numbers, ",".join(map(":".join, note.topic_ids.items()))])


def read(text: str) -> CommitNote:
    """What was kept; nothing is known where there is nothing of the kind."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return CommitNote()
    judged_ms, sequence, topic_ids = match.groups()
    return CommitNote(
        int(judged_ms) if judged_ms else None,
        int(sequence) if sequence else None,
        dict(each.split(":", 1) for each in topic_ids.split(",") if ":" in each),
    )


def made_anew(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What is wrong, where one of the topics is another one by now; where nothing is known of it, nothing is."""
    for topic, name in now.items():
        if before.get(topic, name) != name:
            return (
                f"the topic {topic} was deleted and made anew: the offsets of the one before mean other records in it, "
                "of which some would never be read. Have the sources send again and move on under a new --prefix; "
                "where it is a copy with the same offsets, delete the group's offsets (kafka-consumer-groups "
                "--delete-offsets), and start the router again: the journal head then holds"
            )
    return ""
