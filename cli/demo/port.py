"""Where the demo's router answers over HTTP."""

from __future__ import annotations

from infra.errors import ConfigurationError
from infra.kafka.claims import claim
from infra.kafka.directory import free_port, require_free

USUAL_PORT = 9464


def metrics_port(usual: int = USUAL_PORT) -> int:
    """The usual port for one demo at a time, and another one for each that is started beside it.

    It is claimed, because it looks free as long as the router is dead.
    """
    return usual if claim(usual) and _is_free(usual) else free_port()


def _is_free(port: int) -> bool:
    try:
        require_free(port)
    except ConfigurationError:
        return False
    return True
