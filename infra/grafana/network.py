"""*Network*: the pools, that is the warehouses, stores and partners that ship."""

from __future__ import annotations

from infra.grafana.commands import behind_network
from infra.grafana.layout import Section
from infra.grafana.model import Dashboard
from infra.grafana.panels import COUNT, PER_SECOND, RATIO, SECONDS, Column, Query, bars, curves, stat, table
from infra.grafana.parts import BUSINESS, CHANNEL, NETWORK, POOL, dashboard, to, to_one_of_row
from infra.grafana.promql import (
    FRESHNESS_OBJECTIVE,
    at_risk,
    fresh_share,
    in_time_shown,
    rate_of,
    ratio,
    share_on_time,
    stock_age,
)  # fmt: skip
from infra.grafana.thresholds import at_least, below, plain, watched

OURS = 'pool=~"$pool"'
"""The pools chosen above."""

DISPATCH_GOOD, DISPATCH_FAIR = 0.98, 0.95
FAILURE_BAD, FAILURE_NOTABLE = 0.03, 0.01
LOAD_HIGH, LOAD_FULL = 0.85, 1.0
FRESHNESS_LIMIT_S = 900
"""The default of `stock_freshness_limit_ms`, for colours; the share above goes by the limit in force."""


ON_TIME_BY_POOL = share_on_time("sluice_dispatch_due_total", "sluice_dispatch_on_time_total", OURS, "pool")


def _worst(expression: str) -> str:
    return f"topk(20, {expression})"


ALL_TOGETHER = Section(
    "Do the pools keep their word?",
    [
        stat(
            "Do we hear from every pool?",
            "Pools whose stock was heard of within the freshness limit. Objective 99 %.",
            Query(fresh_share(OURS)), RATIO, at_least(FRESHNESS_OBJECTIVE), decimals=1,
        ),
        stat(
            "Do packages leave with their truck?",
            "Dispatch performance: packages handed over by the departure planned at release, of those due in the time "
            "shown. What is overdue and still there counts as late; nothing due counts as 100 %.",
            Query(share_on_time("sluice_dispatch_due_total", "sluice_dispatch_on_time_total", OURS)),
            RATIO, at_least(DISPATCH_GOOD, nearly=DISPATCH_FAIR), decimals=1, trend=False,
        ),
        stat(
            "How often does a pool fail us?",
            "Pool failure: units rejected or picked short, of those released in the time shown. They are sourced again "
            "elsewhere, which costs money and time.",
            Query(ratio("sluice_failed_units_total", "sluice_released_units_total", OURS)),
            RATIO, below(FAILURE_BAD, nearly=FAILURE_NOTABLE), decimals=2, trend=False,
        ),
        stat(
            "How full is the fullest pool today?",
            "Orders placed with it today, of what it takes in a day; only pools that state a limit. At 100 % its "
            "orders go elsewhere, at a higher cost.",
            Query(f"max(sluice_capacity_used{{{OURS}}} / sluice_capacity_limit{{{OURS}}})"),
            RATIO, below(LOAD_FULL, nearly=LOAD_HIGH), decimals=1,
        ),
    ],
)  # fmt: skip

POOL_BY_POOL = Section(
    "Which pool is it?",
    [
        table(
            "How is each pool doing?",
            "One row for each pool; figures of the time shown, except stock age, load and units at risk, which are "
            "of now. Click a pool to see it alone.",
            ("pool",),
            [
                Column("stock age", stock_age(OURS), SECONDS, below(FRESHNESS_LIMIT_S, nearly=FRESHNESS_LIMIT_S / 2)),
                Column("load", f"max by (pool) (sluice_capacity_used{{{OURS}}} / sluice_capacity_limit{{{OURS}}})",
                       RATIO, below(LOAD_FULL, nearly=LOAD_HIGH)),
                Column("released", in_time_shown("sluice_released_shipments_total", OURS, "pool")),
                Column("dispatched", in_time_shown("sluice_dispatched_shipments_total", OURS, "pool")),
                Column("due", in_time_shown("sluice_dispatch_due_total", OURS, "pool")),
                Column("on time", ON_TIME_BY_POOL, RATIO, at_least(DISPATCH_GOOD, nearly=DISPATCH_FAIR)),
                Column("missed", in_time_shown("sluice_cutoffs_missed_total", OURS, "pool"),
                       thresholds=watched(1)),
                Column("rejected", in_time_shown("sluice_rejected_shipments_total", OURS, "pool")),
                Column("failed units", ratio("sluice_failed_units_total", "sluice_released_units_total", OURS, "pool"),
                       RATIO, below(FAILURE_BAD, nearly=FAILURE_NOTABLE)),
                Column("withdrawn", in_time_shown("sluice_promises_withdrawn_total", OURS, "pool"),
                       thresholds=watched(1)),
                Column("units at risk", at_risk(OURS), thresholds=watched(1)),
            ],
            height=11,
            key_links=[to_one_of_row(NETWORK, "pool", "Only this pool")],
        ),
    ],
)  # fmt: skip

