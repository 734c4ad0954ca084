"""Where the lines of a log go: to whoever takes them, and never at the router's cost.

A pipe that nobody reads is full after 64 KiB, and a disk may hang: then a write does not come back, and the flow or a
commit would wait with it. So a thread writes. Whoever has a line waits until it is written, but not for long, and not
at all while the lines before it are late: those are written when they are taken, in their order. When too many are
late, the next ones are left out, and ordinary ones long before others.

Nothing is late while lines are taken: what a process said before it was killed is said.

What cannot be written, as on a full disk, is lost, and counted; the next line tries anew.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from contextlib import suppress
from typing import TextIO

LATE_MAX = 1_000
ORDINARY_LATE_MAX = 500

PATIENCE_S = 0.1
"""Much longer than any write takes that comes back, and waited for once where one does not."""


class LogStream:
    """Lines on a stream; the caller lets one thread in at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._late: deque[bytes] = deque()
        """What is not written yet; the first of them is in hand."""
        self._changed = threading.Condition()
        self._lost = 0
        self._is_torn = False
        """The last thing written is the beginning of a line."""
        self.is_failing = False
        """The last line could not be written."""
        self._writer: threading.Thread | None = None

    @property
    def is_late(self) -> bool:
        """Whether there are lines that are not written yet."""
        return bool(self._late)

    @property
    def has_lost(self) -> bool:
        """Whether lines could not be written that nobody has taken account of."""
        return self._lost > 0

    def take_lost(self) -> int:
        """How many lines could not be written since the last call."""
        with self._changed:
            count, self._lost = self._lost, 0
        return count

    def put(self, line: str, *, is_ordinary: bool) -> bool:
        """Write a line, now or as soon as it is taken; False where it is left out."""
        if self._descriptor() is None:
            # Not a file but, say, a string; or one that was closed, which ends no transaction.
            with suppress(OSError, ValueError):
                self._stream.write(line)
                self._stream.flush()
            return True
        if len(self._late) >= (ORDINARY_LATE_MAX if is_ordinary else LATE_MAX):
            return False
        with self._changed:
            is_first = not self._late
            self._late.append(line.encode(self._stream.encoding or "utf-8", "backslashreplace"))
            self._changed.notify_all()
        if self._writer is None:
            self._writer = threading.Thread(target=self._write_on, name="log", daemon=True)
            self._writer.start()
        if is_first:
            self.wait(PATIENCE_S)
        return True

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is late any more; whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._late, timeout_s)

    def let_go(self) -> None:
        """Drop what is late, and whatever anybody writes to the stream from now on, without waiting."""
        with self._changed:
            self._late.clear()
        descriptor = self._descriptor()
        if descriptor is not None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)

    def _write_on(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._late))
                line = self._late[0]
            is_written = self._write(line)
            with self._changed:
                self.is_failing = not is_written
                self._lost += not is_written
                # Somebody may have let go of it meanwhile.
                if self._late:
                    self._late.popleft()
                self._changed.notify_all()

    def _write(self, line: bytes) -> bool:
        """Whether all of it could be written."""
        if self._is_torn:
            line = b"\n" + line
        length = len(line)
        while line:
            descriptor = self._descriptor()
            if descriptor is None:
                return False
            try:
                line = line[os.write(descriptor, line) :]
            except BlockingIOError:
                # Somebody with whom the stream is shared wants it so.
                poll = select.poll()
                poll.register(descriptor, select.POLLOUT)
                poll.poll()
            except OSError:
                # The disk is full, or whoever collected the lines is gone: that ends no transaction.
                self._is_torn = self._is_torn or len(line) < length
                return False
        self._is_torn = False
        return True

    def _descriptor(self) -> int | None:
        """Asked for each time: that of a stream which was closed may be something else's by now."""
        try:
            return self._stream.fileno()
        except (OSError, ValueError):
            return None
