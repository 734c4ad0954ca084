"""*Network*: the pools, that is the warehouses, stores and partners that ship."""

from __future__ import annotations

from infra.grafana.commands import OF_NETWORK, commands
from infra.grafana.figures import COUNT, PER_SECOND, RATIO, SECONDS, Column, Query
from infra.grafana.layout import Section
from infra.grafana.links import BUSINESS, NETWORK, runbook, to, to_one_of_row
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.model.fields import Thresholds
from infra.grafana.panels import bars, curves, stat, table
from infra.grafana.parts import CHANNEL, OF_POOLS, POOL, dashboard
from infra.grafana.promql import (
    LISTED,
    arrived_in_time,
    at_risk,
    highest,
    in_time_shown,
    lowest,
    most,
    nothing_at,
    rate_of,
    share,
    share_now,
    stock_age,
    while_answering,
)
from infra.grafana.shared import NO_SCANS, arrive_as_promised, heard_from_every_pool, leave_with_their_truck
from infra.grafana.thresholds import ON_TIME, below, watched

FAILURE = below(0.03, nearly=0.01)
LOAD = below(1.0, nearly=0.85)
FRESHNESS_LIMIT_S = 900
"""The default of `stock_freshness_limit_ms`, for colours; the share above goes by the limit in force."""
FRESH = below(FRESHNESS_LIMIT_S, nearly=FRESHNESS_LIMIT_S / 2)

USED, LIMIT = (f"max by (pool) (sluice_capacity_{part}{{{OF_POOLS}}})" for part in ("used", "limit"))
OF_ITS_CAPACITY = f"{USED} / {LIMIT}"
LEAVE_ON_TIME = share("sluice_dispatch_on_time_total", "sluice_dispatch_due_total", OF_POOLS, "pool")
FAILED_UNITS = share("sluice_failed_units_total", "sluice_released_units_total", OF_POOLS, "pool")


def _shown(counter: str) -> str:
    return in_time_shown(counter, OF_POOLS, "pool")


def _column(heading: str, expression: str, unit: str = COUNT, thresholds: Thresholds | None = None) -> Column:
    return Column(heading, while_answering(expression), unit, thresholds)


def _trouble() -> str:
    """How much went wrong at each pool in the time shown; where nothing did, the longest silent comes first.

    Every pool in force has it, or a pool of which less is known would come last and be cut off.
    """
    wrong = [
        f"({stock_age(OF_POOLS)}) / scalar(max(sluice_stock_freshness_limit_seconds))",
        _shown("sluice_cutoffs_missed_total"),
        _shown("sluice_promises_withdrawn_total"),
        _shown("sluice_rejected_shipments_total"),
        at_risk(OF_POOLS),
    ]
    return " + ".join(f"({each} or {nothing_at(OF_POOLS)})" for each in wrong)


ALL_TOGETHER = Section(
    "Do the pools keep their word?",
    [
        heard_from_every_pool(runbook("StockFeedSilent"), width=5),
        leave_with_their_truck(
            "sluice", OF_POOLS, to(BUSINESS, "Business: whose customers?"), runbook("DispatchPerformanceLow"), width=5
        ),
        arrive_as_promised(
            "sluice", OF_POOLS, to(BUSINESS, "Business: whose customers?"), runbook("DeliveriesLate"), width=5
        ),
        stat(
            "How often does a pool fail us?",
            "Pool failure: units rejected or picked short, of those released in the time shown. They are sourced again "
            "elsewhere, which costs money and time.",
            Query(share_now("sluice_failed_units_total", "sluice_released_units_total", OF_POOLS)),
            RATIO, FAILURE, width=5, decimals=2, nothing="nothing released",
            links=[to(BUSINESS, "Business: what does it cost?")],
        ),
        stat(
            "How full is the fullest pool today?",
            "Shipments planned for its trucks of today, of those that it takes in a day; only pools that state a "
            "limit. At 100 % orders go with a truck of another day, or elsewhere at a higher cost.",
            Query(while_answering(f"max({OF_ITS_CAPACITY})", else_="NaN")),
            RATIO, LOAD, width=4, decimals=1, nothing="no limits",
            links=[to(BUSINESS, "Business: what does it cost?")],
        ),
    ],
)  # fmt: skip

POOL_BY_POOL = Section(
    "Which pool is it?",
    [
        table(
            "Which pools need a look first?",
            f"The {LISTED} pools with most trouble: what was missed, withdrawn and rejected there in the time shown, "
            "the units at risk now, and how many times its limit the stock is old (of a paused pool nobody waits to "
            "hear). Click a pool to see it alone, or choose it above.",
            ("pool",),
            [
                _column("trouble", _trouble()),
                _column("stock age", stock_age(OF_POOLS), SECONDS, FRESH),
                _column("load", OF_ITS_CAPACITY, RATIO, LOAD),
                _column("released", _shown("sluice_released_shipments_total")),
                _column("dispatched", _shown("sluice_dispatched_shipments_total")),
                _column("due", _shown("sluice_dispatch_due_total")),
                _column("on time", LEAVE_ON_TIME, RATIO, ON_TIME),
                _column("missed", _shown("sluice_cutoffs_missed_total"), thresholds=watched(1)),
                _column("rejected", _shown("sluice_rejected_shipments_total")),
                _column("failed units", FAILED_UNITS, RATIO, FAILURE),
                _column("withdrawn", _shown("sluice_promises_withdrawn_total"), thresholds=watched(1)),
                _column("units at risk", at_risk(OF_POOLS), thresholds=watched(1)),
            ],
            height=11,
            rows_max=LISTED,
            key_links=[to_one_of_row(NETWORK, "pool", "Only this pool")],
        ),
    ],
)  # fmt: skip

