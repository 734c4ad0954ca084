"""What the router answers over HTTP: `/metrics` for Prometheus, `/healthz` and `/readyz` for whoever runs it.

Whoever asks may go away at any moment, or never say what it wants: neither costs a thread for long, nor a line.
"""

from __future__ import annotations

import errno
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from io import StringIO
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
from prometheus_client import CollectorRegistry, make_wsgi_app

from flows.health import Health, Verdict
from flows.logs.log import Log
from flows.logs.quoting import where_it_failed
from infra.errors import ConfigurationError, SluiceError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

OFF = "off"
PORT_MAX = 65_535
PAGES = "/metrics, /healthz, /readyz"

PASSING = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, socket.EAI_AGAIN})
"""After a boot the machine's own address may be there later than the router, after a restart the one before may still
have the port: whoever supervises the process is to try again, which exit code 2 forbids."""

CONNECTIONS_MAX = 32
"""At once; a further one is closed, because the process may start only so many threads and its clients need theirs."""

SILENCE_S_MAX = 10.0
"""Of whoever asked: a connection whose other end is gone without a word would keep its thread for good."""


class _Server(ThreadingMixIn, WSGIServer):
    """Each question in a thread of its own, so that a slow reader of metrics keeps no probe waiting."""

    daemon_threads = True
    log: Log | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._free = threading.BoundedSemaphore(CONNECTIONS_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._free.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A port scanner, or a balancer that only connects, resets the connection: nobody need know."""
        error = sys.exception()
        if self.log is not None and isinstance(error, Exception) and not isinstance(error, OSError):
            _tell(self.log, error)


class _ServerOverIpv6(_Server):
    """For an address in brackets; `[::]` answers IPv4 as well where the system allows it."""

    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    """Says nothing of each request: probes come every few seconds."""

    timeout = SILENCE_S_MAX

    def log_message(self, format: str, *args: Any) -> None:
        return None

    def get_stderr(self) -> Any:
        """Where the traceback of an answer goes that nobody waited for; what fails before it is told by `answer`."""
        return StringIO()


def serve(address: str, registry: CollectorRegistry, health: Health, log: Log) -> None:
    """Answer at `host:port` for as long as the process lives; "off" serves nothing.

    Raises `ConfigurationError` for an address that is none, `SluiceError` for one that cannot be had at the moment.
    """
    place = place_of(address)
    if place is None:
        return
    server_class = _ServerOverIpv6 if ":" in place[0] else _Server
    try:
        server = make_server(*place, application(registry, health, log), server_class, _Quiet)
    except (OSError, UnicodeError) as error:
        # A name with a label that is too long does not even reach the resolver.
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        is_passing = isinstance(error, OSError) and error.errno in PASSING
        raise (SluiceError if is_passing else ConfigurationError)(
            f"metrics cannot be served on {address}: {reason}; choose another with "
            "--metrics host:port, or --metrics off"
        ) from None
    server.log = log
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


def application(registry: CollectorRegistry, health: Health, log: Log) -> WSGIApplication:
    """The pages."""
    metrics: WSGIApplication = make_wsgi_app(registry)
    questions: dict[str, Callable[[], Verdict]] = {"/healthz": health.alive, "/readyz": health.ready}

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            try:
                return metrics(environ, start_response)
            except Exception as error:
                _tell(log, error)
                start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
                return [b"the figures cannot be put together; the log says where it failed\n"]
        question = questions.get(path)
        if question is None:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [f"there is {PAGES}\n".encode()]
        verdict = question()
        status = "200 OK" if verdict.ok else "503 Service Unavailable"
        start_response(status, [("Content-Type", "application/json")])
        return [msgspec.json.encode(verdict) + b"\n"]

    return answer


def _tell(log: Log, error: Exception) -> None:
    """By its type and place: its text may quote what a record holds."""
    log.error(
        "page_failed",
        f"a page could not be answered: {where_it_failed(error)}; this is a fault of the program",
    )
