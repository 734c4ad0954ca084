"""A file of repaired events: each names the dead letter that it replaces, and gets an id of its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from cli.shared.event_file import EventLine, LineFault, checked, read_lines
from cli.shared.letters import Letter
from infra.errors import ConfigurationError

_REPAIRED = re.compile(r"(?P<original>.*)/repaired/(?P<number>[1-9]\d*)", re.DOTALL)


class Repair(Struct, frozen=True):
    """One line of the file."""

    line: int
    letter_id: str
    event: dict[str, Any]


class _Line(Struct):
    """What `list --json` prints, of which only this is read."""

    id: str
    event: dict[str, Any]


_line_decoder = msgspec.json.Decoder(_Line)


def read_repairs(file: Path) -> list[Repair]:
    """Every line; all that cannot be read are named at once."""
    repairs: list[Repair] = []
    faults: list[str] = []
    for line, value in read_lines(file):
        try:
            parsed = _line_decoder.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            faults.append(
                f'{file}:{line}: {error}; expected {{"id": "orders/0/17", "event": {{...}}}}, '
                "as `sluice dead-letters list --json` prints it"
            )
        else:
            repairs.append(Repair(line, parsed.id, parsed.event))
    _refuse(file, faults)
    return repairs


def events_of(file: Path, repairs: list[Repair], letters: dict[str, Letter]) -> list[EventLine]:
    """The events as they will be sent; nothing is sent unless the router would take all of them."""
    events: list[EventLine] = []
    faults: list[str] = []
    for repair in repairs:
        event_id = _event_id(repair.event, letters[repair.letter_id])
        if event_id is None:
            faults.append(
                f"{file}:{repair.line}: the event has no id and the refused bytes had none; give it one"
            )
            continue
        outcome = checked(repair.line, msgspec.json.encode(repair.event | {"id": event_id}))
        if isinstance(outcome, LineFault):
            faults.append(f"{file}:{outcome.line}: {outcome.message}")
        else:
            events.append(outcome)
    _refuse(file, faults)
    return events


def _event_id(event: dict[str, Any], letter: Letter) -> str | None:
    """The id that the file gives; otherwise the original's with a number behind it.

    The number follows from the id alone: repairing the same letter twice gives the same id, so that at most one of
    the two takes effect; repairing a refused repair gives the next one.
    """
    original = (letter.event or {}).get("id")
    given = event.get("id")
    if isinstance(given, str) and given and given != original:
        return given
    if not isinstance(original, str) or not original:
        return None
    return next_id(original)


def next_id(event_id: str) -> str:
    """What a repair of this event is called."""
    before = _REPAIRED.fullmatch(event_id)
    if before is None:
        return f"{event_id}/repaired/1"
    return f"{before['original']}/repaired/{int(before['number']) + 1}"


def _refuse(file: Path, faults: list[str]) -> None:
    if faults:
        sentences = "\n".join(f"  {fault}" for fault in faults)
        raise ConfigurationError(f"{file} cannot be sent, so nothing was:\n{sentences}")
