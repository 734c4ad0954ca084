"""Faults of a network directory: collected, never raised, so that a person sees all of them at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from msgspec import Struct


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where, and a sentence with the value, what was expected, and the remedy.

    A warning points out what is probably a slip, and refuses nothing.
    """

    file: str
    line: int | None
    message: str
    severity: Literal["fault", "warning"] = "fault"

    @property
    def text(self) -> str:
        """`lanes.csv:3: pool "dc-pari" is not in pools.csv; did you mean "dc-paris"?`"""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        kind = "warning: " if self.severity == "warning" else ""
        return f"{place}: {kind}{self.message}"


class Faults:
    """What one reading found, in the order it was found."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, file: str, line: int | None, message: str) -> None:
        """Something that must be mended before the directory can be applied."""
        self._found.append(Fault(file=file, line=line, message=message))

    def __bool__(self) -> bool:
        return any(fault.severity == "fault" for fault in self._found)

    def warn(self, file: str, line: int | None, message: str) -> None:
        """Something that is allowed, and that its author probably did not mean."""
        self._found.append(Fault(file=file, line=line, message=message, severity="warning"))

    def sorted(self, files: Collection[str]) -> list[Fault]:
        """In reading order: the files as given, then by line; equal places keep the order of finding."""
        order = {file: place for place, file in enumerate(files)}
        return sorted(self._found, key=lambda fault: (order.get(fault.file, len(order)), fault.line or 0))