STOCK_AND_LOAD = Section(
    "Is what we know of them true?",
    [
        curves(
            "How long ago did we hear from each pool?",
            "Seconds since the pool's last inventory record that was not ignored, of the twenty longest silent. A line "
            "that climbs without end is a feed that has stopped, or is ignored: call whoever runs that warehouse "
            "system. The limit is dashed.",
            [Query(most(stock_age(OF_POOLS)), "{{pool}}")],
            SECONDS,
            thresholds=below(FRESHNESS_LIMIT_S),
            width=8,
        ),
        curves(
            "Whose records are ignored?",
            "Counts and movements each minute that had no effect, because they stand before the count in force. Some "
            "that are late are usual. Of a pool whose age climbs beside it all are ignored: its sequence has begun "
            "anew; see the runbook of StockFeedIgnored.",
            [Query(most(f"60 * {rate_of('sluice_stock_ignored_total', OF_POOLS, 'pool')}"), "{{pool}}")],
            width=8,
        ),
        curves(
            "How much of its capacity does each pool use?",
            "Shipments planned for the pool's trucks of today, of those that it takes in a day, of the twenty fullest. "
            "It goes on to the next day's trucks at midnight of the pool's own clock.",
            [Query(most(OF_ITS_CAPACITY), "{{pool}}")],
            RATIO,
            thresholds=LOAD,
            width=8,
        ),
    ],
)

WORK = Section(
    "Do they do what they were told?",
    [
        curves(
            "How many shipments are they told of?",
            "Shipments released each second, by pool. A pool at zero is closed, paused, empty or full.",
            [Query(most(rate_of("sluice_released_shipments_total", OF_POOLS, "pool")), "{{pool}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "How many leave?",
            "Shipments wholly dispatched each second, by pool. Flat at zero while released is not: the warehouse "
            "stands still, or does not report.",
            [Query(most(rate_of("sluice_dispatched_shipments_total", OF_POOLS, "pool")), "{{pool}}")],
            PER_SECOND,
            width=8,
            stacked=True,
        ),
        curves(
            "How many are refused?",
            "Shipments rejected each minute, by pool. A pool that rejects everything has a fault: pause it in the "
            "network directory until it is mended.",
            [Query(most(f"60 * {rate_of('sluice_rejected_shipments_total', OF_POOLS, 'pool')}"), "{{pool}}")],
            width=8,
        ),
        bars(
            "Which pool makes its trucks?",
            "Packages handed over by the departure planned at release, of those due in the time shown.",
            lowest(LEAVE_ON_TIME, "pool"),
            RATIO,
            ON_TIME,
            ceiling=1,
        ),
        bars(
            "Which pool does not have what it said?",
            "Units rejected or picked short, of those released in the time shown. Have it count; until then its "
            "stock is worth less than it says.",
            highest(FAILED_UNITS, "pool"),
            RATIO,
            FAILURE,
            nothing="nothing released",
        ),
        bars(
            "Whose counts broke promises?",
            "Orders in the time shown whose promise was withdrawn because this pool's stock was gone.",
            highest(_shown("sluice_promises_withdrawn_total"), "pool"),
            thresholds=watched(1),
        ),
        bars(
            "Which pool missed its cut-offs?",
            "Shipments in the time shown that had not wholly left with their truck: at their ship-by plus the pool's "
            "time to pick.",
            highest(_shown("sluice_cutoffs_missed_total"), "pool"),
            thresholds=watched(1),
        ),
        bars(
            "How much do they ship?",
            "Units that each pool was told to ship in the time shown.",
            highest(_shown("sluice_released_units_total"), "pool"),
            decimals=0,
        ),
        bars(
            "Where may released goods be missing?",
            "Units that the pool was told to ship and that may not be there.",
            highest(at_risk(OF_POOLS), "pool"),
            thresholds=watched(1),
        ),
    ],
)

ARRIVE = Section(
    "Does it arrive?",
    [
        bars(
            "Whose packages arrive as promised?",
            "Of the packages from each pool that were due in the time shown, those delivered by their first "
            "deliver-by. A pool that is late here and not with its trucks has a carrier that is late.",
            lowest(arrived_in_time("sluice_delivery_{}_total", OF_POOLS, "pool"), "pool"),
            RATIO,
            ON_TIME,
            ceiling=1,
            nothing=NO_SCANS,
        ),
        bars(
            "Which carrier keeps its days?",
            "The same by carrier. `no scans` is a carrier that has told of no delivery for a week: nothing is known of "
            "it. One that falls to 0 has stopped scanning, or its scans are refused, or it brings everything late.",
            lowest(arrived_in_time("sluice_carrier_delivery_{}_total", by="carrier"), "carrier"),
            RATIO,
            ON_TIME,
            ceiling=1,
            nothing=NO_SCANS,
        ),
        bars(
            "How much does each carrier bring?",
            "Packages that each carrier should have delivered in the time shown.",
            highest(in_time_shown("sluice_carrier_delivery_due_total", by="carrier"), "carrier"),
            decimals=0,
        ),
        commands(OF_NETWORK, width=24, height=7),
    ],
)


def build() -> Dashboard:
    return dashboard(
        NETWORK,
        "Sluice: Network",
        "Which pool is silent, full, late, or does not have what it said?",
        [POOL, CHANNEL],
        [ALL_TOGETHER, POOL_BY_POOL, STOCK_AND_LOAD, WORK, ARRIVE],
    )
