"""Which process a port was given to: no other one is given it before that process ends.

A port where nobody listens may still be somebody's: a broker that is just starting, or one that was killed and is about
to start again on its old port. Processes that start brokers side by side would take each other's.
"""

import fcntl
from functools import cache
from pathlib import Path
from typing import BinaryIO

from infra.kafka.jars import cache_directory

_claimed: set[int] = set()


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
