"""Whoever asks a router may be a port scanner, a balancer that only connects, or somebody whose network has gone."""

from __future__ import annotations

import io
import json
import socket
import struct
import threading
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry

from flows import web
from flows.config import RouterConfig
from flows.health import Health
from flows.logs.log import Log
from infra.kafka.ports import free_port
from tests.faults.stage import wait_for

PERSONAL = "jane.doe@example.com"
RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Faulty:
    """A figure whose fault quotes what a record held."""

    def collect(self) -> Iterator[None]:
        raise KeyError(PERSONAL)


class Pages:
    """A server on a port of its own, and what its process says."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.port = free_port()
        self.lines = io.StringIO()
        web.serve(
            f"127.0.0.1:{self.port}", registry, Health(RouterConfig()), Log("json", self.lines, instance="r")
        )

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=45)

    def status_of(self, path: str) -> int:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=45) as response:
                return int(response.status)
        except HTTPError as error:
            return error.code


def answering() -> int:
    """Threads that are busy with a question."""
    return sum("process_request_thread" in thread.name for thread in threading.enumerate())


@pytest.fixture
def pages() -> Pages:
    wait_for(lambda: answering() == 0, "what another test has asked to be answered")
    return Pages(CollectorRegistry())


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "sent", [b"", b"GET /hea", b"GET /metrics HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\xff"]
)
def test_whoever_resets_the_connection_is_not_worth_a_line(
    sent: bytes, pages: Pages, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = pages.connect()
    connection.sendall(sent)
    wait_for(lambda: answering() == 1 or sent.endswith(b"\n"), "the connection to be taken")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
    connection.close()
    assert pages.status_of("/healthz") == 200
    wait_for(lambda: answering() == 0, "the thread to come back")
    assert (capsys.readouterr().err, pages.lines.getvalue()) == ("", "")


def test_whoever_never_says_what_it_wants_is_sent_away(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(web._Quiet, "timeout", 0.2)
    with pages.connect() as silent:
        assert is_closed(silent)
    assert capsys.readouterr().err == ""


def test_a_process_starts_only_so_many_threads_for_strangers(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit and the container bound them all, and the Kafka clients need some at every restore."""
    # Longer than anybody waits here: none of them is sent away for its silence.
    monkeypatch.setattr(web._Quiet, "timeout", 90.0)
    held = [pages.connect() for _ in range(web.CONNECTIONS_MAX)]
    wait_for(lambda: answering() == web.CONNECTIONS_MAX, "each of them to be taken")
    with pages.connect() as one_too_many:
        assert is_closed(one_too_many)
    for connection in held:
        connection.close()
    wait_for(lambda: answering() == 0, "the threads to come back")
    assert pages.status_of("/healthz") == 200


def test_a_figure_that_fails_is_told_by_its_place_and_never_by_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry = CollectorRegistry()
    pages = Pages(registry)
    registry.register(Faulty())  # type: ignore[arg-type]
    assert pages.status_of("/metrics") == 500
    line = json.loads(pages.lines.getvalue())
    assert line["event"] == "page_failed"
    assert "KeyError" in line["message"]
    assert "test_web_strangers.py" in line["message"]
    assert PERSONAL not in capsys.readouterr().err + pages.lines.getvalue()
    assert pages.status_of("/healthz") == 200
