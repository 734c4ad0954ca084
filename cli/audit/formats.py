"""The format of the state: it changes where an accepted input says so, never back, and no row is ahead of it."""

from __future__ import annotations

from collections.abc import Iterable

from cli.audit.books import Books
from schemas.envelope import Event
from schemas.formats import tag_of
from schemas.journal import JournalEntry
from schemas.reference import FormatFinalisedEvent
from schemas.rows import AnyRow


class Formats:
    """Follows the format that is in force through the journal of one partition."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._in_force = 0
        """0 before the first entry: a partition may begin in any."""

    def follow(self, entry: JournalEntry, events: Iterable[Event]) -> None:
        """The next entry, with the inputs that it accepted."""
        before, self._in_force = self._in_force, entry.format
        if not before:
            return
        if entry.format < before:
            self._books.blame(
                "P2",
                f"the format goes back from {before} to {entry.format}: an older router ({entry.engine}) decided",
            )
        said = {event.data.format for event in events if isinstance(event, FormatFinalisedEvent)}
        if entry.format > before and entry.format not in said:
            self._books.blame("P2", f"format {entry.format} is in force, and no input has finalised it")
        if any(finalised > entry.format for finalised in said):
            self._books.blame(
                "P2", f"format {max(said)} was finalised, and format {entry.format} is in force"
            )


def check_row(books: Books, key: bytes, value: bytes, row: AnyRow, in_force: int) -> None:
    """A row may be older than the format in force, because it is rewritten when it changes; never newer."""
    kind, brought_by = tag_of(value) or ("", 0)
    if brought_by > in_force:
        books.blame(
            "P2",
            f"row {key.decode(errors='replace')} is in format {brought_by}; in force is format {in_force}",
        )
    if f"{kind}.{brought_by}" != row.__struct_config__.tag:
        books.report.counts["rows in the shape of an older format"] += 1
