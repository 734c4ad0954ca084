"""What every fact must come to, predicted from the domain model: stock, orders, shipments, and what was accepted."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.model.ledger_of_orders import Order, Shipment
from tests.model.shelf import Shelf
from tests.model.waits import Waits
from tests.world import Told

DAY_MS = 86_400_000

Event = dict[str, Any]


def instant_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@dataclass
class Books:
    """All that a second router would remember."""

    capacity: dict[str, int]
    channels: set[str]
    pools: set[str]
    items: set[str]
    paused: set[str] = field(default_factory=set)
    safety: dict[tuple[str, str], int] = field(default_factory=dict)
    shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    seen: dict[str, tuple[str, Any]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """Every shipment that a warehouse was ever told of, and its order."""
    now_ms: int = 0

    def __post_init__(self) -> None:
        self.outcome = {"accepted": 0, "duplicate": 0, "dead": 0, "stale": 0}
        self.decisions: deque[Event] = deque()
        self.from_nowhere: list[tuple[str, str]] = []
        """What a bundle must say of shipments that arrived before they left: (opened or closed, shipment)."""
        self.put_off: set[str] = set()
        """Orders of which the last bundle left a decision to the next one."""
        self.waits = Waits()
        self.result: Told

    def fact(self, kind: str, data: Event) -> bool | None:
        """Whether the fact has an effect; None when it must be refused."""
        if kind.startswith("stock."):
            return None if data["pool"] not in self.pools else self._stock(kind, data)
        if kind == "order.placed":
            return self._placed(data)
        if kind == "cancel.requested":
            return self._cancel(data)
        if kind.startswith(("reference.", "set.")):
            return True
        return self._fulfilment(kind, data)

    def shelf(self, pool: str, sku: str) -> Shelf:
        return self.shelves.setdefault((pool, sku), Shelf())

    def _stock(self, kind: str, data: Event) -> bool:
        shelf = self.shelf(data["pool"], data["sku"])
        released = self.reserved(data["pool"], data["sku"], told=True)
        if kind == "stock.counted":
            return shelf.count(data, released)
        if kind == "stock.adjusted":
            return shelf.move(data["position"], data["delta"], data["document"], released)
        if kind == "stock.sold":
            return shelf.move(data["position"], -data["quantity"], data["document"], released)
        if kind == "stock.unblocked":
            return shelf.unblock(data)
        changed = shelf.block(data, instant_ms(data["until"]) if data.get("until") else None)
        shelf.end_blocks(self.now_ms)
        return changed

    def _placed(self, data: Event) -> bool | None:
        known = self.orders.get(data["order_id"])
        if known is not None:
            return False if known.data == data else None
        if data["channel"] not in self.channels:
            return None
        if instant_ms(data["placed_at"]) > self.now_ms - 30 * DAY_MS:
            # An older one may have been closed and forgotten: an exception, never a new order.
            self.orders[data["order_id"]] = Order(data)
        return True

    def _cancel(self, data: Event) -> bool | None:
        order = self.orders.get(data["order_id"])
        if order is None:
            return True
        request = data["request_id"]
        if request in order.asked:
            return False
        asked = data.get("lines")
        if asked is not None and asked.keys() - order.lines.keys():
            return None
        instructions = [
            notice for notice in self.result.of("shipment.cancel_requested")
            if notice["order_id"] == order.data["order_id"] and notice["request_id"] == request
        ]  # fmt: skip
        changed = False
        held = {line: order.units(line) for line in order.lines}
        states = {state for units in held.values() for state in units}
        if asked is None and "cancel_pending" in states and not {"open", "allocated", "released"} & states:
            return False  # Who asks for everything asks for nothing new while all of it is being asked back.
        for line, units in held.items():
            everything = sum(units.get(state, 0) for state in ("open", "allocated", "released"))
            wanted = everything if asked is None else asked.get(line, 0)
            at_once = min(wanted, units.get("open", 0) + units.get("allocated", 0))
            asked_back = min(wanted - at_once, units.get("released", 0))
            assert sum(told["lines"].get(line, 0) for told in instructions) == asked_back
            order.cancelled[line] += at_once
            changed = changed or bool(at_once or asked_back)
        for told in instructions:
            shipment = order.shipments[told["shipment_id"]]
            assert shipment.told
            shipment.requests[request] = dict(told["lines"])
            assert all(shipment.pending(line) <= part.unshipped for line, part in shipment.parts.items())
        if changed:
            order.asked.append(request)
            self.expect(order, "cancel.requested")
        return True

    def _fulfilment(self, kind: str, data: Event) -> bool | None:
        name = data["shipment_id"]
        order = self.orders.get(self.told.get(name, ""))
        if order is None:
            return True  # No warehouse was told of it: an exception for a person.
        shipment = order.shipments[name]
        stated = data.get("lines") or data.get("lines_total") or {data.get("line_id"): 0}
        if any(line is not None and line not in shipment.parts for line in stated):
            return None
        if kind == "shipment.accepted":
            first, shipment.answered = not shipment.answered and shipment.can_still_ship(), True
            return first
        if kind == "shipment.rejected":
            return order.reject(shipment, data.get("lines"), data["reason"])
        if kind == "line.short_picked":
            return self._missed(order, shipment, data)
        if kind == "shipment.dispatched":
            return self._dispatched(order, shipment, data)
        if kind == "shipment.delivered":
            return self._delivered(shipment, data.get("lines_total"))
        return self._answer(order, shipment, kind, data)

    def _missed(self, order: Order, shipment: Shipment, data: Event) -> bool:
        """A picker who finds too little has looked, whether or not the shipment holds the units any more."""
        line, position = data["line_id"], data["position"]
        is_news = data["missing"] > shipment.parts[line].missing
        shelf = self.shelf(shipment.pool, order.sku(line))
        gave_up = order.miss(shipment, line, data["missing"], data["reason"])
        looked = is_news and position >= shelf.mark and position > shelf.suspect_position
        if gave_up or looked:
            shelf.doubt(position, self.reserved(shipment.pool, order.sku(line), told=True))
        return gave_up or looked

    def _answer(self, order: Order, shipment: Shipment, kind: str, data: Event) -> bool:
        request = data["request_id"]
        if request in shipment.requests:
            answer = order.agree if kind == "cancel.accepted" else order.refuse
            asked = shipment.asked()
            answer(shipment, request, data.get("lines"))
            if shipment.asked() != asked:
                self.expect(order, kind)
        elif kind == "cancel.refused":
            return not shipment.left_whole()
        return True

    def _dispatched(self, order: Order, shipment: Shipment, data: Event) -> bool:
        effect = False
        waited = shipment.came_from_nowhere()
        for line, total in data["lines_total"].items():
            part = shipment.parts[line]
            more = total - part.left
            if more <= 0:
                continue
            effect = True
            part.left = total
            part.shipped += min(more, part.unshipped)
            part.at_risk = min(part.at_risk, part.unshipped)
            shipment.answer(line, max(0, shipment.pending(line) - part.unshipped))
            shelf = self.shelf(shipment.pool, order.sku(line))
            shelf.move(data["position"], -more, f"{shipment.name} {line} {total}", released=0)
        if waited and not shipment.came_from_nowhere():
            self.from_nowhere.append(("closed", shipment.name))
        return effect

    def _delivered(self, shipment: Shipment, stated: dict[str, int] | None) -> bool:
        """A carrier knows nothing of stock, and of a shipment only what it has seen."""
        parts = shipment.parts
        if stated is None:
            stated = {line: part.left for line, part in parts.items()}
            if not any(stated.values()):
                stated = {line: part.unshipped for line, part in parts.items()}
            if not any(stated.values()):
                stated = {line: part.quantity for line, part in parts.items()}
        waited = shipment.came_from_nowhere()
        news = [line for line, total in stated.items() if total > parts[line].there]
        for line in news:
            parts[line].there = stated[line]
        if shipment.came_from_nowhere() > waited:
            self.from_nowhere.append(("opened", shipment.name))
        return bool(news)

    def reserved_by(self, order: Order) -> dict[tuple[str, str], int]:
        keys = {
            (shipment.pool, order.sku(line))
            for shipment in order.shipments.values()
            for line in shipment.parts
        }
        return {(pool, sku): order.reserved(pool, sku) for pool, sku in keys}

    def reserved(self, pool: str, sku: str, told: bool | None = None) -> int:
        return sum(order.reserved(pool, sku, told) for order in self.orders.values())

    def expect(self, order: Order, cause: str) -> None:
        """The next decision of the bundle must be this one."""
        raise NotImplementedError
