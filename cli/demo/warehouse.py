"""What a warehouse system knows and says: its own stock, its own sequence of physical events, its work in hand.

One system is the only author of its pools: counts, adjustments, sales, picks and departures of a pool are numbered
by one sequence, which is what makes a count comparable with everything that happened before and after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random
from typing import Any

from cli.demo.client import Event
from cli.demo.scripts import WarehouseScript

FIRST_POSITION = 1_000
WORK_S = (0.3, 1.8)
"""A day's work in two seconds: from the instruction to the departure."""
REJECTED_SHARE = 0.003
SHORT_PICKED_SHARE = 0.012
SHORT_SHELF_MAX = 30
"""Only a shelf with little on it turns out to be empty: from a full one the picker takes another."""

INVENTORY = "inventory"
FULFILMENT = "fulfilment"
DISPATCHED = "shipment.dispatched"

Said = tuple[str, str, Event]
"""Topic, event type, data."""


class Warehouse:
    """Takes instructions and says what became of them."""

    def __init__(self, script: WarehouseScript) -> None:
        self.name = script.name
        self.on_hand = {pool: dict(goods) for pool, goods in script.on_hand.items()}
        self._random = Random(f"{script.seed} {script.name}")
        self._positions = dict.fromkeys(script.pools, FIRST_POSITION)
        self._open: dict[str, Event] = {}
        self._due: list[tuple[float, str]] = []
        self._documents = 0

    @property
    def is_idle(self) -> bool:
        """Nothing is left to be shipped."""
        return not self._open

    # --- stock ----------------------------------------------------------------------------------------------

    def count_everything(self) -> Iterator[Said]:
        """The opening count of every shelf."""
        for pool, goods in self.on_hand.items():
            for sku in goods:
                yield self.count(pool, sku)

    def count(self, pool: str, sku: str) -> Said:
        """What lies there now, as of the latest physical event of the pool."""
        quantity = self.on_hand[pool].get(sku, 0)
        data = {"pool": pool, "sku": sku, "quantity": quantity, "mark": self._positions[pool]}
        return INVENTORY, "stock.counted", data

    def lose_everything(self, pool: str, sku: str) -> Said:
        """Somebody looks, and the shelf is empty."""
        self.on_hand[pool][sku] = 0
        self._positions[pool] += 1
        return self.count(pool, sku)

    def arrive(self, pool: str, sku: str, quantity: int) -> Said:
        """Goods come in."""
        return self._adjust(pool, sku, quantity, "goods received")

    def adjust_something(self) -> Said:
        """A unit is found, or broken."""
        pool, sku = self._something()
        if self.on_hand[pool][sku] and self._random.random() < 0.6:
            return self._adjust(pool, sku, -1, "damaged")
        return self._adjust(pool, sku, 1, "found")

    def sell_something(self) -> Said | None:
        """Somebody buys over the counter, if the shelf is not empty."""
        pool, sku = self._something()
        if not self.on_hand[pool][sku]:
            return None
        self.on_hand[pool][sku] -= 1
        data = {
            "pool": pool, "sku": sku, "quantity": 1,
            "document": self._document("receipt"), "position": self._next_position(pool),
        }  # fmt: skip
        return INVENTORY, "stock.sold", data

    def _adjust(self, pool: str, sku: str, delta: int, reason: str) -> Said:
        self.on_hand[pool][sku] = self.on_hand[pool].get(sku, 0) + delta
        data = {
            "pool": pool, "sku": sku, "delta": delta, "reason": reason,
            "document": self._document("adjustment"), "position": self._next_position(pool),
        }  # fmt: skip
        return INVENTORY, "stock.adjusted", data

    def _something(self) -> tuple[str, str]:
        pool = self._random.choice(list(self.on_hand))
        return pool, self._random.choice(list(self.on_hand[pool]))

    def _document(self, kind: str) -> str:
        self._documents += 1
        return f"{self.name}-{kind}-{self._documents}"

    def _next_position(self, pool: str) -> int:
        self._positions[pool] += 1
        return self._positions[pool]

    # --- instructions ---------------------------------------------------------------------------------------

    def instructed(self, kind: str, data: Any, now_s: float) -> Iterator[Said]:
        """Answer one record of the allocation topic."""
        if kind == "shipment.requested":
            yield self._take(data, now_s)
        elif kind == "shipment.cancel_requested":
            yield self._cancel(data)
        elif kind == "count.requested":
            yield self.count(data["pool"], data["sku"])

    def _take(self, data: Any, now_s: float) -> Said:
        shipment_id = data["shipment_id"]
        if self._random.random() < REJECTED_SHARE:
            return FULFILMENT, "shipment.rejected", {"shipment_id": shipment_id, "reason": "the line is down"}
        self._open[shipment_id] = data
        heappush(self._due, (now_s + self._random.uniform(*WORK_S), shipment_id))
        return FULFILMENT, "shipment.accepted", {"shipment_id": shipment_id}

    def _cancel(self, data: Any) -> Said:
        answer = {"shipment_id": data["shipment_id"], "request_id": data["request_id"]}
        shipment = self._open.get(data["shipment_id"])
        if shipment is None:
            return FULFILMENT, "cancel.refused", {**answer, "reason": "it has left"}
        for line in shipment["lines"]:
            line["quantity"] -= data["lines"].get(line["line_id"], 0)
        shipment["lines"] = [line for line in shipment["lines"] if line["quantity"] > 0]
        if not shipment["lines"]:
            del self._open[data["shipment_id"]]
        return FULFILMENT, "cancel.accepted", {**answer, "lines": data["lines"]}

    # --- work -----------------------------------------------------------------------------------------------

    def work(self, now_s: float) -> Iterator[Said]:
        """Everything that is picked, short or packed by now."""
        while self._due and self._due[0][0] <= now_s:
            shipment = self._open.pop(heappop(self._due)[1], None)
            if shipment is not None:
                yield from self._pick(shipment)

    def _pick(self, shipment: Any) -> Iterator[Said]:
        pool, shipment_id = shipment["pool"], shipment["shipment_id"]
        shelf = self.on_hand[pool]
        sent: dict[str, int] = {}
        for line in shipment["lines"]:
            sku, wanted = line["sku"], line["quantity"]
            there = shelf.get(sku, 0)
            if 0 < there <= SHORT_SHELF_MAX and self._random.random() < SHORT_PICKED_SHARE:
                # The shelf holds less than the books say: what is missing here is missing from the stock too.
                there = shelf[sku] = min(there, wanted) - 1
            taken = min(wanted, there)
            if taken < wanted:
                missing = {
                    "shipment_id": shipment_id, "line_id": line["line_id"], "missing": wanted - taken,
                    "reason": "not on the shelf", "position": self._next_position(pool),
                }  # fmt: skip
                yield FULFILMENT, "line.short_picked", missing
            if taken:
                shelf[sku] -= taken
                sent[line["line_id"]] = taken
        if sent:
            left = {
                "shipment_id": shipment_id, "lines_total": sent, "carrier": shipment["carrier"],
                "tracking": f"track/{shipment_id}", "position": self._next_position(pool),
            }  # fmt: skip
            yield FULFILMENT, DISPATCHED, left
