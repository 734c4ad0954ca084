"""The part of *Business* that is about the way to the customer: by which service, to which country, at what cost."""

from __future__ import annotations

from infra.grafana.commands import OF_BUSINESS, commands
from infra.grafana.figures import MONEY, RATIO, Query
from infra.grafana.layout import Section
from infra.grafana.panels import bars, curves
from infra.grafana.parts import OF_CHANNELS, OF_POOLS
from infra.grafana.promql import (
    SHOWN,
    arrived_in_time,
    each_minute,
    highest,
    in_time_shown,
    lowest,
    most,
    rate_of,
    while_answering,
)
from infra.grafana.shared import NO_SCANS
from infra.grafana.thresholds import ON_TIME, plain


def _paid(counter: str, labels: str, by: str = "") -> str:
    """Lateness and capacity steer the choice and are not paid."""
    return in_time_shown(counter, f'part=~"lane|handling", {labels}', by)


SHIPPED = in_time_shown("sluice_shipped_orders_total", OF_CHANNELS)
COST_OF_AN_ORDER = while_answering(
    f"{_paid('sluice_channel_path_cost_total', OF_CHANNELS)} / {SHIPPED}", else_="NaN"
)
COST_BY_CHANNEL = (
    f"{_paid('sluice_channel_path_cost_total', OF_CHANNELS, 'channel')} "
    f"/ {in_time_shown('sluice_shipped_orders_total', OF_CHANNELS, 'channel')}"
)
COST_BY_POOL = (
    f"{_paid('sluice_path_cost_total', OF_POOLS, 'pool')} "
    f"/ on () group_left () sum(increase(sluice_shipped_orders_total[{SHOWN}]))"
)
"""Every order counts once, wherever its packages come from."""

BY_SERVICE_AND_PLACE = Section(
    "By service and geography",
    [
        curves(
            "Which service do packages take?",
            "Packages that left each minute, by service.",
            [each_minute("sluice_packages_total", OF_CHANNELS, "service")],
            width=8,
            stacked=True,
        ),
        curves(
            "Where do orders go?",
            "Orders placed each minute, by the country that they are delivered to.",
            [Query(most(f"60 * {rate_of('sluice_orders_by_country_total', by='country')}"), "{{country}}")],
            width=8,
            stacked=True,
        ),
        bars(
            "Which countries order most?",
            "Orders placed in the time shown, by the country that they are delivered to.",
            highest(in_time_shown("sluice_orders_by_country_total", by="country"), "country"),
            nothing="no orders",
            width=8,
        ),
        bars(
            "Which service takes how many packages?",
            "Packages that left in the time shown, by service.",
            highest(in_time_shown("sluice_packages_total", OF_CHANNELS, "service"), "service"),
            nothing="nothing shipped",
            width=8,
        ),
        bars(
            "How many units does each country order?",
            "Units of the orders placed in the time shown, by the country that they are delivered to.",
            highest(in_time_shown("sluice_units_by_country_total", by="country"), "country"),
            nothing="no orders",
            width=8,
        ),
        bars(
            "Where do packages arrive as promised?",
            "Packages delivered by their first deliver-by, of those due in the time shown, by country; not scanned is "
            "late.",
            lowest(arrived_in_time("sluice_delivery_{}_by_country_total", by="country"), "country"),
            RATIO,
            ON_TIME,
            width=8,
            ceiling=1,
            nothing=NO_SCANS,
        ),
    ],
)

COSTS = Section(
    "What does it cost?",
    [
        curves(
            "What do paths cost?",
            "Cost of what warehouses were told of each minute, by part, in the network's currency. Carriage (lane) and "
            "handling are paid; lateness and capacity are what the choice weighed against them.",
            [each_minute("sluice_channel_path_cost_total", OF_CHANNELS, "part")],
            MONEY,
            width=12,
            stacked=True,
        ),
        bars(
            "Which pools do the costs come from?",
            "Carriage and handling of what each pool was told of in the time shown, rejected or not, for each order "
            "shipped at all, in the network's currency.",
            highest(COST_BY_POOL, "pool"),
            MONEY,
            plain(),
            nothing="nothing shipped",
            width=12,
            decimals=2,
        ),
        commands(OF_BUSINESS, width=24, height=7),
    ],
)