STOCK_AND_LOAD = Section(
    "Is what we know of them true?",
    [
        curves(
            "How long ago did we hear from each pool?",
            "Seconds since the pool's last inventory record, of the twenty longest silent. A line that climbs "
            "without end is a feed that has stopped: call whoever runs that warehouse system. The limit is dashed.",
            [Query(_worst(stock_age(OURS)), "{{pool}}")],
            SECONDS,
            thresholds=below(FRESHNESS_LIMIT_S),
        ),
        curves(
            "How much of its capacity does each pool use?",
            "Orders placed with the pool for today, of what it takes in a day. It starts again at midnight of the "
            "pool's own clock.",
            [Query(f"sluice_capacity_used{{{OURS}}} / sluice_capacity_limit{{{OURS}}}", "{{pool}}")],
            RATIO,
            thresholds=below(LOAD_FULL, nearly=LOAD_HIGH),
        ),
    ],
)

WORK = Section(
    "Do they do what they were told?",
    [
        curves(
            "How many shipments are they told of?",
            "Shipments released each second, by pool. A pool at zero is closed, paused, empty or full.",
            [Query(_worst(rate_of("sluice_released_shipments_total", OURS, "pool")), "{{pool}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "How many leave?",
            "Shipments wholly dispatched each second, by pool. Flat at zero while released is not: the warehouse "
            "stands still, or does not report.",
            [Query(_worst(rate_of("sluice_dispatched_shipments_total", OURS, "pool")), "{{pool}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "How many are refused?",
            "Shipments rejected each minute, by pool. A pool that rejects everything has a fault: pause it in the "
            "network directory until it is mended.",
            [Query(_worst(f"60 * {rate_of('sluice_rejected_shipments_total', OURS, 'pool')}"), "{{pool}}")],
            COUNT,
            width=8,
        ),
        bars(
            "Which pool makes its trucks?",
            "Packages handed over by the departure planned at release, of those due in the time shown.",
            Query(
                share_on_time("sluice_dispatch_due_total", "sluice_dispatch_on_time_total", OURS, "pool"),
                "{{pool}}",
            ),
            RATIO,
            at_least(DISPATCH_GOOD, nearly=DISPATCH_FAIR),
            ceiling=1,
        ),
        bars(
            "Which pool does not have what it said?",
            "Units rejected or picked short, of those released in the time shown. Have it count; until then its "
            "stock is worth less than it says.",
            Query(
                ratio("sluice_failed_units_total", "sluice_released_units_total", OURS, "pool"), "{{pool}}"
            ),
            RATIO,
            below(FAILURE_BAD, nearly=FAILURE_NOTABLE),
        ),
        bars(
            "Whose counts broke promises?",
            "Orders in the time shown whose promise was withdrawn because this pool's stock was gone.",
            Query(in_time_shown("sluice_promises_withdrawn_total", OURS, "pool"), "{{pool}}"),
            COUNT,
            watched(1),
            links=[to(BUSINESS, "Business: what did it cost?")],
        ),
        bars(
            "Which pool missed its cut-offs?",
            "Shipments in the time shown that had not wholly left when their ship-by passed.",
            Query(in_time_shown("sluice_cutoffs_missed_total", OURS, "pool"), "{{pool}}"),
            COUNT,
            watched(1),
        ),
        bars(
            "How much do they ship?",
            "Units that each pool was told to ship in the time shown.",
            Query(in_time_shown("sluice_released_units_total", OURS, "pool"), "{{pool}}"),
            COUNT,
            plain(),
            decimals=0,
        ),
        bars(
            "Where may released goods be missing?",
            "Units that the pool was told to ship and that may not be there.",
            Query(at_risk(OURS), "{{pool}}"),
            COUNT,
            watched(1),
        ),
        behind_network(width=24, height=6),
    ],
)


def build() -> Dashboard:
    """Pool by pool."""
    return dashboard(
        NETWORK,
        "Sluice: Network",
        "Which pool is silent, full, late, or does not have what it said?",
        [POOL, CHANNEL],
        [ALL_TOGETHER, POOL_BY_POOL, STOCK_AND_LOAD, WORK],
    )
