"""What the router says of itself, read from its log of JSON lines."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli.demo.children import POLL_S, Router

Line = dict[str, Any]


class RouterLog:
    """The log of the router's latest start."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._from_byte = 0

    def begin(self) -> None:
        """Forget what an earlier process said."""
        self._from_byte = self.path.stat().st_size if self.path.exists() else 0

    def wait_for(self, event: str, router: Router, timeout_s: float) -> list[Line]:
        """All lines, once one of this event is among them; an error with the log's end when none comes."""
        deadline = time.monotonic() + timeout_s
        while True:
            lines = list(self._lines())
            if any(line.get("event") == event for line in lines):
                return lines
            if router.has_ended:
                raise router.failed("has ended")
            if time.monotonic() > deadline:
                raise router.failed(f"is not {event} after {timeout_s:.0f} s")
            time.sleep(POLL_S)

    def _lines(self) -> Iterator[Line]:
        with self.path.open("rb") as log:
            log.seek(self._from_byte)
            for text in log:
                line = _parsed(text)
                if line is not None:
                    yield line


def _parsed(text: bytes) -> Line | None:
    """A line that is not JSON is somebody else's, a warning of a library for one; half a line comes again whole."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def first(lines: list[Line], event: str, matches: Callable[[Line], bool] = lambda _line: True) -> Line | None:
    """The first line of an event."""
    return next((line for line in lines if line.get("event") == event and matches(line)), None)
