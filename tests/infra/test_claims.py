"""A port that one process was given is given to no other before the first one ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.errors import SluiceError
from infra.kafka import directory
from infra.kafka.claims import claim
from infra.kafka.directory import free_port

ROOT = Path(__file__).parents[2]
ANOTHER = "from infra.kafka.directory import free_port; print(free_port(), flush=True); input()"


@pytest.fixture
def another() -> "Iterator[subprocess.Popen[str]]":
    """Another process that asks for a port, and lives until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield process
        process.kill()


def test_it_is_the_other_process_s_until_that_ends(another: "subprocess.Popen[str]") -> None:
    assert another.stdout is not None
    port = int(another.stdout.readline())
    assert not claim(port), "nobody listens there, and it is taken all the same"
    another.kill()
    another.wait()
    assert claim(port)


def test_one_process_is_given_no_port_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setattr(directory, "PORTS", range(port, port + 1))
    with pytest.raises(SluiceError, match="No free port"):
        free_port()
