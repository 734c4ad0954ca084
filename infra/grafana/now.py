"""*Now*: is anyone hurt?  Read from top to bottom, in a minute, by somebody who has never seen the code."""

from __future__ import annotations

from infra.grafana.commands import OF_NOW, commands
from infra.grafana.figures import PER_SECOND, RATIO, SECONDS, Column, Query
from infra.grafana.layout import Section
from infra.grafana.links import BUSINESS, FLOW, NETWORK, NOW, RUNBOOK_LINK, runbook, to
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.panels import curves, stat, table
from infra.grafana.parts import OF_POOLS, POOL, dashboard
from infra.grafana.promql import (
    AGE_OBJECTIVE,
    AGE_WITHIN_S,
    AVAILABILITY_OBJECTIVE,
    WINDOW,
    age_quantile,
    at_risk,
    available,
    counted,
    decided_in_time,
    events_of,
    most,
    orders_that,
    rate_of,
)
from infra.grafana.shared import heard_from_every_pool, orders_that_wait
from infra.grafana.thresholds import BURN, at_least, below, watched
from infra.prometheus.objectives import OBJECTIVES


def _each_minute(counter: str) -> str:
    """By pool, the busiest ones, and of all pools together while there are none."""
    by_pool = most(f"60 * {rate_of(counter, OF_POOLS, 'pool')} > 0")
    return f"{by_pool} or 60 * sum(rate({counter}[{WINDOW}]))"


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
            nothing="no orders",
            links=[to(FLOW, "Flow: which step is slow?"), runbook("DecisionAgeBurnsFast")],
        ),
        stat(
            "Does every partition decide?",
            "Partitions that a router decides for, of all there are. Objective 99.9 %. The orders of the others wait "
            "and none is lost: open Flow and see whether they restore, are stopped, or belong to nobody.",
            Query(available()),
            RATIO,
            at_least(AVAILABILITY_OBJECTIVE),
            decimals=1,
            links=[to(FLOW, "Flow: which partition?"), runbook("RoutingAvailabilityBurnsFast")],
        ),
        stat(
            "How many orders are overdue?",
            "Orders with units that have no plan although their time has come: latest ship-by if the order has "
            "one, else its deliver-by, else the service's target day. Find stock for them, or tell their customers: "
            "see the commands below.",
            Query(orders_that("sluice_overdue_orders")),
            thresholds=below(1),
            links=[to(BUSINESS, "Business: which channel?"), runbook("OrdersOverdue")],
        ),
        orders_that_wait([to(NETWORK, "Network: whose stock?")]),
        stat(
            "How many promises were withdrawn?",
            "Orders in the time shown whose promise was taken back before release because the stock was gone. Most are "
            "placed elsewhere within the second. A jump is one wrong count: open Network and see which pool.",
            Query(counted("sluice_promises_withdrawn_total", OF_POOLS)),
            thresholds=watched(1),
            decimals=0,
            links=[to(NETWORK, "Network: which pool?"), runbook("PromisesWithdrawn")],
        ),
        stat(
            "How many units are at risk?",
            "Units that a warehouse was told to ship and that may not be there. Nothing is sent twice: the "
            "warehouse ships them or says that it cannot. Ask it to look.",
            Query(f"sum({at_risk(OF_POOLS)})"),
            thresholds=watched(1),
            links=[to(NETWORK, "Network: which pool?"), runbook("UnitsAtRisk")],
        ),
        stat(
            "How many cut-offs were missed?",
            "Shipments in the time shown that a warehouse was told of and that had not wholly left with their truck: "
            "at their ship-by plus the pool's time to pick. Call the warehouse: it is late, or it does not report.",
            Query(counted("sluice_cutoffs_missed_total", OF_POOLS)),
            thresholds=watched(1),
            decimals=0,
            links=[to(NETWORK, "Network: which pool?"), runbook("CutoffsMissed")],
        ),
        heard_from_every_pool(
            to(NETWORK, "Network: which pool is silent?"), runbook("StockFreshnessBurnsFast")
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
            [
                Query(orders_that("sluice_waiting_orders"), "waiting"),
                Query(orders_that("sluice_overdue_orders"), "overdue"),
            ],
            width=8,
        ),
        curves(
            "Which promises break, and where?",
            "Promises withdrawn and cut-offs missed each minute, by pool. Click a pool to see it in Network.",
            [
                Query(_each_minute("sluice_promises_withdrawn_total"), "withdrawn {{pool}}"),
                Query(_each_minute("sluice_cutoffs_missed_total"), "missed {{pool}}"),
            ],
            width=8,
        ),
        curves(
            "Which pools have units at risk?",
            "Released units that may not be there, of the pools with most of them. They stay until the warehouse "
            "ships them, rejects them or counts again.",
            [Query(most(at_risk(OF_POOLS)), "{{pool}}")],
            width=8,
            stacked=True,
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
        commands(OF_NOW, width=16, height=7),
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
