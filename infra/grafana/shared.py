"""Figures that more than one dashboard shows, each in one form of words with one query."""

from __future__ import annotations

from collections.abc import Sequence

from infra.grafana.figures import RATIO, Query
from infra.grafana.model.fields import DataLink
from infra.grafana.model.panels import Stat
from infra.grafana.panels import stat
from infra.grafana.parts import OF_POOLS
from infra.grafana.promql import FRESHNESS_OBJECTIVE, arrived_in_time, fresh_share, orders_that, share_now
from infra.grafana.thresholds import ON_TIME, at_least

NO_SCANS = "no scans"


def heard_from_every_pool(*links: DataLink, width: int = 6) -> Stat:
    return stat(
        "Do we hear from every pool?",
        "Pools whose stock was heard of within the freshness limit; what is ignored is not heard. Objective 99 %. "
        "What is decided on old stock may be withdrawn later: find the silent pool in Network, then its warehouse "
        "system's feed.",
        Query(fresh_share(OF_POOLS)),
        RATIO,
        at_least(FRESHNESS_OBJECTIVE),
        width=width,
        decimals=1,
        links=links,
    )


def leave_with_their_truck(of: str, labels: str, *links: DataLink, width: int = 6) -> Stat:
    """By the counters of pools, `sluice`, or of channels, `sluice_channel`."""
    return stat(
        "Do packages leave with their truck?",
        "Dispatch performance: packages handed over by the departure planned at release, of those due in the time "
        "shown. What is overdue and still there counts as late.",
        Query(share_now(f"{of}_dispatch_on_time_total", f"{of}_dispatch_due_total", labels)),
        RATIO,
        ON_TIME,
        width=width,
        decimals=1,
        links=links,
    )


def arrive_as_promised(of: str, labels: str, *links: DataLink, width: int = 6) -> Stat:
    """By the same counters."""
    return stat(
        "Do packages arrive as promised?",
        "On-time delivery: packages delivered by their first deliver-by, of those judged in the time shown, which is "
        "six hours after it. What nobody scanned counts as late; where no carrier has told of any for a week, or "
        "none was due, it says so.",
        Query(arrived_in_time(f"{of}_delivery_{{}}_total", labels)),
        RATIO,
        ON_TIME,
        width=width,
        decimals=1,
        nothing=NO_SCANS,
        links=links,
    )


def orders_that_wait(links: Sequence[DataLink]) -> Stat:
    return stat(
        "How many orders wait for stock?",
        "Orders with units that no pool can serve now: sales that are not made yet. Some is normal where things are "
        "sold out; a steep rise is a stock feed that fails or a count gone wrong: open Network.",
        Query(orders_that("sluice_waiting_orders")),
        width=6,
        links=links,
    )
