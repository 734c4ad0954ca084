"""Whoever collects the lines of a router stands still."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stage import Stage, order_of, wait_for
from tests.promises import promise
from tests.side_by_side import takes


class FullPipe:
    """A pipe that takes nothing more until somebody reads."""

    def __init__(self) -> None:
        self._out, self.into = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self.into, False)
        with suppress(BlockingIOError):
            while True:
                os.write(self.into, b"\n" * 4096)
        # The one who is to write shares this with us, and must find it as it usually is.
        os.set_blocking(self.into, True)
        self._read = b""

    def has_said(self, event: str) -> bool:
        """Read what there is; whether such a line was among it."""
        with suppress(BlockingIOError):
            self._read += os.read(self._out, 1 << 20)
        return f'"event": "{event}"'.encode() in self._read

    def close(self) -> None:
        os.close(self._out)
        os.close(self.into)


@pytest.fixture
def pipe() -> Iterator[FullPipe]:
    pipe = FullPipe()
    yield pipe
    pipe.close()


@takes(6)
@promise("P3")
def test_a_router_whose_log_nobody_reads_decides_and_tells_it_later(
    kafka: Any, prefix: str, tmp_path: Path, pipe: FullPipe
) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    stage.send_stock("eu", quantity=50)
    stage.send_orders("eu", first=0, count=30)
    with stage.router(output=pipe.into) as router:
        stage.wait_until_done([router])
        wait_for(
            lambda: len({order_of(each) for each in stage.decisions()}) == 30, "every order to be decided"
        )
        wait_for(
            lambda: pipe.has_said("ready"), "what it had said meanwhile, with nothing to be said after it"
        )
        assert router.terminate() == 0
    assert pipe.has_said("ended")


@takes(6)
def test_a_router_whose_log_nobody_reads_ends_when_it_is_asked_to(
    kafka: Any, prefix: str, tmp_path: Path, pipe: FullPipe
) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    stage.send_stock("eu", quantity=50)
    with stage.router(output=pipe.into) as router:
        stage.wait_until_done([router])
        assert router.terminate() == 0
