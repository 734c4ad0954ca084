"""One look at everything: the routers' figures, and what the topics told since the look before."""

from __future__ import annotations

import time
from typing import Any

from msgspec import Struct, structs

from cli.shared.router_pages import PartitionState
from cli.watch.happenings import Happening
from cli.watch.readings import Reading, Totals, owners, read_all, totals
from cli.watch.tails import KINDS, Tails
from flows.health import LIVE
from schemas.kinds import DEAD_LETTERS, DECISIONS, EXCEPTIONS, INVENTORY
from schemas.times import rfc3339

NAMES = {
    DECISIONS: "decisions",
    EXCEPTIONS: "exceptions",
    DEAD_LETTERS: "dead_letters",
    INVENTORY: "stock_events",
}
"""What the kinds are called for programs."""


class Moment(Struct, frozen=True, kw_only=True):
    """What was seen at one time; `counts` and `latest` are of the time since the moment before."""

    at_ms: int
    routers: list[Reading]
    totals: Totals
    counts: dict[str, int]
    latest: dict[str, list[Happening]]
    kafka_fault: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "time": rfc3339(self.at_ms),
            "routers": [_router(reading) for reading in self.routers],
            **structs.asdict(self.totals),
            "partitions": {str(number): _partition(state) for number, state in owners(self.routers).items()},
            "kafka_fault": self.kafka_fault or None,
            "counts": {NAMES[kind]: self.counts.get(kind, 0) for kind in KINDS},
            **{
                NAMES[kind]: [each.fields | {"text": each.text} for each in self.latest[kind]]
                for kind in KINDS
            },
        }


def _router(reading: Reading) -> dict[str, Any]:
    return {
        "address": reading.address,
        "up": not reading.away,
        "ready": reading.is_ready,
        "why_not": [reading.away] if reading.away else reading.reasons,
    }


def _partition(state: PartitionState | None) -> dict[str, Any]:
    """As its owner tells it; only whoever decides it knows how late it is."""
    if state is not None and state.phase == LIVE:
        return structs.asdict(state)
    return {"phase": None if state is None else state.phase, "lag_records": None, "lag_seconds": None}


class Observer:
    """Looks again and again; each look needs the one before to know what happened meanwhile."""

    def __init__(self, addresses: list[str], tails: Tails) -> None:
        self._addresses = addresses
        self._tails = tails
        self._before = read_all(addresses)
        # Both begin here: what was told before belongs to no interval.
        tails.take()

    def look(self) -> Moment:
        readings = read_all(self._addresses)
        seen = self._tails.take()
        moment = Moment(
            at_ms=time.time_ns() // 1_000_000,
            routers=readings,
            totals=totals(self._before, readings),
            counts=seen.counts,
            latest=seen.latest,
            kafka_fault=self._tails.fault,
        )
        self._before = readings
        return moment
