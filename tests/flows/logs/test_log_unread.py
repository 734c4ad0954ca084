"""A log that nobody takes keeps nobody waiting; what is left out of it is counted, the least important first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import pytest

from flows.logs.log import Log
from tests.faults.stage import wait_for

WAIT_S = 45.0
LINES = 3_000
"""Several times what is kept for later."""
LONG = "x" * 50_000


class Pipe:
    """A real one, with nobody at its end until `lines` is asked for.

    It is full from the start: what still fits might be written late on a busy machine, and others left out before it.
    """

    def __init__(self) -> None:
        self._out, into = os.pipe()
        os.set_blocking(into, False)
        with suppress(BlockingIOError):
            while os.write(into, b"\n"):
                pass
        os.set_blocking(into, True)
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
        *whole, _begun = self._read.split(b"\n")
        return [json.loads(line) for line in whole if line]

    def leave(self) -> None:
        """Nobody will ever read again.

        The stream stays open: a log that still has lines would write them to whatever is given its number next.
        """
        if self._out >= 0:
            os.close(self._out)
            self._out = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.leave()


def in_time(task: Callable[[], None]) -> bool:
    """Whether it comes back at all."""
    thread = threading.Thread(target=task, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    return not thread.is_alive()


def say(log: Log, count: int = LINES) -> None:
    for number in range(count):
        log.info("bundle", f"bundle {number}")


def read_on(pipe: Pipe, log: Log) -> list[dict[str, Any]]:
    """Read, until it is told how much is missing."""

    def is_told() -> bool:
        log.catch_up()
        return any(line["event"] == "unread" for line in pipe.lines())

    wait_for(is_told, "what is missing to be told")
    return pipe.lines()


def test_whoever_speaks_does_not_wait_for_whoever_listens(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    assert in_time(lambda: say(log))


def test_every_line_is_read_later_or_was_counted(pipe: Pipe) -> None:
    left_out: list[None] = []
    log = Log("json", pipe.stream, on_left_out=lambda: left_out.append(None))
    say(log)
    assert left_out
    *lines, unread = read_on(pipe, log)
    assert [line["message"] for line in lines] == [f"bundle {number}" for number in range(len(lines))]
    assert unread["left_out"] == len(left_out) == LINES - len(lines)
    log.info("ended", "over")
    wait_for(lambda: pipe.lines()[-1]["event"] == "ended", "the last line")


def test_warnings_and_errors_are_left_out_last(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    say(log)
    log.warning("setback", "partition 3 starts again")
    log.error("stopped", "partition 3 stops")
    say(log)
    assert [line["event"] for line in read_on(pipe, log) if line["event"] != "bundle"] == [
        "setback", "stopped", "unread",
    ]  # fmt: skip


def test_what_is_kept_for_later_has_a_bound(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    for _ in range(2 * LINES):
        log.error("stopped", "partition 3 stops")
    assert Counter(line["event"] for line in read_on(pipe, log))["stopped"] < LINES


def test_a_long_line_is_never_torn(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    for _ in range(3):
        log.info("assigned", LONG)
    wait_for(lambda: len(pipe.lines()) == 3, "every line")


def test_whoever_went_away_keeps_nobody(pipe: Pipe) -> None:
    log = Log("json", pipe.stream)
    say(log)
    pipe.leave()
    log.error("stopped", "partition 3 stops")
    log.close()


class HungDisk:
    """A file to which a write comes back only when the disk does."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.stream = path.open("w", encoding="utf-8")
        self.is_back = threading.Event()
        self._path = path
        write = os.write

        def write_if_it_is_back(descriptor: int, data: bytes) -> int:
            if descriptor == self.stream.fileno():
                self.is_back.wait()
            return write(descriptor, data)

        patch.setattr("os.write", write_if_it_is_back)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._path.read_text().splitlines()]


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HungDisk]:
    disk = HungDisk(tmp_path / "router.log", monkeypatch)
    yield disk
    disk.is_back.set()


def test_a_disk_that_hangs_keeps_nobody_waiting_and_is_told_everything_when_it_is_back(
    disk: HungDisk,
) -> None:
    log = Log("json", disk.stream)
    assert in_time(lambda: say(log, 100))
    disk.is_back.set()
    wait_for(lambda: len(disk.lines()) == 100, "every line to be written")
    assert [line["message"] for line in disk.lines()] == [f"bundle {number}" for number in range(100)]


def test_a_process_on_a_disk_that_hangs_closes_its_log(disk: HungDisk) -> None:
    log = Log("json", disk.stream)
    say(log)
    assert in_time(log.close)


KILLED = """
import os, signal
from flows.logs import stream
from flows.logs.log import Log
stream.PATIENCE_S = 45.0
log = Log("json")
for number in range(100):
    log.info("bundle", f"bundle {number}")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_process_said_before_it_was_killed_is_said() -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED], stderr=subprocess.PIPE, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(ended.stderr.splitlines()) == 100


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
