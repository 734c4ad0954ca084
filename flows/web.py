"""What the router answers over HTTP: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever runs it."""

from __future__ import annotations

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
PAGES = "/metrics, /healthz, /readyz"


class _Server(ThreadingMixIn, WSGIServer):
    """Each question in a thread of its own, so that a slow reader of metrics keeps no probe waiting."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request: probes come every few seconds."""

    def log_message(self, format: str, *args: Any) -> None:
        return None


def serve(address: str, registry: CollectorRegistry, health: Health) -> None:
    """Answer at `host:port` for as long as the process lives; "off" serves nothing.

    Raises `ConfigurationError` for an address that is none, or is taken.
    """
    if address == OFF:
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ConfigurationError(
            f"metrics is {address!r}; expected host:port, such as 127.0.0.1:9464, or off"
        )
    try:
        server = make_server(host, int(port), application(registry, health), _Server, _Quiet)
    except OSError as error:
        raise ConfigurationError(
            f"metrics cannot be served on {address}: {error.strerror}; choose another with "
            "--metrics host:port, or --metrics off"
        ) from None
    threading.Thread(target=server.serve_forever, name="web", daemon=True).start()


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
