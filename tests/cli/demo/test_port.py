"""Two demos at once do not meet at one port, not even while the router of one of them is dead."""

from pathlib import Path
from socket import create_server

import pytest

from cli.demo.port import metrics_port
from infra.kafka.directory import free_port


@pytest.fixture(autouse=True)
def usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return free_port()


def test_a_demo_alone_has_the_usual_port_and_gives_it_back(usual: int) -> None:
    for _ in range(2):
        with metrics_port(usual) as port:
            assert port == usual


def test_a_second_demo_takes_another_port_though_nobody_listens_at_the_first_ones(usual: int) -> None:
    with metrics_port(usual) as first, metrics_port(usual) as second:
        assert first == usual
        assert second != usual


def test_where_somebody_else_listens_another_port_is_taken(usual: int) -> None:
    with create_server(("127.0.0.1", usual)), metrics_port(usual) as port:
        assert port != usual
