"""Names that people write: how a message quotes one, and which one may have been meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from itertools import islice

COMPARED_MAX = 2_000
"""Words that are compared letter by letter with a misspelt one."""


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """`; did you mean "dc-paris"?` when something known looks alike, otherwise nothing."""
    match = closest(written, known)
    return f'; did you mean "{match}"?' if match else ""


def never_seen(what: str, code: str, seen: Iterable[str]) -> str:
    """For a code that may be right and may be misspelt: what else there is."""
    others = ", ".join(sorted(seen)) or "none"
    return f"no {what} {shown(code)} has occurred; known here are: {others}"


def closest(written: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like the written one; letter case and separators do not count."""
    by_shape: dict[str, str] = {}
    words = known if isinstance(known, Collection) else list(known)
    if len(words) > COMPARED_MAX:
        words = _alike(written, words)
    for word in words:
        by_shape.setdefault(_shape(word), word)
    matches = difflib.get_close_matches(_shape(written)[:200], by_shape, n=1, cutoff=0.7)
    return by_shape[matches[0]] if matches else None


def _alike(written: str, words: Iterable[str]) -> list[str]:
    """Of very many words those that begin or end as the written one: comparing all of them takes seconds."""
    letters = written.lower()
    half = max(1, len(letters) // 2)
    begins, ends = letters[:half], letters[-half:]
    alike = (word for word in words if (lower := word.lower()).startswith(begins) or lower.endswith(ends))
    return list(islice(alike, COMPARED_MAX))


def _shape(word: str) -> str:
    return re.sub(r"[\s_.-]+", "-", word.strip().lower())


def printable(text: str) -> str:
    """What others wrote, as a terminal may get it: on one line, and nothing that moves a cursor or hides a word."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)


def shown(value: str, length_max: int = 60) -> str:
    """A value as a message quotes it: on one line, and not longer than a person reads."""
    text = printable(value)
    return f'"{text}"' if len(text) <= length_max else f'"{text[:length_max]}..."'
