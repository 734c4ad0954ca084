"""What a router tells over HTTP, for the verbs that look at it from outside."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct, field
from prometheus_client.parser import text_string_to_metric_families

from infra.errors import ConfigurationError

DEFAULT_ADDRESS = "http://127.0.0.1:9464"
PAGE_BYTES_MAX = 64 * 1024 * 1024

# A proxy that the environment names is for the world outside, not for a router.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RouterAway(Exception):
    """A router that does not answer; the message says why."""


class RouterSilent(RouterAway):
    """It takes the connection, or nothing says that it does not, and there is no answer."""


class Page(Struct, frozen=True):
    """What came back, an answer of 503 included: that is how a router says no."""

    status: int
    text: str
    date_ms: int | None
    """The router's clock, to the second."""


class PartitionState(Struct, frozen=True):
    """One partition as /readyz tells it."""

    phase: str
    lag_records: int = 0
    lag_seconds: float = 0.0


class Verdict(Struct, frozen=True):
    """What /healthz and /readyz answer; fields that are not known here are ignored."""

    ok: bool
    reasons: list[str] = field(default_factory=list)
    partitions: dict[str, PartitionState] = field(default_factory=dict)

    @staticmethod
    def of(page: Page) -> Verdict:
        """Raises `RouterAway` where something else than a router answers."""
        try:
            return msgspec.json.decode(page.text.encode(), type=Verdict)
        except msgspec.MsgspecError:
            raise RouterAway("it is no router: it does not answer as one does") from None


def checked_address(address: str) -> str:
    """`http://host:port` without a path; `host:port` is taken for it."""
    full = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(full)
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port is not None
    except ValueError:
        valid = False
    if not valid:
        raise ConfigurationError(
            f"--router {address.rpartition('@')[2]!r} is no address of a router; expected http://host:port, such as "
            f"{DEFAULT_ADDRESS}"
        )
    return full.rstrip("/")


def shown_address(address: str) -> str:
    """`host:port`, without the password that an address may carry."""
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port}"


def fetch(address: str, path: str, timeout_s: float) -> Page:
    """One page; raises `RouterAway`."""
    try:
        try:
            answer = _opener.open(_request(address, path), timeout=timeout_s)
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:
                raise RouterAway(f"it answers {refusal.code} to {path}") from None
            answer = refusal
        with answer:
            text = answer.read(PAGE_BYTES_MAX).decode(errors="replace")
            return Page(answer.status or 0, text, _date_ms(answer.headers.get("Date")))
    except urllib.error.URLError as error:
        raise _away(error.reason) from None
    except (OSError, ValueError, HTTPException) as error:
        raise _away(error) from None


def _away(error: object) -> RouterAway:
    kind = RouterSilent if isinstance(error, TimeoutError) else RouterAway
    return kind(_reason(error))


def _request(address: str, path: str) -> urllib.request.Request:
    """A name and a password in the address go where HTTP wants them, and into no message."""
    parts = urlsplit(address)
    request = urllib.request.Request(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}{path}")
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())
    return request


def _date_ms(header: str | None) -> int | None:
    try:
        return None if header is None else int(parsedate_to_datetime(header).timestamp() * 1000)
    except ValueError:
        return None


def _reason(error: object) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


class Figures:
    """One reading of /metrics.  A figure that this router does not have is empty, never an error."""

    def __init__(self, text: str) -> None:
        self._samples: dict[str, list[tuple[dict[str, str], float]]] = {}
        try:
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    self._samples.setdefault(sample.name, []).append((sample.labels, sample.value))
        except ValueError:
            raise RouterAway("it is no router: its /metrics are no metrics") from None

    def samples(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """Labels and value of each series of this name."""
        yield from self._samples.get(name, ())

    def total(self, name: str, **labels: str) -> float | None:
        """The sum over all series with these labels; None where there is no such figure."""
        found = [value for own, value in self.samples(name) if labels.items() <= own.items()]
        return sum(found) if found else None

    def by_label(self, name: str, label: str, **labels: str) -> dict[str, float]:
        """The sum for each value of one label."""
        sums: dict[str, float] = {}
        for own, value in self.samples(name):
            if label in own and labels.items() <= own.items():
                sums[own[label]] = sums.get(own[label], 0.0) + value
        return sums
