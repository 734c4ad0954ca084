"""The figures of the demo, from committed records alone: what any reader of the topics could work out."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from schemas.journal import JournalEntry
from schemas.notices import Decision, DecisionData, PlannedShipment, ShipmentRequested
from schemas.rows import PLANNED, StockRow
from schemas.times import parse_rfc3339

PLACED = "order.placed"


class Change(NamedTuple):
    """One decision, what stood before it, and when a reader had it."""

    before: DecisionData | None
    after: DecisionData
    sequence: int
    received_ms: int


class Figures:
    """Running counts.  One thread adds, others read what it has added."""

    def __init__(self) -> None:
        self.placed_ms: dict[str, int] = {}
        """When Kafka took each order."""
        self.plans: dict[str, DecisionData] = {}
        """The latest decision of each order."""
        self.changes: dict[str, list[Change]] = {}
        """Decisions by cause, the first ones of new orders left out."""
        self.first_plans: list[Change] = []
        self.ages_ms: list[tuple[int, int]] = []
        """When an order was placed, and how long after that its first decision could be read."""
        self.waiting: set[str] = set()
        self.counted_ms: dict[str, int] = {}
        """When Kafka took a count of zero, by event."""
        self.packages = 0
        self.packages_on_time = 0
        self.repeated: list[str] = []
        """Decisions and instructions that were published twice."""
        self.dead_letters: Counter[str] = Counter()
        self.refused: set[str] = set()
        """Orders that became dead letters."""
        self.set_outcomes: dict[str, list[str]] = {}
        """Reference sets that the router took, or refused with these reasons."""
        self.journal_positions: dict[str, int] = {}
        self.transactions = 0
        self.duplicates = 0
        self._decisions: set[str] = set()
        self._shipments: set[str] = set()
        self._unread_ages: dict[str, int] = {}
        self._uncovered: dict[tuple[str, str], int] = {}

    # --- what comes in --------------------------------------------------------------------------------------

    def order(self, order_id: str, placed_ms: int) -> None:
        """An order is on its topic."""
        if order_id in self.placed_ms:
            return
        self.placed_ms[order_id] = placed_ms
        # Topics are fetched side by side: the decision may have been read first.
        received_ms = self._unread_ages.pop(order_id, None)
        if received_ms is not None:
            self.ages_ms.append((placed_ms, received_ms - placed_ms))

    def decision(self, notice: Decision, received_ms: int) -> None:
        data = notice.data
        if notice.id in self._decisions:
            self.repeated.append(f"decision {notice.id}")
            return
        self._decisions.add(notice.id)
        before = self.plans.get(data.order_id)
        self.plans[data.order_id] = data
        change = Change(before, data, notice.sequence, received_ms)
        if before is None:
            self.first_plans.append(change)
            self._age(data.order_id, received_ms)
        else:
            self.changes.setdefault(data.cause, []).append(change)
        if any(line.open for line in data.lines):
            self.waiting.add(data.order_id)
        else:
            self.waiting.discard(data.order_id)

    def _age(self, order_id: str, received_ms: int) -> None:
        placed_ms = self.placed_ms.get(order_id)
        if placed_ms is None:
            self._unread_ages[order_id] = received_ms
        else:
            self.ages_ms.append((placed_ms, received_ms - placed_ms))

    def instruction(self, notice: ShipmentRequested, appended_ms: int) -> None:
        """A warehouse system was told to ship."""
        shipment_id = notice.data.shipment_id
        if shipment_id in self._shipments:
            self.repeated.append(f"shipment {shipment_id}")
            return
        self._shipments.add(shipment_id)
        self.packages += 1
        self.packages_on_time += appended_ms <= parse_rfc3339(notice.data.ship_by)

    def stock(self, row: StockRow) -> None:
        """A stock row changed: is every promise that could still be taken back covered by goods?"""
        missing = row.reserved - (row.on_hand - row.blocked - row.suspect)
        uncovered = max(0, min(missing, row.reserved - row.released))
        key = (row.pool, row.sku)
        if uncovered:
            self._uncovered[key] = uncovered
        else:
            self._uncovered.pop(key, None)

    def journal(self, entry: JournalEntry) -> None:
        self.transactions += 1
        self.duplicates += entry.duplicates
        for covered in entry.inputs:
            self.journal_positions[covered.topic] = covered.next

    # --- what it amounts to ---------------------------------------------------------------------------------

    @property
    def orders(self) -> int:
        """Orders that were taken: those that became dead letters are none."""
        return len(self.placed_ms.keys() - self.refused)

    @property
    def allocated(self) -> int:
        """Orders none of whose units waits for a plan."""
        return len(self.plans) - len(self.waiting)

    @property
    def oversold(self) -> int:
        """Units promised, not yet given to a warehouse, and not there."""
        return sum(self._uncovered.values())

    @property
    def undecided(self) -> int:
        """Orders on the topic that were neither decided nor refused, as far as was read."""
        return len(self.placed_ms.keys() - self.plans.keys() - self.refused)

    def packages_per_order(self) -> float:
        """Shipments of the latest plans, for each order that has one."""
        counts = [len(plan.shipments) for plan in list(self.plans.values()) if plan.shipments]
        return sum(counts) / len(counts) if counts else 0.0

    def on_time_percent(self) -> float:
        """Packages whose warehouse was told before the cut-off of their truck."""
        return 100 * self.packages_on_time / self.packages if self.packages else 0.0

    def age_ms(self, quantile: float, read_before_ms: int) -> int:
        """How long a decision took, of those that were read before an instant."""
        ages = sorted(age for placed_ms, age in list(self.ages_ms) if placed_ms + age < read_before_ms)
        return ages[min(len(ages) - 1, int(len(ages) * quantile))] if ages else 0

    def unreleased(self, until_ms: int) -> Counter[tuple[str, str]]:
        """Promises that no warehouse is told of before an instant: orders by pool and SKU."""
        promises: Counter[tuple[str, str]] = Counter()
        for plan in list(self.plans.values()):
            for shipment in planned_shipments(plan):
                if parse_rfc3339(shipment.release_at) > until_ms:
                    promises.update({(shipment.pool, line.sku) for line in shipment.lines})
        return promises

    def exceptions_in_picking(self) -> tuple[int, int]:
        """Orders decided again because a warehouse rejected them, and because a picker found too little."""
        rejected = {change.after.order_id for change in self.changes.get("shipment.rejected", ())}
        short = {change.after.order_id for change in self.changes.get("line.short_picked", ())}
        return len(rejected), len(short)


def planned_shipments(plan: DecisionData | None) -> list[PlannedShipment]:
    """The shipments of a plan that may still change without asking anybody."""
    return [] if plan is None else [each for each in plan.shipments if each.state == PLANNED]
