"""A port that one process was given is given to no other before the first one ends."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import create_server

import pytest

from infra.errors import SluiceError
from infra.kafka import ports
from infra.kafka.ports import claim, free_port

ROOT = Path(__file__).parents[2]
ANOTHER = "from infra.kafka.ports import free_port; print(free_port(), flush=True); input()"


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
    monkeypatch.setattr(ports, "PORTS", range(port, port + 1))
    with pytest.raises(SluiceError, match="No free port"):
        free_port()


@pytest.fixture
def usual() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_second_demo_takes_another_port_though_nobody_listens_at_the_first_ones(usual: int) -> None:
    assert free_port(usual) == usual
    assert free_port(usual) != usual


def test_where_somebody_else_listens_another_port_is_taken(usual: int) -> None:
    with create_server(("127.0.0.1", usual)):
        assert free_port(usual) != usual
