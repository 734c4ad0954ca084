"""CSV files: a header that is checked against what the file may hold, then rows that know their line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from cli.network_dir.faults import Faults
from cli.network_dir.text_file import read_text
from cli.network_dir.values import BadValueError, Parsed, Parser
from cli.words.names import closest, did_you_mean, shown


class Sheet(Struct, frozen=True, kw_only=True):
    """What one CSV file may hold.  `moved` says where a column that is often looked for here belongs.

    `key` are the required columns that name what a row is about: without them no row can be told from another.
    """

    file: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    moved: dict[str, str] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns it may have, the required ones first."""
        return self.required + self.optional


class Row:
    """One row: its cells by column, its line, and the faults that reading them finds."""

    def __init__(self, file: str, line: int, cells: dict[str, str], faults: Faults) -> None:
        self.file = file
        self.line = line
        self._cells = cells
        self._faults = faults

    def required(self, column: str, parse: Parser[Parsed], stand_in: Parsed) -> Parsed:
        """The parsed cell; a faulty or empty one is reported, and the stand-in lets the reading go on."""
        if column not in self._cells:
            return stand_in  # The header was reported already, once for all rows.
        if not self._cells[column]:
            self._faults.add(self.file, self.line, f"{column} is empty; write a value in every row")
            return stand_in
        return self.optional(column, parse, stand_in)

    def optional(self, column: str, parse: Parser[Parsed], default: Parsed) -> Parsed:
        """The parsed cell, or the default when it is empty or the file has no such column."""
        text = self._cells.get(column, "")
        if not text:
            return default
        try:
            return parse(text)
        except BadValueError as fault:
            self._faults.add(self.file, self.line, f"{column} {shown(text)} {fault}")
            return default


class Rows(Struct, frozen=True):
    """What could be read of a file; `complete` says whether that was all of it."""

    rows: list[Row]
    complete: bool


class _Header(Struct, frozen=True):
    """The columns in their order; a faulty header may have others than its rows."""

    columns: list[str]
    is_faulty: bool


def read_rows(directory: Path, sheet: Sheet, faults: Faults) -> Rows | None:
    """The rows of a file, or None when the file as a whole cannot be used."""
    text = read_text(directory, sheet.file, faults)
    if text is None:
        return None
    broken: list[int] = []
    records = _records(text, sheet.file, faults, broken)
    header = next(records, None)
    if header is None:
        faults.add(
            sheet.file, 1, f"the file is empty; its first line names the columns: {','.join(sheet.columns)}"
        )
        return None
    line, cells = header
    checked = _checked_header(line, cells, sheet, faults)
    if checked is None:
        return None
    rows = [_row(line, cells, checked, sheet, faults) for line, cells in records]
    read = [row for row in rows if row is not None]
    return Rows(read, complete=not broken and len(read) == len(rows))


def _records(text: str, file: str, faults: Faults, broken: list[int]) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not blank, with the line it begins on; cells without the spaces around them.

    `broken` gets the line from which on nothing could be read.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            faults.add(file, line, f"this is no CSV: {error}; look for a quote that is not closed")
            broken.append(line)
            return
        if cells is None:
            return
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield line, stripped
        line = reader.line_num + 1


def _checked_header(line: int, cells: list[str], sheet: Sheet, faults: Faults) -> _Header | None:
    """The header, or None where no row could be read by it: then nothing is said of the rows."""
    separator = next((mark for mark in ";\t|" if len(cells) == 1 and mark in cells[0]), None)
    if separator:
        word = {";": "semicolons", "\t": "tabs", "|": "bars"}[separator]
        faults.add(sheet.file, line, f"the columns are separated by {word}; save the file with commas")
        return None
    if cells[0].startswith("#") or not any(closest(cell, sheet.columns) for cell in cells if cell):
        kind = "is a comment, and CSV has none" if cells[0].startswith("#") else "is no header"
        found = f"{shown(','.join(cells))} {kind}"
        faults.add(sheet.file, line, f"{found}; the first line names the columns: {','.join(sheet.columns)}")
        return None
    excused = _check_unknown_columns(line, cells, sheet, faults)
    missing = [column for column in sheet.required if column not in cells]
    for column in missing:
        if column not in excused:
            faults.add(
                sheet.file, line, f'column "{column}" is missing; the columns are {",".join(sheet.columns)}'
            )
    is_ambiguous = any(cells.count(column) > 1 for column in sheet.columns)
    if is_ambiguous or not set(sheet.key).isdisjoint(missing):
        return None
    return _Header(cells, is_faulty=bool(missing))


def _check_unknown_columns(line: int, cells: list[str], sheet: Sheet, faults: Faults) -> set[str]:
    """Reports what the header may not hold; returns the columns that a misspelt one stands for."""
    excused: set[str] = set()
    for place, column in enumerate(cells):
        if column in cells[:place] and column:
            faults.add(sheet.file, line, f"column {shown(column)} is there twice; remove one of them")
        elif column in sheet.moved:
            faults.add(sheet.file, line, f'column "{column}" is unknown; {sheet.moved[column]}')
        elif not column:
            faults.add(sheet.file, line, f"column {place + 1} has no name; remove it or name it")
        elif column not in sheet.columns:
            meant = closest(column, (known for known in sheet.columns if known not in cells))
            excused |= {meant} if meant else set()
            remedy = (
                did_you_mean(column, [meant]) if meant else f"; the columns are {','.join(sheet.columns)}"
            )
            faults.add(sheet.file, line, f"column {shown(column)} is unknown{remedy}")
    return excused


def _row(line: int, cells: list[str], header: _Header, sheet: Sheet, faults: Faults) -> Row | None:
    columns = header.columns
    if len(cells) != len(columns):
        if header.is_faulty:
            return None  # The header lacks a column that its rows have, and that has been said, once for all.
        counted = f"{len(cells)} cell" if len(cells) == 1 else f"{len(cells)} cells"
        remedy = (
            "quote a cell that holds a comma"
            if len(cells) > len(columns)
            else "write a comma for an empty cell"
        )
        faults.add(sheet.file, line, f"the row has {counted}, but the header has {len(columns)}; {remedy}")
        return None
    return Row(sheet.file, line, dict(zip(columns, cells, strict=True)), faults)
