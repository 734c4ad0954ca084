"""The auditor's books of one partition: orders, the shipments of their last plans, and stock."""

from __future__ import annotations

from collections import Counter

from cli.audit.report import AuditReport
from cli.audit.safety import Safety
from cli.audit.stock import Stock
from schemas.inventory import GOOD
from schemas.times import NEVER_MS

StockKey = tuple[str, str, str, str]
"""Network, pool, SKU, class."""
OrderKey = tuple[str, str]
"""Network, order."""
ShipmentKey = tuple[str, str]
"""Network, shipment."""


Figures = tuple[int, int, int]
"""Of one line in one shipment: units that are live, that left the building, and that have arrived."""


class Units:
    """Units of one line in one shipment.

    All but `quantity` and `at_risk` come from the warehouse's own words, `there` from the carrier's.
    """

    __slots__ = ("at_risk", "cancelled", "left", "missing", "quantity", "rejected", "shipped", "sku", "there")

    def __init__(self, sku: str, quantity: int) -> None:
        self.sku = sku
        self.quantity = quantity
        self.shipped = 0
        self.left = 0
        """What the warehouse says has left: more than `shipped` when units went out that it had given back."""
        self.there = 0
        """What the carrier says has arrived: more than `left` while the warehouse has not told the dispatch."""
        self.missing = 0
        self.rejected = 0
        self.cancelled = 0
        self.at_risk = 0

    @property
    def live(self) -> int:
        """Units that this shipment still holds, or has brought out of the building."""
        return self.quantity - self.missing - self.rejected - self.cancelled

    @property
    def unshipped(self) -> int:
        """Live units that are still in the building: the reservation."""
        return self.live - self.shipped

    @property
    def delivered(self) -> int:
        """Units that left and have arrived."""
        return min(self.there, self.shipped)

    @property
    def figures(self) -> Figures:
        """What decisions and facts are compared by."""
        return self.live, self.shipped, self.delivered


class Shipment:
    """A shipment of an order's last plan.  `sent` once a decision shows it so; `requested` once the WMS was told."""

    __slots__ = (
        "delivered_at_ms", "lines", "network", "order_id", "pending", "pool", "requested", "sent", "ship_by",
        "shipment_id", "wms",
    )  # fmt: skip

    def __init__(self, network: str, order_id: str, shipment_id: str, pool: str, wms: str) -> None:
        self.network = network
        self.order_id = order_id
        self.shipment_id = shipment_id
        self.pool = pool
        self.wms = wms
        self.ship_by = ""
        self.sent = False
        self.requested = False
        self.delivered_at_ms = NEVER_MS
        self.lines: dict[str, Units] = {}
        self.pending: dict[str, dict[str, int]] = {}
        """Cancel requests that the warehouse has not answered for good: what each still asks for, by line."""

    @property
    def key(self) -> ShipmentKey:
        """What identifies it in the partition."""
        return self.network, self.shipment_id

    def asked_back(self, line_id: str) -> int:
        """Units of a line under all open cancel requests."""
        return sum(asked.get(line_id, 0) for asked in self.pending.values())

    def answer_requests(self, line_id: str, units: int) -> None:
        """Units that came back, or left, answer the oldest cancel request first."""
        for request_id, asked in list(self.pending.items()):
            answered = min(units, asked.get(line_id, 0))
            if not answered:
                continue
            units -= answered
            asked[line_id] -= answered
            if not asked[line_id]:
                del asked[line_id]
            if not asked:
                del self.pending[request_id]

    @property
    def is_delivered(self) -> bool:
        """Whether something left, all of that has arrived, and nothing is left in the building."""
        lines = self.lines.values()
        return any(units.shipped for units in lines) and all(units.delivered == units.live for units in lines)

    @property
    def early(self) -> int:
        """Units that arrived of which no warehouse has told that they left."""
        return sum(max(0, units.there - units.left) for units in self.lines.values())

    @property
    def live(self) -> int:
        """Units of all lines that it holds or has shipped."""
        return sum(units.live for units in self.lines.values())


class OrderedLine:
    """One line as the customer placed it, and what became of its units outside shipments."""

    __slots__ = ("cancel_wanted", "cancelled", "lost_unwanted", "quantity", "refused", "sku", "unit")

    def __init__(self, sku: str, quantity: int, unit: str) -> None:
        self.sku = sku
        self.quantity = quantity
        self.unit = unit
        self.cancel_wanted = 0
        self.cancelled = 0
        self.refused = 0
        self.lost_unwanted = 0
        """Units that a warehouse lost while it was asked not to ship them: the next decision calls them cancelled."""


