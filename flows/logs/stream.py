"""Where the lines of a log go: to whoever reads them, and never at the router's cost.

A pipe holds 64 KiB on Linux. When its reader stands still and it is full, one more line would wait, and the flow or a
commit with it. So a line is written only where there is room. Without room it is late: it is written before the next
one, or by `catch_up`. When too many are late, the next ones are left out, and ordinary ones long before others.

No thread writes, and nothing is late while somebody reads: what a process said before it was killed is said.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from contextlib import suppress
from typing import TextIO

LATE_MAX = 1_000
ORDINARY_LATE_MAX = 500


class LogStream:
    """Lines on a stream; the caller lets one thread in at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._late: deque[bytes] = deque()

    @property
    def is_late(self) -> bool:
        """Whether there are lines that are not written yet."""
        return bool(self._late)

    def put(self, line: str, *, is_ordinary: bool) -> bool:
        """Write a line, now or as soon as there is room; False where it is left out."""
        if self._descriptor() is None:
            # Not a file but, say, a string; or one that was closed, which ends no transaction.
            with suppress(OSError, ValueError):
                self._stream.write(line)
                self._stream.flush()
            return True
        self._late.append(line.encode(self._stream.encoding or "utf-8", "backslashreplace"))
        self.catch_up()
        if len(self._late) > (ORDINARY_LATE_MAX if is_ordinary else LATE_MAX):
            self._late.pop()
            return False
        return True

    def catch_up(self, wait_s: float = 0.0) -> bool:
        """Write what is late, waiting so long in all for room; whether nothing is late any more."""
        until_s = time.monotonic() + wait_s
        while self._late:
            descriptor = self._descriptor()
            if descriptor is None:
                self._late.clear()
            elif not _has_room(descriptor, max(0.0, until_s - time.monotonic())):
                return False
            else:
                self._write_some(descriptor)
        return True

    def let_go(self) -> None:
        """Drop what is late, and whatever anybody writes to the stream from now on, without waiting."""
        self._late.clear()
        descriptor = self._descriptor()
        if descriptor is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)

    def _write_some(self, descriptor: int) -> None:
        first = self._late.popleft()
        try:
            # As much of a line as surely does not wait. What remains is the next to be written: no line is torn.
            written = os.write(descriptor, first[: select.PIPE_BUF])
        except BlockingIOError:
            written = 0
        except OSError:
            # Whoever collected the lines is gone: that ends no transaction, and there is nobody to tell.
            return
        if written < len(first):
            self._late.appendleft(first[written:])

    def _descriptor(self) -> int | None:
        """Asked for each time: that of a stream which was closed may be something else's by now."""
        try:
            return self._stream.fileno()
        except (OSError, ValueError):
            return None


def _has_room(descriptor: int, wait_s: float) -> bool:
    """Whether a write of `PIPE_BUF` bytes would come back at once, if only with an error."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(wait_s * 1000))
