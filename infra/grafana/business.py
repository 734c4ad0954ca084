"""*Business*: key figures by channel, service and geography, as the glossary of figures defines them."""

from __future__ import annotations

from infra.grafana.figures import COUNT, MONEY, RATIO, SECONDS, Query
from infra.grafana.layout import Section
from infra.grafana.links import BUSINESS, NETWORK, to
from infra.grafana.model.dashboard import Dashboard
from infra.grafana.panels import bars, curves, stat
from infra.grafana.parts import CHANNEL, OF_CHANNELS, POOL, dashboard
from infra.grafana.paths import BY_SERVICE_AND_PLACE, COST_BY_CHANNEL, COST_OF_AN_ORDER, COSTS
from infra.grafana.promql import (
    arrived_in_time,
    counted,
    each_minute,
    highest,
    in_time_shown,
    lowest,
    quantile_shown,
    share,
    share_now,
)
from infra.grafana.shared import NO_SCANS, arrive_as_promised, leave_with_their_truck, orders_that_wait
from infra.grafana.thresholds import ON_TIME, at_least, plain, watched

FILL = at_least(0.97, nearly=0.93)


def _by_channel(part: str, whole: str) -> str:
    return share(part, whole, OF_CHANNELS, "channel")


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
            "Path cost: estimated carriage and handling of what warehouses were told of in the time shown, for each "
            "order shipped, in the network's currency. What a warehouse rejects stays in, and counts again elsewhere. "
            "Lateness and scarce capacity steer the choice and are not paid, so they are left out.",
            Query(COST_OF_AN_ORDER), MONEY, plain(), width=4, decimals=2, nothing="nothing shipped",
            links=[to(NETWORK, "Network: which pool?")],
        ),
        leave_with_their_truck("sluice_channel", OF_CHANNELS, to(NETWORK, "Network: which pool?")),
        arrive_as_promised("sluice_channel", OF_CHANNELS, to(NETWORK, "Network: which carrier?")),
        stat(
            "How long does an order take?",
            "Cycle time: from placing to the last delivery, of the orders that were completed in the time shown; half "
            "of them took less. Only what carriers scan is known.",
            Query(quantile_shown(0.5, "sluice_cycle_time_seconds", OF_CHANNELS)), SECONDS, plain(), nothing="no scans",
        ),
        orders_that_wait([to(NETWORK, "Network: whose stock?")]),
    ],
)  # fmt: skip

BY_CHANNEL = Section(
    "By channel",
    [
        curves(
            "Which channel sells?",
            "Orders placed each minute, by channel. A channel at zero cannot reach Kafka, or is closed.",
            [each_minute("sluice_orders_total", OF_CHANNELS, "channel")],
            width=12,
            stacked=True,
        ),
        curves(
            "How many units does each channel order?",
            "Units ordered each minute, by channel.",
            [each_minute("sluice_ordered_units_total", OF_CHANNELS, "channel")],
            width=12,
            stacked=True,
        ),
        bars(
            "Which channel's customers get what they ordered, in time?",
            "Unit fill in the time shown, by channel.",
            lowest(_by_channel("sluice_units_filled_total", "sluice_units_due_total"), "channel"),
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
            highest(_by_channel("sluice_backordered_orders_total", "sluice_orders_total"), "channel"),
            RATIO,
            watched(0.05),
            nothing="no orders",
            width=6,
            height=5,
        ),
        bars(
            "Whose orders are split?",
            "Packages that left in the time shown, for each order whose first package left, by channel.",
            highest(_by_channel("sluice_packages_total", "sluice_shipped_orders_total"), "channel"),
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
            highest(in_time_shown("sluice_orders_total", OF_CHANNELS, "channel"), "channel"),
            nothing="no orders",
            width=6,
            height=5,
        ),
        bars(
            "Whose packages leave with their truck?",
            "Packages handed over by the departure planned at release, of those of the channel's orders that were due "
            "in the time shown. What had to be planned anew counts by pool alone, in Network.",
            lowest(
                _by_channel("sluice_channel_dispatch_on_time_total", "sluice_channel_dispatch_due_total"),
                "channel",
            ),
            RATIO,
            ON_TIME,
            width=8,
            height=5,
            ceiling=1,
        ),
        bars(
            "Whose packages arrive as promised?",
            "Packages delivered by their first deliver-by, of those of the channel's orders that were due in the time "
            "shown; not scanned is late.",
            lowest(arrived_in_time("sluice_channel_delivery_{}_total", OF_CHANNELS, "channel"), "channel"),
            RATIO,
            ON_TIME,
            width=8,
            height=5,
            ceiling=1,
            nothing=NO_SCANS,
        ),
        bars(
            "What does an order of each channel cost?",
            "Carriage and handling of what warehouses were told of in the time shown, rejected or not, for each order "
            "shipped, by channel, in the network's currency.",
            highest(COST_BY_CHANNEL, "channel"),
            MONEY,
            plain(),
            nothing="nothing shipped",
            width=8,
            height=5,
            decimals=2,
        ),
    ],
)


def build() -> Dashboard:
    """Key figures for whoever plans."""
    return dashboard(
        BUSINESS,
        "Sluice: Business",
        "What was sold, how well was it filled, and what did it cost?",
        [CHANNEL, POOL],
        [KEY_FIGURES, BY_CHANNEL, BY_SERVICE_AND_PLACE, COSTS],
        shown="now-6h",
    )
