"""Which brokers do not answer, and why: a port takes connections for a process that hangs, so each is asked something.

The client is told of one address alone. It hears of the other brokers from that one, so whatever it hears proves it
alive; and it logs in as every client of this deployment does.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from infra.refusal import refusal_of, sentence

CONNECT_TIMEOUT_S = 3.0


class Broker(Struct, frozen=True):
    """One that the cluster lists, and where it says it is."""

    id: int
    host: str
    port: int

    @property
    def address(self) -> str:
        """As `bootstrap.servers` takes it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Silence(Struct, frozen=True):
    """Why a broker does not answer, as a sentence that names it, and what to do about it."""

    seen: str
    remedy: str


def silences(
    brokers: Sequence[Broker], properties: Mapping[str, Any], timeout_s: float
) -> dict[int, Silence]:
    """Those that do not answer within the time, by number; all are asked at once."""
    with ThreadPoolExecutor(max(1, len(brokers))) as side_by_side:
        found = side_by_side.map(lambda broker: _silence_of(broker, properties, timeout_s), brokers)
    return {broker.id: silence for broker, silence in zip(brokers, found, strict=True) if silence is not None}


def _silence_of(broker: Broker, properties: Mapping[str, Any], timeout_s: float) -> Silence | None:
    name, address = f"broker {broker.id}", broker.address
    try:
        # First without the client, which would go on trying where nothing listens.
        socket.create_connection((broker.host, broker.port), timeout=CONNECT_TIMEOUT_S).close()
    except OSError as error:
        return Silence(
            f"{name} advertises {address}, which cannot be reached from here: {error}",
            "Start that broker, open the way to it, or mend its advertised.listeners",
        )
    refusal = refusal_of({**properties, "bootstrap.servers": address}, timeout_s)
    if refusal is None:
        return None
    if refusal.is_silence:
        return Silence(
            f"{name} takes connections at {address} and answers nothing: it hangs",
            "Where its process runs, see its log and its disk, and restart it; if it is only slow, say a longer "
            "--timeout",
        )
    return Silence(f"{name} at {address}: {refusal.reason}", sentence(refusal.remedy))
