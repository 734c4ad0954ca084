"""Two demos at once do not meet at one port, not even while the router of one of them is dead."""

from socket import create_server

import pytest

from cli.demo.port import metrics_port


@pytest.fixture
def usual() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_second_demo_takes_another_port_though_nobody_listens_at_the_first_ones(usual: int) -> None:
    assert metrics_port(usual) == usual
    assert metrics_port(usual) != usual


def test_where_somebody_else_listens_another_port_is_taken(usual: int) -> None:
    with create_server(("127.0.0.1", usual)):
        assert metrics_port(usual) != usual
