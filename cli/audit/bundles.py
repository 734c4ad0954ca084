"""Outputs in step with the journal: handed out by the sequence of the bundle that published them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cli.audit.books import Books
from cli.audit.journal import Letter
from schemas.codec import decode_notice
from schemas.notices import Published
from schemas.records import Record


class InBundles:
    """The notices of one topic, handed out by the sequence of their bundle."""

    def __init__(self, kind: str, records: Iterable[Record], books: Books) -> None:
        self._kind = kind
        self._books = books
        self._notices = self._decoded(records)
        self._ahead = next(self._notices, None)

    def _decoded(self, records: Iterable[Record]) -> Iterator[Published]:
        for record in records:
            try:
                yield decode_notice(record.value or b"")
            except msgspec.MsgspecError as error:
                self._books.blame("P2", f"{self._kind} offset {record.offset} is no notice: {error}")

    def take(self, sequence: int) -> list[Published]:
        """The notices of this bundle; earlier ones belong to none."""
        taken: list[Published] = []
        while self._ahead is not None and self._ahead.sequence <= sequence:
            if self._ahead.sequence == sequence:
                taken.append(self._ahead)
            elif self._books.report.unproved.get("P2") is None:
                self._books.blame(
                    "P2",
                    f"{self._kind} holds {self._ahead.id} of sequence {self._ahead.sequence}, out of order",
                )
            self._ahead = next(self._notices, None)
        return taken

    def rest(self) -> int:
        return 0 if self._ahead is None else 1 + sum(1 for _ in self._notices)


class LettersInBundles:
    """The dead letters, handed out by the sequence of their bundle."""

    def __init__(self, letters: Iterable[Letter], books: Books) -> None:
        self._books = books
        self._letters = iter(letters)
        self._ahead = next(self._letters, None)

    def take(self, sequence: int) -> dict[tuple[str, int], Letter]:
        """Those of this bundle by (topic, offset)."""
        taken: dict[tuple[str, int], Letter] = {}
        while self._ahead is not None and self._ahead.sequence <= sequence:
            letter = self._ahead
            key = (letter.topic, letter.offset)
            if letter.sequence != sequence and self._books.report.unproved.get("P3") is None:
                self._books.blame(
                    "P3", f"the dead letter of {letter.topic} offset {letter.offset} is out of order"
                )
            elif key in taken:
                self._books.blame("P3", f"{letter.topic} offset {letter.offset} is dead-lettered twice")
            taken[key] = letter
            self._ahead = next(self._letters, None)
        return taken

    def rest(self) -> int:
        return 0 if self._ahead is None else 1 + sum(1 for _ in self._letters)
