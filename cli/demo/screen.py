"""Where the story is told: plain lines for a file or a pipe; colours and a running line on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

STAMP_WIDTH = 8


class Screen:
    """Lines with the seconds since the start.  `is_silent` tells nothing, for programs that want the outcome only."""

    def __init__(self, is_silent: bool = False) -> None:
        self._started_s = time.monotonic()
        self._console = Console(highlight=False, soft_wrap=True)
        self._is_silent = is_silent
        self._is_live = self._console.is_terminal and not is_silent
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._is_live:
            self._status = self._console.status("")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def elapsed_s(self) -> float:
        return time.monotonic() - self._started_s

    def event(self, text: str, word: str = "", is_bad: bool = False) -> None:
        """Something happened now; `word` stands before it and stands out."""
        stamp = f"{self.elapsed_s():5.1f}s  "
        style = "bold red" if is_bad else "bold cyan"
        self._line(f"[dim]{stamp}[/dim][{style}]{escape(word)}[/{style}]{escape(text)}", stamp + word + text)

    def detail(self, text: str) -> None:
        """More about what was said before."""
        indented = " " * STAMP_WIDTH + text
        self._line(escape(indented), indented)

    def text(self, text: str = "") -> None:
        """A line without a time."""
        self._line(escape(text), text)

    def now(self, text: str) -> None:
        """What goes on at the moment: shown where it can be replaced by what goes on next."""
        if self._status is not None:
            self._status.update(f"[dim]{self.elapsed_s():5.1f}s[/dim]  {escape(text)}")

    def _line(self, marked_up: str, plain: str) -> None:
        if self._is_silent:
            return
        if self._is_live:
            self._console.print(marked_up)
        else:
            print(plain, flush=True)
