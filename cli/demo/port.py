"""Where the demo's router answers over HTTP: at the usual port, unless that is taken."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from infra.errors import ConfigurationError
from infra.kafka.directory import free_port, require_free
from infra.kafka.jars import cache_directory

USUAL_PORT = 9464


@contextmanager
def metrics_port(usual: int = USUAL_PORT) -> Iterator[int]:
    """The usual port for one demo at a time, and another one for each that is started beside it.

    While a router is dead nobody listens at its port, so that it looks free: what keeps a second demo away from it
    until the router is back is a lock, which ends with the process that holds it.
    """
    place = cache_directory()
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"port-{usual}.lock").open("a") as lock:
        yield usual if _is_ours(lock) and _is_free(usual) else free_port()


def _is_ours(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_free(port: int) -> bool:
    try:
        require_free(port)
    except ConfigurationError:
        return False
    return True
