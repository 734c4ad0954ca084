"""*Business*: key figures by channel, service and geography, as the glossary of figures defines them."""

from __future__ import annotations

from infra.grafana.commands import behind_business
from infra.grafana.layout import Section
from infra.grafana.model import Dashboard
from infra.grafana.panels import COUNT, MONEY, RATIO, Query, bars, curves, stat
from infra.grafana.parts import BUSINESS, CHANNEL, NETWORK, POOL, dashboard, to, to_one
from infra.grafana.promql import WINDOW, in_time_shown, rate_of, ratio, share_on_time
from infra.grafana.thresholds import at_least, plain, watched

OURS = 'channel=~"$channel"'
"""The channels chosen above."""
POOLS = 'pool=~"$pool"'

FILL_GOOD, FILL_FAIR = 0.97, 0.93
ON_TIME_GOOD, ON_TIME_FAIR = 0.98, 0.95


def _cost_of_an_order(by: str = "", window: str = "$__range") -> str:
    """Path cost in the network's currency; every order counts once, wherever its packages come from."""
    cost = f'sluice_path_cost_total{{part=~"lane|handling", {POOLS}}}'
    total = f"sum{f' by ({by})' if by else ''} (increase({cost}[{window}]))"
    return f"{total} / on () group_left () clamp_min(sum(increase(sluice_shipped_orders_total[{window}])), 1)"


KEY_FIGURES = Section(
    "How is business?",
    [
        stat(
            "How many orders came in?",
            "Orders placed in the time shown.",
            Query(in_time_shown("sluice_orders_total", OURS)), COUNT, plain(), width=4, decimals=0, trend=False,
        ),
        stat(
            "How many units were ordered?",
            "Units of all lines of the orders placed in the time shown.",
            Query(in_time_shown("sluice_ordered_units_total", OURS)), COUNT, plain(), width=4, decimals=0,
            trend=False,
        ),
        stat(
            "How many units were filled in time?",
            "Unit fill: units dispatched by their original ship-by, of those due in the time shown less what customers "
            "cancelled. Overdue and still open counts as not filled; nothing due counts as 100 %.",
            Query(share_on_time("sluice_units_due_total", "sluice_units_filled_total", OURS)), RATIO,
            at_least(FILL_GOOD, nearly=FILL_FAIR), width=4, decimals=1, trend=False,
        ),
        stat(
            "How many packages does an order take?",
            "Split: packages that left, for each order whose first package left in the time shown. 1 is ideal; "
            "each further package is one more carriage to pay.",
            Query(f"{in_time_shown('sluice_packages_total', OURS)} / "
                  f"clamp_min({in_time_shown('sluice_shipped_orders_total', OURS)}, 1)"),
            MONEY, watched(1.3), width=4, decimals=2, trend=False,
        ),
        stat(
            "How many orders found no stock?",
            "Orders placed in the time shown of which some unit found no place at first, of all orders.",
            Query(ratio("sluice_backordered_orders_total", "sluice_orders_total", OURS)), RATIO, watched(0.05),
            width=4, decimals=1, trend=False,
        ),
        stat(
            "What does it cost to ship an order?",
            "Path cost: carriage and handling of what was planned in the time shown, for each order shipped, in the "
            "network's currency. Lateness and scarce capacity steer the choice and are not paid, so they are left out.",
            Query(_cost_of_an_order()), MONEY, plain(), width=4, decimals=2, trend=False,
            links=[to(NETWORK, "Network: which pool?")],
        ),
    ],
)  # fmt: skip

