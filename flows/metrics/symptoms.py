"""Symptoms: what customers feel, or will feel soon.  Alerts that wake somebody look at these alone."""

from __future__ import annotations

from operator import add

from msgspec import Struct

from flows.metrics.catalogue import Catalogue, Table
from schemas.kinds import INPUT_TOPICS
from schemas.times import HOUR_MS, MINUTE_MS

# One bound lies exactly at the objective of 0.5 s.
AGE_SECONDS = (0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800)


class DeliveryColumns(Struct, frozen=True):
    """Where a table's rows count deliveries."""

    due: int
    on_time: int
    told: int


class Symptoms:
    """Is anybody hurt, and where?  Its tables by pool, channel, carrier and country take the business figures too."""

    def __init__(self, book: Catalogue, told_grace_ms: int, scan_grace_ms: int) -> None:
        self.told_grace_ms = told_grace_ms
        self.scan_grace_ms = scan_grace_ms
        self.pools, self.channels = book.table("pool"), book.table("channel")
        self.carriers, self.countries = book.table("carrier"), book.table("country")
        book.section("Symptoms: is anybody hurt, and where?")
        self.partitions = book.gauge(
            "partitions", [], "Partitions of the input topics: every process says the same number.",
            "Of how many partitions should somebody decide?",
        )  # fmt: skip
        self.live = book.gauge(
            "partition_live", ["partition"],
            "1 while this process owns the partition and decides, 0 while it prepares or is stopped.",
            "Which partitions decide? The sum over all processes should be sluice_partitions.",
        )  # fmt: skip
        self.stopped = book.gauge(
            "partition_stopped", ["partition"], "1 while a person must mend the partition.",
            "Does a partition wait for me?",
        )  # fmt: skip
        self.decision_age = book.histogram(
            "decision_age_seconds", "topic", AGE_SECONDS, "From an input's Kafka time stamp to the commit, by topic.",
            "How long does an order wait for its decision?",
        )  # fmt: skip
        # What a take-over finds waiting is the first that is counted, and late: without a beginning nobody sees it.
        for topic in INPUT_TOPICS:
            self.decision_age.begin(topic)
        self.waiting_orders = book.partition_gauge(
            "waiting_orders", "Orders with units that wait for stock.",
            "How many orders cannot be served now?",
        )  # fmt: skip
        self.overdue_orders = book.gauge(
            "overdue_orders", ["partition"],
            "Orders with units that have no plan and whose time has passed: latest_ship_by where it is given, else "
            "deliver_by or the service level's target.",
            "Which orders are late without anybody working on them?",
        )  # fmt: skip
        self._promises(book)
        self._dispatch(book)
        self._deliveries(book)
        self.dead_letters = book.sums(
            "dead_letters", ["topic", "reason"], "Input refused with its reason.", "Is input lost, and why?"
        )
        self.exceptions = book.sums(
            "exceptions", ["kind"], "Things that a person must look at, by kind.", "What asks for a person?"
        )

    def _promises(self, book: Catalogue) -> None:
        (self.withdrawn,) = book.column(
            self.pools, "promises_withdrawn",
            "Orders whose unreleased promise was withdrawn because the pool's stock was gone.",
            "Where do we break promises?",
        )  # fmt: skip
        self.at_risk = book.pool_gauge(
            "units_at_risk", add, "Units that the warehouse was told to ship and that may not be there.",
            "Where will shipments come short?",
        )  # fmt: skip

    def _dispatch(self, book: Catalogue) -> None:
        column = book.column
        (self.missed,) = column(
            self.pools, "cutoffs_missed",
            "Packages of sluice_dispatch_due_total that had not wholly left with their truck.",
            "Which warehouse misses its trucks?",
        )  # fmt: skip
        (self.dispatch_due,) = column(
            self.pools, "dispatch_due",
            "Packages released for a truck that has left: ship-by and the pool's time to pick have passed. What came "
            f"back or was cancelled is not due. Judged {self.told_grace_ms / MINUTE_MS:g} minutes later "
            "(dispatch_told_grace_ms), by when they left as the warehouse tells.",
            "How many packages should have left?",
        )  # fmt: skip
        (self.dispatch_on_time,) = column(
            self.pools, "dispatch_on_time",
            "Those of them that had wholly left by then.",
            "Which share leaves on time?",
        )  # fmt: skip
        (self.channel_dispatch_due,) = column(
            self.channels, "channel_dispatch_due",
            "The same packages by channel, judged once for each order, when the last truck of its first plan has left; "
            "packages planned later are counted by pool alone.",
            "How many packages of the channel should have left?",
        )  # fmt: skip
        (self.channel_dispatch_on_time,) = column(
            self.channels, "channel_dispatch_on_time",
            "Those of them that had wholly left by then.",
            "Whose customers wait for late packages?",
        )  # fmt: skip

    def _deliveries(self, book: Catalogue) -> None:
        hours = self.scan_grace_ms / HOUR_MS

        def columns(table: Table, prefix: str, suffix: str, of_whom: str, more: str = "") -> DeliveryColumns:
            (due,) = book.column(
                table, f"{prefix}delivery_due{suffix}",
                f"Packages{of_whom} that should have arrived: the deliver-by first promised passed {hours:g} hours ago "
                f"(delivery_scan_grace_ms). What came back or was cancelled is not due.{more}",
                "How many packages should have arrived?",
            )  # fmt: skip
            (done,) = book.column(
                table, f"{prefix}delivery_on_time{suffix}",
                "Those of them that arrived by then, as their carrier told; what was not scanned is late.",
                "Which share arrives as first promised?",
            )  # fmt: skip
            (told,) = book.column(
                table, f"{prefix}delivery_told{suffix}",
                f"Packages{of_whom} that arrived as their carrier told, in time or not, when it told so.",
                "Does anybody scan at all?",
            )  # fmt: skip
            return DeliveryColumns(due, done, told)

        self.delivery = columns(self.pools, "", "", " of the pool")
        self.carrier_delivery = columns(self.carriers, "carrier_", "", " of the carrier")
        open_units = " Promised units of an order that have no package by then are one more."
        self.channel_delivery = columns(self.channels, "channel_", "", " of the channel", open_units)
        self.country_delivery = columns(self.countries, "", "_by_country", " to the country", open_units)
