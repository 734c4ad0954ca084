"""*Business*: key figures by channel, service and geography, as the glossary of figures defines them."""

from __future__ import annotations

from infra.grafana.commands import behind_business
from infra.grafana.figures import COUNT, MONEY, RATIO, Query
from infra.grafana.layout import Section
from infra.grafana.links import BUSINESS, NETWORK, to
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.panels import bars, curves, stat
from infra.grafana.parts import CHANNEL, OF_CHANNELS, OF_POOLS, POOL, dashboard
from infra.grafana.promql import (
    SHOWN,
    WINDOW,
    counted,
    highest,
    in_time_shown,
    lowest,
    most,
    rate_of,
    share,
    share_now,
    while_answering,
)
from infra.grafana.shared import leave_with_their_truck, orders_that_wait
from infra.grafana.thresholds import at_least, plain, watched

FILL = at_least(0.97, nearly=0.93)


COSTS = f'sluice_path_cost_total{{part=~"lane|handling", {OF_POOLS}}}'
"""What is paid; every order counts once, wherever its packages come from, so only pools can be chosen."""
SHIPPED = f"sum(increase(sluice_shipped_orders_total[{SHOWN}]))"
COST_OF_AN_ORDER = while_answering(f"sum(increase({COSTS}[{SHOWN}])) / {SHIPPED}", else_="NaN")
COST_BY_POOL = f"sum by (pool) (increase({COSTS}[{SHOWN}])) / on () group_left () {SHIPPED}"


KEY_FIGURES = Section(
    "How is business?",
    [
        stat(
            "How many orders came in?",
            "Orders placed in the time shown.",
            Query(counted("sluice_orders_total", OF_CHANNELS)), COUNT, plain(), width=4, decimals=0,
        ),
        stat(
            "How many units were ordered?",
            "Units of all lines of the orders placed in the time shown.",
            Query(counted("sluice_ordered_units_total", OF_CHANNELS)), COUNT, plain(), width=4, decimals=0,
        ),
        stat(
            "How many units were filled in time?",
            "Unit fill: units dispatched by their original ship-by, of those due in the time shown less what customers "
            "cancelled. Overdue and still open counts as not filled.",
            Query(share_now("sluice_units_filled_total", "sluice_units_due_total", OF_CHANNELS)), RATIO,
            FILL, width=4, decimals=1,
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "How many packages does an order take?",
            "Split: packages that left, for each order whose first package left in the time shown. 1 is ideal; "
            "each further package is one more carriage to pay.",
            Query(share_now("sluice_packages_total", "sluice_shipped_orders_total", OF_CHANNELS)),
            MONEY, watched(1.3), width=4, decimals=2, nothing="nothing shipped",
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "How many orders found no stock?",
            "Orders placed in the time shown of which some unit found no place at first, of all orders.",
            Query(share_now("sluice_backordered_orders_total", "sluice_orders_total", OF_CHANNELS)),
            RATIO, watched(0.05), width=4, decimals=1, nothing="no orders",
            links=[to(NETWORK, "Network: which pool?")],
        ),
        stat(
            "What does it cost to ship an order?",
            "Path cost: carriage and handling of what was planned in the time shown, for each order shipped, in the "
            "network's currency. Lateness and scarce capacity steer the choice and are not paid, so they are left out.",
            Query(COST_OF_AN_ORDER), MONEY, plain(), width=4, decimals=2, nothing="nothing shipped",
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
            [Query(f"60 * {rate_of('sluice_orders_total', OF_CHANNELS, 'channel')}", "{{channel}}")],
            COUNT,
            width=12,
            stacked=True,
        ),
        curves(
            "How many units does each channel order?",
            "Units ordered each minute, by channel.",
            [Query(f"60 * {rate_of('sluice_ordered_units_total', OF_CHANNELS, 'channel')}", "{{channel}}")],
            COUNT,
            width=12,
            stacked=True,
        ),
        bars(
            "Which channel's customers get what they ordered, in time?",
            "Unit fill in the time shown, by channel.",
            Query(
                lowest(
                    share("sluice_units_filled_total", "sluice_units_due_total", OF_CHANNELS, "channel"),
                    "channel",
                ),
                "{{channel}}",
            ),
            RATIO,
            FILL,
            width=6,
            height=5,
            ceiling=1,
        ),
        bars(
            "Which channel finds no stock?",
            "Orders of which some unit found no place at first, of the channel's orders in the time shown. A "
            "channel with few pools has more of them.",
            Query(
                highest(
                    share("sluice_backordered_orders_total", "sluice_orders_total", OF_CHANNELS, "channel"),
                    "channel",
                ),
                "{{channel}}",
            ),
            RATIO,
            watched(0.05),
            nothing="no orders",
            width=6,
            height=5,
        ),
        bars(
            "Whose orders are split?",
            "Packages that left in the time shown, for each order whose first package left, by channel.",
            Query(
                highest(
                    share("sluice_packages_total", "sluice_shipped_orders_total", OF_CHANNELS, "channel"),
                    "channel",
                ),
                "{{channel}}",
            ),
            MONEY,
            watched(1.3),
            nothing="nothing shipped",
            width=6,
            decimals=2,
            height=5,
        ),
        bars(
            "How much has each channel sold?",
            "Orders placed in the time shown, by channel. Click one to see it alone.",
            Query(
                highest(in_time_shown("sluice_orders_total", OF_CHANNELS, "channel"), "channel"),
                "{{channel}}",
            ),
            COUNT,
            plain(),
            nothing="no orders",
            width=6,
            height=5,
        ),
    ],
)

BY_SERVICE_AND_PLACE = Section(
    "By service and geography",
    [
        curves(
            "Which service do packages take?",
            "Packages that left each minute, by service.",
            [Query(f"60 * {rate_of('sluice_packages_total', OF_CHANNELS, 'service')}", "{{service}}")],
            COUNT,
            width=8,
            stacked=True,
        ),
        curves(
            "Where do orders go?",
            "Orders placed each minute, by the country that they are delivered to.",
            [Query(most(f"60 * {rate_of('sluice_orders_by_country_total', by='country')}"), "{{country}}")],
            COUNT,
            width=8,
            stacked=True,
        ),
        bars(
            "Which countries order most?",
            "Orders placed in the time shown, by the country that they are delivered to.",
            Query(
                highest(in_time_shown("sluice_orders_by_country_total", by="country"), "country"),
                "{{country}}",
            ),
            COUNT,
            plain(),
            nothing="no orders",
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
                    f"60 * sum by (part) (rate(sluice_path_cost_total{{{OF_POOLS}}}[{WINDOW}]))",
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
            Query(highest(COST_BY_POOL, "pool"), "{{pool}}"),
            MONEY,
            plain(),
            nothing="nothing shipped",
            width=12,
            decimals=2,
        ),
        leave_with_their_truck(to(NETWORK, "Network: which pool?"), width=12),
        orders_that_wait([to(NETWORK, "Network: whose stock?")], width=12),
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