BY_CHANNEL = Section(
    "By channel",
    [
        curves(
            "Which channel sells?",
            "Orders placed each minute, by channel. A channel at zero cannot reach Kafka, or is closed.",
            [Query(f"60 * {rate_of('sluice_orders_total', OURS, 'channel')}", "{{channel}}")],
            COUNT,
            width=12,
            stacked=True,
        ),
        curves(
            "How many units does each channel order?",
            "Units ordered each minute, by channel.",
            [Query(f"60 * {rate_of('sluice_ordered_units_total', OURS, 'channel')}", "{{channel}}")],
            COUNT,
            width=12,
            stacked=True,
        ),
        bars(
            "Which channel's customers get what they ordered, in time?",
            "Unit fill in the time shown, by channel.",
            Query(
                share_on_time("sluice_units_due_total", "sluice_units_filled_total", OURS, "channel"),
                "{{channel}}",
            ),
            RATIO,
            at_least(FILL_GOOD, nearly=FILL_FAIR),
            width=6,
            height=5,
            ceiling=1,
        ),
        bars(
            "Which channel finds no stock?",
            "Orders of which some unit found no place at first, of the channel's orders in the time shown. A "
            "channel with few pools has more of them.",
            Query(
                ratio("sluice_backordered_orders_total", "sluice_orders_total", OURS, "channel"),
                "{{channel}}",
            ),
            RATIO,
            watched(0.05),
            width=6,
            height=5,
        ),
        bars(
            "Whose orders are split?",
            "Packages that left in the time shown, for each order whose first package left, by channel.",
            Query(
                f"{in_time_shown('sluice_packages_total', OURS, 'channel')} / "
                f"clamp_min({in_time_shown('sluice_shipped_orders_total', OURS, 'channel')}, 1)",
                "{{channel}}",
            ),
            MONEY,
            watched(1.3),
            width=6,
            decimals=2,
            height=5,
        ),
        bars(
            "How much has each channel sold?",
            "Orders placed in the time shown, by channel. Click one to see it alone.",
            Query(in_time_shown("sluice_orders_total", OURS, "channel"), "{{channel}}"),
            COUNT,
            plain(),
            width=6,
            height=5,
            links=[to_one(BUSINESS, "channel", "Only this channel")],
        ),
    ],
)

BY_SERVICE_AND_PLACE = Section(
    "By service and geography",
    [
        curves(
            "Which service do packages take?",
            "Packages that left each minute, by service.",
            [Query(f"60 * {rate_of('sluice_packages_total', OURS, 'service')}", "{{service}}")],
            COUNT,
            width=8,
            stacked=True,
        ),
        curves(
            "Where do orders go?",
            "Orders placed each minute, by the country that they are delivered to.",
            [
                Query(
                    f"topk(12, 60 * {rate_of('sluice_orders_by_country_total', '', 'country')})",
                    "{{country}}",
                )
            ],
            COUNT,
            width=8,
            stacked=True,
        ),
        bars(
            "Which countries order most?",
            "Orders placed in the time shown, by the country that they are delivered to.",
            Query(
                f"topk(12, {in_time_shown('sluice_orders_by_country_total', '', 'country')})", "{{country}}"
            ),
            COUNT,
            plain(),
            width=8,
        ),
    ],
)

MONEY_AND_TIME = Section(
    "What does it cost, and does it leave in time?",
    [
        curves(
            "What do paths cost?",
            "Cost of the paths planned each minute, by part, in the network's currency. Carriage (lane) and "
            "handling are paid; lateness and capacity are what the choice weighed against them.",
            [
                Query(
                    f"60 * sum by (part) (rate(sluice_path_cost_total{{{POOLS}}}[{WINDOW}]))",
                    "{{part}}",
                )
            ],
            MONEY,
            width=12,
            stacked=True,
        ),
        bars(
            "Which pools do the costs come from?",
            "Carriage and handling from each pool in the time shown, for each order shipped at all, in the "
            "network's currency.",
            Query(f"topk(20, {_cost_of_an_order('pool')})", "{{pool}}"),
            MONEY,
            plain(),
            width=12,
            decimals=2,
            links=[to_one(NETWORK, "pool", "Network: this pool")],
        ),
        stat(
            "Do packages leave in time?",
            "Dispatch performance: packages handed over by the departure planned at release, of those due in the time "
            "shown; nothing due counts as 100 %.",
            Query(share_on_time("sluice_dispatch_due_total", "sluice_dispatch_on_time_total", POOLS)), RATIO,
            at_least(ON_TIME_GOOD, nearly=ON_TIME_FAIR), width=12, height=4, decimals=1, trend=False,
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "How many orders wait for stock?",
            "Orders with units that no pool can serve now: sales that are not made yet.",
            Query("sum(sluice_waiting_orders)"), COUNT, plain(), width=12, height=4,
        ),
        behind_business(width=24, height=6),
    ],
)  # fmt: skip


def build() -> Dashboard:
    """Key figures for whoever plans."""
    return dashboard(
        BUSINESS,
        "Sluice: Business",
        "What was sold, how well was it filled, and what did it cost?",
        [CHANNEL, POOL],
        [KEY_FIGURES, BY_CHANNEL, BY_SERVICE_AND_PLACE, MONEY_AND_TIME],
        shown="now-6h",
    )
