"""Ports of the loopback address: each is given to one process, and to no other one before that process ends.

A port where nobody listens may still be somebody's: a broker that is just starting, or one that was killed and is about
to start again on its old port. Processes that start brokers side by side would take each other's.
"""

import fcntl
import random
import socket
from functools import cache
from pathlib import Path
from typing import BinaryIO

from infra.errors import ConfigurationError, SluiceError
from infra.kafka.jars import cache_directory
from infra.kafka.properties import HOST

# Below every system's range of ephemeral ports. A client that reconnects to a port *inside* that range while
# the broker restarts can be given the very same port as its own and connect to itself; then the broker cannot bind.
PORTS = range(20_000, 30_000)

_claimed: set[int] = set()


def free_port(usual: int | None = None) -> int:
    """A port that nobody listens on, and that no process was given before: the usual one, where that is such a port."""
    for port in [*([usual] if usual else []), *random.sample(PORTS, min(200, len(PORTS)))]:
        if _is_free(port) and claim(port):
            return port
    raise SluiceError(f"No free port between {PORTS.start} and {PORTS.stop} on {HOST}; give one with --port")


def require_free(port: int) -> None:
    if not _is_free(port):
        raise ConfigurationError(
            f"Port {port} of {HOST} is in use; choose another one, or none for a free one"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        # As the broker does: connections of an earlier broker that are only waiting to be forgotten don't count.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
        return True


def claim(port: int) -> bool:
    """Make the port this process's until it ends, however it ends; False when it was given to somebody before."""
    if port in _claimed:
        return False
    try:
        # Each port is one byte of the file. The kernel forgets a process's locks with the process.
        fcntl.lockf(_file(cache_directory() / "ports.lock"), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):
        return False
    _claimed.add(port)
    return True


@cache
def _file(path: Path) -> BinaryIO:
    # Never closed and opened again: with the first descriptor that is closed a process loses its locks on the file.
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")
