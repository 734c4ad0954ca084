"""What the router answers over HTTP: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever runs it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
from prometheus_client import CollectorRegistry, make_wsgi_app

from flows.health import Health, Verdict
from infra.errors import ConfigurationError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

OFF = "off"
PORT_MAX = 65_535
PAGES = "/metrics, /healthz, /readyz"


class _Server(ThreadingMixIn, WSGIServer):
    """Each question in a thread of its own, so that a slow reader of metrics keeps no probe waiting."""

    daemon_threads = True


class _ServerOverIpv6(_Server):
    """For an address in brackets; `[::]` answers IPv4 as well where the system allows it."""

    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request: probes come every few seconds."""

    def log_message(self, format: str, *args: Any) -> None:
        return None


def serve(address: str, registry: CollectorRegistry, health: Health) -> None:
    """Answer at `host:port` for as long as the process lives; "off" serves nothing.

    Raises `ConfigurationError` for an address that is none, or is taken.
    """
    place = place_of(address)
    if place is None:
        return
    server_class = _ServerOverIpv6 if ":" in place[0] else _Server
    try:
        server = make_server(*place, application(registry, health), server_class, _Quiet)
    except (OSError, UnicodeError) as error:
        # A name with a label that is too long does not even reach the resolver.
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ConfigurationError(
            f"metrics cannot be served on {address}: {reason}; choose another with "
            "--metrics host:port, or --metrics off"
        ) from None
    threading.Thread(target=server.serve_forever, name="web", daemon=True).start()


def place_of(address: str) -> tuple[str, int] | None:
    """Host and port of `host:port` or `[IPv6]:port`; None for "off".  Raises `ConfigurationError` for anything else."""
    if address == OFF:
        return None
    host, _, port = address.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if is_bracketed else host
    # An IPv6 address without brackets is not told from its port.
    is_host = bool(bare) and (":" in bare) == is_bracketed
    if not is_host or not (port.isascii() and port.isdigit()) or not int(port) <= PORT_MAX:
        raise ConfigurationError(
            f"metrics is {address!r}; expected host:port or [IPv6]:port with a port up to {PORT_MAX}, such as "
            "127.0.0.1:9464, or off"
        )
    return bare, int(port)


def application(registry: CollectorRegistry, health: Health) -> WSGIApplication:
    """The pages."""
    metrics: WSGIApplication = make_wsgi_app(registry)
    questions: dict[str, Callable[[], Verdict]] = {"/healthz": health.alive, "/readyz": health.ready}

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return metrics(environ, start_response)
        question = questions.get(path)
        if question is None:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [f"there is {PAGES}\n".encode()]
        verdict = question()
        status = "200 OK" if verdict.ok else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [msgspec.json.encode(verdict) + b"\n"]

    return answer
