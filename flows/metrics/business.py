"""Business figures, live: by pool, by channel or by country, never multiplied.

Summed over the processes they are the network's.  A figure is counted from what a committed bundle changed: orders
placed, shipments released, what warehouses reported.
Pools of the same name in two networks add up.
"""

from __future__ import annotations

from operator import add

from flows.metrics.catalogue import Catalogue
from flows.metrics.symptoms import Symptoms

MICROS = 1_000_000
COST_PARTS = ("lane", "handling", "lateness", "capacity")
"""In the order of `ShipmentRow.cost`."""


HOUR_S = 3_600
# Up to a month: most services promise one to five days.
CYCLE_SECONDS = tuple(hours * HOUR_S for hours in (1, 4, 12, 24, 36, 48, 72, 96, 120, 168, 240, 336, 720))


class Business:
    """What does the network do?"""

    def __init__(self, book: Catalogue, symptoms: Symptoms) -> None:
        book.section("Business: by channel, service and country")
        self._channels(book, symptoms)
        self._countries(book, symptoms)
        book.section("Business: by pool")
        self._pools(book, symptoms)
        self.capacity_used = book.pool_gauge(
            "capacity_used", add,
            "Shipments planned for the pool's local day of today; only of pools with a limit.",
            "How full is the pool?",
        )  # fmt: skip
        self.capacity_limit = book.pool_gauge(
            "capacity_limit", add, "Shipments that the pool takes on a day; only of pools with a limit.",
            "How much could it take?",
        )  # fmt: skip

    def _channels(self, book: Catalogue, symptoms: Symptoms) -> None:
        channel, column = symptoms.channels, book.column
        (self.orders,) = column(channel, "orders", "Orders placed.", "How much business is there?")
        (self.ordered_units,) = column(
            channel, "ordered_units", "Units of the orders placed.", "How many units are ordered?"
        )
        (self.backordered,) = column(
            channel, "backordered_orders",
            "Orders of which some unit found no place at first, whether it waits or was refused.",
            "Which share of the orders could not be served at once?",
        )  # fmt: skip
        (self.units_due,) = column(
            channel, "units_due",
            "Units of orders, less the cancelled and refused ones, counted when the last truck of the first plan has "
            "left; of an order that found no place at first, or whose plan was changed before a warehouse was told, "
            "when it is overdue.",
            "How many units should have left?",
        )  # fmt: skip
        (self.units_filled,) = column(
            channel, "units_filled",
            "Those of them that had left with their trucks by then; what left in parts left with its last part.",
            "Unit fill: which share leaves as first planned?",
        )  # fmt: skip
        (self.shipped_orders,) = column(
            channel, "shipped_orders", "Orders of which the first package left.",
            "How many orders are on their way?",
        )  # fmt: skip
        self.packages = book.sums(
            "packages", ["channel", "service"], "Packages that left.",
            "Splits: packages for each order shipped.",
        )  # fmt: skip
        self.cycle_time = book.histogram(
            "cycle_time_seconds", "channel", CYCLE_SECONDS,
            "From placing an order to its last delivery, of orders that have wholly arrived.",
            "How long do customers wait?",
        )  # fmt: skip
        self.channel_path_cost = column(
            channel, "channel_path_cost",
            "The cost of sluice_path_cost_total by channel.",
            "What does an order of the channel cost on its way?",
            more=("part", COST_PARTS), scale=MICROS,
        )  # fmt: skip

    def _countries(self, book: Catalogue, symptoms: Symptoms) -> None:
        country, column = symptoms.countries, book.column
        (self.orders_by_country,) = column(
            country, "orders_by_country", "Orders placed, by the country of their destination.",
            "Where do the customers live?",
        )  # fmt: skip
        (self.units_by_country,) = column(
            country, "units_by_country", "Units of the orders placed, by the country of their destination.",
            "Where does the work go?",
        )  # fmt: skip

    def _pools(self, book: Catalogue, symptoms: Symptoms) -> None:
        pools, column = symptoms.pools, book.column
        (self.released_shipments,) = column(
            pools, "released_shipments", "Shipments that the warehouse was told of.",
            "Who does the work?",
        )  # fmt: skip
        (self.released_units,) = column(
            pools, "released_units", "Units of the shipments that the warehouse was told of.",
            "How much work is it?",
        )  # fmt: skip
        (self.split_shipments,) = column(
            pools, "split_shipments", "Those shipments that are one of several packages of their order.",
            "Splits: where do orders come apart?",
        )  # fmt: skip
        (self.answered_shipments,) = column(
            pools, "answered_shipments",
            "Shipments of which the warehouse has said anything: that it accepts or rejects them, or that they left.",
            "Does the warehouse read what it is told?",
        )  # fmt: skip
        (self.dispatched_shipments,) = column(
            pools,
            "dispatched_shipments",
            "Shipments that have wholly left.",
            "Does the work get done?",
        )
        (self.dispatched_units,) = column(
            pools, "dispatched_units", "Units that have left.",
            "Fill: which share of the released units leaves?",
        )  # fmt: skip
        (self.rejected_shipments,) = column(
            pools, "rejected_shipments", "Shipments of which the warehouse refused any unit.",
            "Who refuses work?",
        )  # fmt: skip
        (self.failed_units,) = column(
            pools, "failed_units", "Units rejected or short-picked by the warehouse.",
            "Pool failure: which share of the released units comes to nothing?",
        )  # fmt: skip
        self.path_cost = column(
            pools, "path_cost",
            "Estimated cost of the shipments told to the warehouse, in the network's currency; lane and handling are "
            "cash, lateness and capacity steer the choice.",
            "What does an order's way cost?",
            more=("part", COST_PARTS), scale=MICROS,
        )  # fmt: skip
