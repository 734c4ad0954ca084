"""The routers' figures, read again and again: what happened between two readings."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct, field

from cli.shared.router_pages import Figures, PartitionState, RouterAway, Verdict, fetch, shown_address
from flows.health import COPYING, FOLLOWING, LIVE, MEASURING
from schemas.kinds import ORDERS

TIMEOUT_S = 2.0
DECIDING = (LIVE, MEASURING)


class Reading(Struct, frozen=True, kw_only=True):
    """What one router said at one moment; `away` says why it said nothing."""

    address: str
    read_s: float
    away: str = ""
    is_ready: bool = False
    reasons: list[str] = field(default_factory=list)
    partitions: dict[str, PartitionState] = field(default_factory=dict)
    partition_count: int = 0
    """Of how many partitions somebody should decide; 0 while the router does not know it yet."""
    decisions: float = 0.0
    age_buckets: dict[str, float] = field(default_factory=dict)
    """Orders decided so far, by the upper bound of their age, each with those below it."""
    waiting_orders: float | None = None
    overdue_orders: float | None = None
    ignored_stock: dict[str, float] = field(default_factory=dict)
    """Records of each pool's stock that were ignored so far."""


class Totals(Struct, frozen=True, kw_only=True):
    """All routers together, over the time since the reading before; None where nobody said it."""

    decisions_per_second: float | None = None
    age_p50_ms: float | None = None
    age_p99_ms: float | None = None
    lag_records: int | None = None
    lag_seconds: float | None = None
    undecided_partitions: list[int] | None = None
    waiting_orders: int | None = None
    overdue_orders: int | None = None
    ignored_stock: dict[str, int] = field(default_factory=dict)
    """By pool, where anything was: a few that are late are usual, all of a pool are not."""


def read(address: str, steady_s: Callable[[], float] = time.monotonic) -> Reading:
    """The pages of a router; one that is away is a reading like any other.

    The web server of one that hangs goes on telling where its partitions stood: nobody decides them for that.
    """
    shown = shown_address(address)
    try:
        is_alive = Verdict.of(fetch(address, "/healthz", TIMEOUT_S)).ok
        ready = Verdict.of(fetch(address, "/readyz", TIMEOUT_S))
        figures = Figures(fetch(address, "/metrics", TIMEOUT_S).text)
    except RouterAway as away:
        return Reading(address=shown, read_s=steady_s(), away=str(away))
    return Reading(
        address=shown,
        read_s=steady_s(),
        is_ready=ready.ok,
        reasons=ready.reasons,
        partitions=ready.partitions if is_alive else {},
        partition_count=int(figures.total("sluice_partitions") or 0),
        decisions=figures.total("sluice_decisions_total") or 0.0,
        age_buckets=figures.by_label("sluice_decision_age_seconds_bucket", "le", topic=ORDERS),
        waiting_orders=figures.total("sluice_waiting_orders"),
        overdue_orders=figures.total("sluice_overdue_orders"),
        ignored_stock=figures.by_label("sluice_stock_ignored_total", "pool"),
    )


def read_all(addresses: Iterable[str]) -> list[Reading]:
    """Side by side: one that hangs keeps no other waiting."""
    asked = list(addresses)
    with ThreadPoolExecutor(max_workers=len(asked)) as pool:
        return list(pool.map(read, asked))


def totals(before: Iterable[Reading], now: Iterable[Reading]) -> Totals:
    """What the routers that answer say together."""
    earlier = {reading.address: reading for reading in before if not reading.away}
    present = [reading for reading in now if not reading.away]
    pairs = [(earlier[reading.address], reading) for reading in present if reading.address in earlier]
    rates = [_rate(old.decisions, new.decisions, new.read_s - old.read_s) for old, new in pairs]
    buckets = _sum([_difference(old.age_buckets, new.age_buckets) for old, new in pairs])
    ignored = _sum([_difference(old.ignored_stock, new.ignored_stock) for old, new in pairs])
    owned = owners(present)
    lags = [state if state is not None and state.phase == LIVE else None for state in owned.values()]
    # A partition that nobody decides waits for nobody knows how long: the lag of the others is not the lag of all.
    known = [] if None in lags else [state for state in lags if state is not None]
    return Totals(
        decisions_per_second=sum(rates) if rates else None,
        age_p50_ms=quantile_ms(buckets, 0.5),
        age_p99_ms=quantile_ms(buckets, 0.99),
        lag_records=sum(state.lag_records for state in known) if known else None,
        lag_seconds=max((state.lag_seconds for state in known), default=None),
        undecided_partitions=[
            number for number, state in owned.items() if state is None or state.phase not in DECIDING
        ]
        if owned
        else None,
        waiting_orders=_together(reading.waiting_orders for reading in present),
        overdue_orders=_together(reading.overdue_orders for reading in present),
        ignored_stock={pool: round(records) for pool, records in ignored.items() if records},
    )


def owners(readings: Iterable[Reading]) -> dict[int, PartitionState | None]:
    """Each partition as its owner tells it; None where no router that answers has it.

    Whoever follows a partition tells of it, too, and so does for a moment a router that is about to lose it: whoever
    decides it is believed first.
    """
    present = [reading for reading in readings if not reading.away]
    count = max((reading.partition_count for reading in present), default=0)
    found: dict[int, PartitionState | None] = dict.fromkeys(range(count))
    for reading in present:
        for name, state in reading.partitions.items():
            other = found.setdefault(int(name), None)
            is_owned = state.phase not in {COPYING, FOLLOWING}
            if is_owned and (other is None or _is_nearer(state, other)):
                found[int(name)] = state
    return dict(sorted(found.items()))


def _is_nearer(state: PartitionState, other: PartitionState) -> bool:
    """Nearer to deciding."""
    return state.phase in DECIDING and other.phase != LIVE


def _rate(old: float, new: float, seconds: float) -> float:
    """A counter that went back belongs to a router that started again: it began at zero."""
    return (new - old if new >= old else new) / seconds if seconds > 0 else 0.0


def _difference(old: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    has_restarted = any(new.get(bound, 0.0) < count for bound, count in old.items())
    return {bound: count - (0.0 if has_restarted else old.get(bound, 0.0)) for bound, count in new.items()}


def _sum(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    together: dict[str, float] = {}
    for part in parts:
        for bound, count in part.items():
            together[bound] = together.get(bound, 0.0) + count
    return together


def quantile_ms(buckets: Mapping[str, float], share: float) -> float | None:
    """The age that this share of the orders did not exceed, straight between bounds as Prometheus reckons it."""
    ordered = sorted((float(bound), count) for bound, count in buckets.items())
    if not ordered or ordered[-1][1] <= 0:
        return None
    wanted = share * ordered[-1][1]
    below_s, below = 0.0, 0.0
    for bound_s, count in ordered:
        if count >= wanted:
            if bound_s == float("inf"):
                return below_s * 1000
            return (below_s + (bound_s - below_s) * (wanted - below) / max(count - below, 1e-9)) * 1000
        below_s, below = bound_s, count
    return None


def _together(values: Iterable[float | None]) -> int | None:
    known = [value for value in values if value is not None]
    return round(sum(known)) if known else None