class Order:
    """An accepted order and its last decided plan."""

    __slots__ = (
        "cancel_refused", "contents", "excluded", "lines", "order_id", "requests", "shipments", "sold",
    )  # fmt: skip

    def __init__(self, order_id: str, sold: bool) -> None:
        self.order_id = order_id
        self.sold = sold
        self.lines: dict[str, OrderedLine] = {}
        self.contents: list[int] = []
        """The content of each decision so far, as a hash: the n-th is of decision n."""
        self.excluded: set[tuple[str, str]] = set()
        """(line, pool): the pool has said no to this line."""
        self.shipments: dict[str, Shipment] = {}
        self.cancel_refused = False
        self.requests: set[str] = set()
        """Cancel requests that found something: the same one sent again asks for nothing more."""

    @property
    def decision(self) -> int:
        """The number of the last decision; 0 before the first."""
        return len(self.contents)

    def cancellable(self, line_id: str) -> int:
        """Units of a line that are not cancelled, refused, shipped or asked back from a warehouse."""
        line = self.lines[line_id]
        gone = line.cancelled + line.refused
        for shipment in self.shipments.values():
            if line_id in shipment.lines:
                gone += shipment.lines[line_id].shipped + shipment.asked_back(line_id)
        return line.quantity - gone

    @property
    def unfinished(self) -> list[str]:
        """Lines with units that are neither cancelled, refused nor shipped."""
        over = {line_id: line.cancelled + line.refused for line_id, line in self.lines.items()}
        for shipment in self.shipments.values():
            for line_id, units in shipment.lines.items():
                over[line_id] += units.shipped
        return [line_id for line_id, units in over.items() if units < self.lines[line_id].quantity]


class Books:
    """Everything the auditor believes about one partition after a bundle."""

    def __init__(self, partition: int, report: AuditReport) -> None:
        self.partition = partition
        self.report = report
        self.safety = Safety()
        self.stocks: dict[StockKey, Stock] = {}
        self.orders: dict[OrderKey, Order] = {}
        self.shipments: dict[ShipmentKey, Shipment] = {}
        self.blocks_with_end: set[StockKey] = set()
        self.for_a_person: set[OrderKey] = set()
        """Orders that were handed to a person as an exception."""
        self.not_taken: set[OrderKey] = set()
        """Those of them that were too old to be booked."""
        # Of the bundle at hand:
        self.sequence = 0
        self.decided_at_ms = 0
        self.touched: set[StockKey] = set()
        self.before: dict[ShipmentKey, dict[str, Figures]] = {}
        """Of each line before this bundle's facts, for the shipments that they changed."""
        self.early: Counter[tuple[str, ShipmentKey]] = Counter()
        """Exceptions about what arrived before it left that must be (opened or closed)."""
        self.newly_sent: dict[ShipmentKey, Shipment] = {}
        self.cancel_wanted: set[OrderKey] = set()
        self.forgotten_orders: set[OrderKey] = set()
        self.forgotten_shipments: set[ShipmentKey] = set()
        """What the router does not know, or not any more: nothing happens to it."""

    def open_bundle(self, sequence: int, decided_at_ms: int) -> None:
        """Forget what belonged to the previous bundle, and let blocks end whose time has come."""
        self.sequence = sequence
        self.decided_at_ms = decided_at_ms
        self.touched.clear()
        self.before.clear()
        self.early.clear()
        self.newly_sent.clear()
        self.cancel_wanted.clear()
        self.forgotten_orders.clear()
        self.forgotten_shipments.clear()
        for key in list(self.blocks_with_end):
            stock = self.stocks[key]
            stock.expire_blocks(decided_at_ms)
            if not stock.holds:
                self.blocks_with_end.discard(key)

    def blame(self, promise: str, sentence: str) -> None:
        """A violation in the bundle at hand."""
        self.report.blame(promise, sentence, f"partition {self.partition}, sequence {self.sequence}")

    def stock(self, key: StockKey) -> Stock:
        """The stock row, which begins empty."""
        stock = self.stocks.get(key)
        if stock is None:
            stock = self.stocks[key] = Stock()
        return stock

    def take_out(self, shipment: Shipment) -> None:
        """Remove what the shipment reserves, before it changes."""
        self._book(shipment, -1)

    def put_in(self, shipment: Shipment) -> None:
        """Reserve what the shipment holds now."""
        self._book(shipment, 1)

    def _book(self, shipment: Shipment, sign: int) -> None:
        for units in shipment.lines.values():
            key = (shipment.network, shipment.pool, units.sku, GOOD)
            stock = self.stock(key)
            self.touched.add(key)
            stock.reserved += sign * units.unshipped
            if shipment.sent:
                stock.released += sign * units.unshipped
            if sign < 0:
                stock.holders.discard(shipment.shipment_id)
        if sign < 0:
            return
        # After all lines, because two of them may name the same SKU.
        for units in shipment.lines.values():
            if units.unshipped:
                self.stock((shipment.network, shipment.pool, units.sku, GOOD)).holders.add(
                    shipment.shipment_id
                )

    def remember(self, shipment: Shipment) -> None:
        """Note how the shipment stood before this bundle's facts: a decision in the middle of them may show that."""
        if shipment.key not in self.before:
            self.before[shipment.key] = {line_id: units.figures for line_id, units in shipment.lines.items()}
