"""A log on a disk that is full: what is lost is counted, and told when there is room again."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.logs.log import Log
from tests.faults.stage import wait_for

PLENTY = 1_000_000
SHORT = 40
"""Less than any line takes."""


class FullDisk:
    """A file on a disk with room for so many bytes; of what is too long it takes the beginning, as a disk does."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.stream = path.open("w", encoding="utf-8")
        self.room = PLENTY
        self.refused = 0
        self._path = path
        write = os.write

        def write_what_fits(descriptor: int, data: bytes) -> int:
            if descriptor != self.stream.fileno():
                return write(descriptor, data)
            fitting = data[: self.room]
            if not fitting:
                self.refused += 1
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.room -= len(fitting)
            return write(descriptor, fitting)

        patch.setattr("os.write", write_what_fits)

    def lines(self) -> list[dict[str, Any]]:
        """Those that are whole."""
        return [json.loads(line) for line in self._path.read_text().splitlines() if line.endswith("}")]


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FullDisk]:
    disk = FullDisk(tmp_path / "router.log", monkeypatch)
    yield disk
    disk.stream.close()


@pytest.mark.parametrize("room", [0, SHORT])
def test_what_is_lost_is_counted_and_told_when_there_is_room_again(disk: FullDisk, room: int) -> None:
    left_out: list[None] = []
    log = Log("json", disk.stream, on_left_out=lambda: left_out.append(None))
    log.info("bundle", "before")
    disk.room = room
    for number in range(5):
        log.warning("setback", f"lost {number}")
        log.catch_up()
    wait_for(lambda: len(left_out) == 5, "every lost line to be counted")
    disk.room = PLENTY
    log.info("bundle", "after")
    log.catch_up()
    wait_for(lambda: len(disk.lines()) == 3, "the lines behind them")
    assert [(line["message"], line.get("left_out")) for line in disk.lines()] == [
        ("before", None),
        ("after", None),
        (
            "5 lines before this one are left out: nobody took those before them, or they could not be written",
            5,
        ),
    ]
    assert len(left_out) == 5


def test_nobody_tries_to_tell_again_and_again_what_cannot_be_written(disk: FullDisk) -> None:
    log = Log("json", disk.stream)
    disk.room = 0
    log.warning("setback", "lost")
    wait_for(lambda: disk.refused > 0, "the disk to refuse it")
    for _ in range(100):
        log.catch_up()
    log.close()
    assert disk.refused == 1
