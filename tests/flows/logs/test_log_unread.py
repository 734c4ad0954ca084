"""A log that nobody reads keeps nobody waiting; what is left out of it is counted, the least important first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TextIO

import pytest

from flows.logs.log import Log

WAIT_S = 20.0
LINES = 3_000
"""Several times what a pipe holds."""
LONG = "x" * 50_000


class Pipe:
    """A real one, with nobody at its end until `lines` is asked for."""

    def __init__(self) -> None:
        self._out, into = os.pipe()
        self.stream: TextIO = os.fdopen(into, "w", encoding="utf-8")
        self._read = b""

    def lines(self) -> list[dict[str, Any]]:
        """The whole lines that were written so far, without waiting for more."""
        os.set_blocking(self._out, False)
        try:
            while chunk := os.read(self._out, 1 << 20):
                self._read += chunk
        except BlockingIOError:
            pass
        return [json.loads(line) for line in self._read.splitlines(keepends=True) if line.endswith(b"\n")]

    def leave(self) -> None:
        """Nobody will ever read again."""
        if self._out >= 0:
            os.close(self._out)
            self._out = -1

    def close(self) -> None:
        self.leave()
        with suppress(BrokenPipeError):
            self.stream.close()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def in_time(task: Callable[[], None]) -> bool:
    """Whether it comes back at all."""
    thread = threading.Thread(target=task, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    return not thread.is_alive()


def say(log: Log, count: int = LINES) -> None:
    for number in range(count):
        log.info("bundle", f"bundle {number}")


def test_whoever_speaks_does_not_wait_for_whoever_listens(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    assert in_time(lambda: say(log))


def test_every_line_is_read_later_or_was_counted(pipe: Pipe) -> None:
    left_out: list[None] = []
    log = Log("json", pipe.stream, on_left_out=lambda: left_out.append(None))
    say(log)
    assert left_out
    while not any(line["event"] == "unread" for line in pipe.lines()):
        log.catch_up()
    *lines, unread = pipe.lines()
    assert [line["message"] for line in lines] == [f"bundle {number}" for number in range(len(lines))]
    assert unread["left_out"] == len(left_out) == LINES - len(lines)
    log.info("ended", "over")
    assert pipe.lines()[-1]["event"] == "ended"


def test_warnings_and_errors_are_left_out_last(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    say(log)
    log.warning("setback", "partition 3 starts again")
    log.error("stopped", "partition 3 stops")
    say(log)
    while not any(line["event"] == "unread" for line in pipe.lines()):
        log.catch_up()
    assert [line["event"] for line in pipe.lines() if line["event"] != "bundle"] == [
        "setback", "stopped", "unread",
    ]  # fmt: skip


def test_what_is_kept_for_later_has_a_bound(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    for _ in range(2 * LINES):
        log.error("stopped", "partition 3 stops")
    while not any(line["event"] == "unread" for line in pipe.lines()):
        log.catch_up()
    assert Counter(line["event"] for line in pipe.lines())["stopped"] < LINES


def test_a_long_line_is_never_torn(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    for _ in range(3):
        log.info("assigned", LONG)
    while len(pipe.lines()) < 3:
        log.catch_up()


def test_whoever_went_away_keeps_nobody(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    say(log)
    pipe.leave()
    log.error("stopped", "partition 3 stops")
    log.close()


ENDS = f"""
import sys
from flows.logs.log import Log
log = Log("json")
for number in range({LINES}):
    log.info("bundle", "a bundle")
log.close()
print("x" * 1_000_000, file=sys.stderr)
sys.exit(3)
"""


def test_a_process_ends_although_nobody_reads_what_it_says_last() -> None:
    with subprocess.Popen([sys.executable, "-c", ENDS], stderr=subprocess.PIPE) as process:
        try:
            assert process.wait(WAIT_S) == 3
        finally:
            process.kill()
