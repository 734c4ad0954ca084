"""Stands between clients and a broker, and can swallow what they ask of their group's coordinator."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from infra.kafka.properties import HOST

JOIN_GROUP = 11
"""The number of this request in Kafka's protocol; every request begins with its number."""
LENGTH_BYTES = 4


class SilentCoordinator:
    """Passes everything on, but for questions to join a group while `is_silent`: those nobody ever answers."""

    def __init__(self, bootstrap: str) -> None:
        self._broker = HOST, int(bootstrap.rpartition(":")[2])
        self._door = socket.create_server((HOST, 0))
        self._sockets: list[socket.socket] = []
        self.is_silent = False
        self.swallowed = 0
        threading.Thread(target=self._let_in, daemon=True).start()

    @property
    def bootstrap(self) -> str:
        """In place of the broker's own."""
        return f"{HOST}:{self._door.getsockname()[1]}"

    def close(self) -> None:
        for each in (self._door, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._door.accept()
                broker = socket.create_connection(self._broker)
                self._sockets += (client, broker)
                for source, target, change in (
                    (client, broker, self._request),
                    (broker, client, self._response),
                ):
                    threading.Thread(target=_pass_on, args=(source, target, change), daemon=True).start()

    def _request(self, frame: bytes) -> bytes | None:
        if self.is_silent and int.from_bytes(frame[:2]) == JOIN_GROUP:
            self.swallowed += 1
            return None
        return frame

    def _response(self, frame: bytes) -> bytes:
        """The broker tells where it is; whoever goes there would pass us by."""
        return frame.replace(_place(*self._broker), _place(*self._door.getsockname()))


def _place(host: str, port: int) -> bytes:
    """As Kafka writes it into its answers."""
    return host.encode() + port.to_bytes(4)


def _pass_on(source: socket.socket, target: socket.socket, change: Callable[[bytes], bytes | None]) -> None:
    """Frame by frame, until either end is gone."""
    with suppress(OSError), source, target, source.makefile("rb") as frames:
        while length := frames.read(LENGTH_BYTES):
            frame = change(frames.read(int.from_bytes(length)))
            if frame is not None:
                target.sendall(length + frame)
