"""*Now*: is anyone hurt?  Read from top to bottom, in a minute, by somebody who has never seen the code."""

from __future__ import annotations

from infra.grafana.commands import behind_now
from infra.grafana.layout import Section
from infra.grafana.model import Dashboard
from infra.grafana.panels import COUNT, PER_SECOND, RATIO, SECONDS, Column, Query, curves, stat, table
from infra.grafana.parts import BUSINESS, FLOW, NETWORK, NOW, POOL, RUNBOOK_LINK, dashboard, to, to_one
from infra.grafana.promql import (
    AGE_OBJECTIVE,
    AGE_WITHIN_S,
    AVAILABILITY_OBJECTIVE,
    FRESHNESS_OBJECTIVE,
    age_quantile,
    at_risk,
    available,
    decided_in_time,
    events_of,
    fresh_share,
    in_time_shown,
    rate_of,
)  # fmt: skip
from infra.grafana.thresholds import BURN, at_least, below, plain, watched
from infra.prometheus.objectives import OBJECTIVES

POOLS = 'pool=~"$pool"'
"""The pools chosen above."""

HURT = Section(
    "Is anyone hurt?",
    [
        stat(
            "Are orders decided in time?",
            f"The share of orders decided within {AGE_WITHIN_S} s of reaching Kafka, over the last five minutes. "
            "Objective 99 %. Below it customers wait for their confirmation: open Flow and see which step is slow.",
            Query(decided_in_time("5m")),
            RATIO,
            at_least(AGE_OBJECTIVE, nearly=0.95),
            decimals=2,
            links=[to(FLOW, "Flow: which step is slow?")],
        ),
        stat(
            "Does every partition decide?",
            "Partitions that a router decides for, of all there are. Objective 99.9 %. The orders of the others wait "
            "and none is lost: open Flow and see whether they restore, are stopped, or belong to nobody.",
            Query(available()),
            RATIO,
            at_least(AVAILABILITY_OBJECTIVE),
            decimals=1,
            links=[to(FLOW, "Flow: which partition?")],
        ),
        stat(
            "How many orders are overdue?",
            "Orders with units that have no plan although their time has come: latest ship-by if the order has "
            "one, else the service's target day. Find stock for them, or tell their customers: see the commands "
            "below.",
            Query("sum(sluice_overdue_orders)"),
            COUNT,
            below(1),
            links=[to(BUSINESS, "Business: which channel?")],
        ),
        stat(
            "How many orders wait for stock?",
            "Orders with units that no pool can serve now. Some is normal where things are sold out; a steep rise is a "
            "stock feed that fails or a count gone wrong: open Network.",
            Query("sum(sluice_waiting_orders)"),
            COUNT,
            plain(),
            links=[to(NETWORK, "Network: whose stock?")],
        ),
        stat(
            "How many promises were withdrawn?",
            "Orders in the time shown whose promise was taken back before release because the stock was gone. Most are "
            "placed elsewhere within the second. A jump is one wrong count: open Network and see which pool.",
            Query(in_time_shown("sluice_promises_withdrawn_total", POOLS)),
            COUNT,
            watched(1),
            decimals=0,
            trend=False,
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "How many units are at risk?",
            "Units that a warehouse was told to ship and that may not be there. Nothing is sent twice: the "
            "warehouse ships them or says that it cannot. Ask it to look.",
            Query(f"sum({at_risk(POOLS)})"),
            COUNT,
            watched(1),
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "How many cut-offs were missed?",
            "Shipments in the time shown that a warehouse was told of and that had not wholly left when their ship-by "
            "passed. Call the warehouse: it is late, or it does not report.",
            Query(in_time_shown("sluice_cutoffs_missed_total", POOLS)),
            COUNT,
            watched(1),
            decimals=0,
            trend=False,
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "Do we hear from every pool?",
            "Pools whose stock was heard of within the freshness limit. Objective 99 %. What is decided on old "
            "stock may be withdrawn later: open Network and find the silent pool, then its warehouse system's feed.",
            Query(fresh_share(POOLS)),
            RATIO,
            at_least(FRESHNESS_OBJECTIVE),
            decimals=1,
            links=[to(NETWORK, "Network: which pool is silent?")],
        ),
    ],
)

SINCE_WHEN = Section(
    "Since when?",
    [
        curves(
            "How old are orders when they are decided?",
            f"From the order's time stamp in Kafka to the commit of its decision. The objective is {AGE_WITHIN_S} s "
            "for 99 % (dashed). A single peak is a restart or a rebalance; a step that stays is too little "
            "capacity.",
            [
                Query(age_quantile(0.5, "orders"), "half are younger"),
                Query(age_quantile(0.99, "orders"), "99 % are younger"),
            ],
            SECONDS,
            thresholds=below(AGE_WITHIN_S),
        ),
        curves(
            "Do orders come in, and are they decided?",
            "Orders placed, and decisions about them, each second. No orders at all at a busy hour: the shops cannot "
            "reach Kafka. Decisions far above orders: a count or a missed truck has many decided again.",
            [
                Query(rate_of("sluice_records_total", 'type="order.placed"'), "orders placed"),
                Query(rate_of("sluice_decisions_total"), "decisions"),
            ],
            PER_SECOND,
        ),
        curves(
            "How many orders wait, and how many too long?",
            "Waiting orders have units without a plan; overdue ones are past their time. When stock arrives, both fall "
            "by themselves.",
            [Query("sum(sluice_waiting_orders)", "waiting"), Query("sum(sluice_overdue_orders)", "overdue")],
            COUNT,
            width=8,
        ),
        curves(
            "Which promises break, and where?",
            "Promises withdrawn and cut-offs missed each minute, by pool. Click a pool to see it in Network.",
            [
                Query(
                    '60 * sum by (pool) (rate(sluice_promises_withdrawn_total{pool=~"$pool"}[$__rate_interval])) > 0 '
                    "or 60 * sum(rate(sluice_promises_withdrawn_total[$__rate_interval]))",
                    "withdrawn {{pool}}",
                ),
                Query(
                    '60 * sum by (pool) (rate(sluice_cutoffs_missed_total{pool=~"$pool"}[$__rate_interval])) > 0 '
                    "or 60 * sum(rate(sluice_cutoffs_missed_total[$__rate_interval]))",
                    "missed {{pool}}",
                ),
            ],
            COUNT,
            width=8,
            links=[to_one(NETWORK, "pool", "Network: this pool")],
        ),
        curves(
            "Which pools have units at risk?",
            "Released units that may not be there, by pool. They stay until the warehouse ships them, rejects them or "
            "counts again.",
            [Query(at_risk(POOLS), "{{pool}}")],
            COUNT,
            width=8,
            stacked=True,
            links=[to_one(NETWORK, "pool", "Network: this pool")],
        ),
    ],
)

OBJECTIVES_KEPT = Section(
    "Do we keep our objectives?",
    [
        curves(
            "How fast do the budgets of failures burn?",
            "The share that failed in the last hour, of what each objective allows. At 1 (dashed) the budget of 30 "
            "days lasts exactly 30 days; at 14.4 it is gone in two, and somebody is woken.",
            [
                Query(f"{objective.ratio('1h')} / {objective.budget:g}", objective.metric.replace("_", " "))
                for objective in OBJECTIVES
            ],
            "none",
            thresholds=BURN,
        ),
        curves(
            "What asks for a person?",
            "Exceptions opened at each step of the time shown, by kind. They are on the topic `exceptions`, each "
            "with its ways out.",
            [Query(events_of("sluice_exceptions_total", "", "kind"), "{{kind}}")],
            COUNT,
            bars=True,
        ),
    ],
)

WHAT_TO_DO = Section(
    "What to do",
    [
        table(
            "Which alerts fire?",
            "Click an alert for its runbook: what the customer feels, how to confirm it, and the command to run.",
            ("alertname", "severity"),
            [
                Column(
                    "firing",
                    'count by (alertname, severity) (ALERTS{alertstate="firing"}) '
                    'or label_replace(label_replace(vector(0), "alertname", "none", "", ""), "severity", "-", "", "") '
                    'unless on () ALERTS{alertstate="firing"}',
                    thresholds=below(1),
                )
            ],
            width=8,
            height=7,
            key_links=[RUNBOOK_LINK],
        ),
        behind_now(width=16, height=7),
    ],
)


def build() -> Dashboard:
    """The dashboard to open first."""
    return dashboard(
        NOW,
        "Sluice: Now",
        "Is anyone hurt, where, and what to do?",
        [POOL],
        [HURT, WHAT_TO_DO, SINCE_WHEN, OBJECTIVES_KEPT],
    )
