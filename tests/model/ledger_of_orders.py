"""Orders and shipments a second time: what the warehouses were told, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Part:
    """Units of one line in one shipment."""

    quantity: int
    shipped: int = 0
    missing: int = 0
    rejected: int = 0
    cancelled: int = 0
    at_risk: int = 0
    left: int = 0
    """Units that went out as the warehouse says: perhaps more than were held here."""
    there: int = 0
    """Units that arrived as the carrier says: perhaps before the warehouse has said that they left."""

    @property
    def held(self) -> int:
        """Units that are live here, shipped ones included."""
        return self.quantity - self.missing - self.rejected - self.cancelled

    @property
    def unshipped(self) -> int:
        return self.held - self.shipped

    @property
    def delivered(self) -> int:
        return min(self.there, self.shipped)


@dataclass
class Shipment:
    name: str
    pool: str
    ship_by: str
    parts: dict[str, Part]
    told: bool = False
    answered: bool = False
    requests: dict[str, dict[str, int]] = field(default_factory=dict)
    """Units asked back and not answered, by request and line, oldest request first."""

    @property
    def is_live(self) -> bool:
        return any(part.held for part in self.parts.values())

    def can_still_ship(self) -> bool:
        """Whether the warehouse has everything of it still to do."""
        return any(part.unshipped for part in self.parts.values())

    def has_arrived(self) -> bool:
        """Whether something left, all of that is there, and nothing is to come."""
        parts = self.parts.values()
        return (
            any(part.shipped for part in parts)
            and not self.can_still_ship()
            and all(part.delivered == part.shipped for part in parts)
        )

    def left_whole(self) -> bool:
        """Whether some of it left and nothing was cancelled: what was asked back had gone already."""
        parts = self.parts.values()
        return any(part.shipped for part in parts) and not any(part.cancelled for part in parts)

    def came_from_nowhere(self) -> int:
        """Units that arrived and never left, as far as the warehouse has said."""
        return sum(max(0, part.there - part.left) for part in self.parts.values())

    def holds_all_of(self, other: Shipment) -> bool:
        """Whether the other is this one, or what is left of it: no promise that was not made before."""
        return (self.pool, self.ship_by) == (other.pool, other.ship_by) and all(
            line in self.parts and part.quantity <= self.parts[line].quantity
            for line, part in other.parts.items()
        )

    def pending(self, line: str) -> int:
        return sum(lines.get(line, 0) for lines in self.requests.values())

    def asked(self) -> dict[str, dict[str, int]]:
        """What each request still asks for."""
        return {name: dict(lines) for name, lines in self.requests.items()}

    def answer(self, line: str, units: int) -> None:
        """Take answered units off the requests, oldest first."""
        for request in list(self.requests):
            lines = self.requests[request]
            taken = min(units, lines.get(line, 0))
            if taken:
                units -= taken
                lines[line] -= taken
        self.drop_answered()

    def drop_answered(self) -> None:
        self.requests = {
            name: {line: units for line, units in lines.items() if units}
            for name, lines in self.requests.items()
            if any(lines.values())
        }


@dataclass
class Order:
    """One order; a line's units that nobody holds, cancelled or refused are open."""

    data: dict[str, Any]
    decision: int = 0
    cancelled: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Cancel requests that took effect."""
    forget_ms: int | None = None
    """When it may be forgotten."""
    barred: dict[tuple[str, str], None] = field(default_factory=dict)
    """(line, pool) that the pool has rejected or not found, in the order in which it did."""
    came_back: list[dict[str, Any]] = field(default_factory=list)
    """What warehouses sent back in this bundle, as a decision of it must tell."""

    def __post_init__(self) -> None:
        self.lines = {line["line_id"]: line for line in self.data["lines"]}
        self.cancelled = dict.fromkeys(self.lines, 0)
        self.refused = dict.fromkeys(self.lines, 0)

    @property
    def priority(self) -> int:
        return int(self.data.get("priority", 5))

    def sku(self, line: str) -> str:
        return str(self.lines[line]["sku"])

    def units(self, line: str) -> dict[str, int]:
        """The line's units by state; empty states are left out."""
        states = dict.fromkeys(("allocated", "released", "cancel_pending", "shipped", "delivered"), 0)
        for shipment in self.shipments.values():
            part = shipment.parts.get(line)
            if part is not None:
                pending = shipment.pending(line)
                states["shipped"] += part.shipped - part.delivered
                states["delivered"] += part.delivered
                states["cancel_pending"] += pending
                states["released" if shipment.told else "allocated"] += part.unshipped - pending
        states["cancelled"] = self.cancelled[line]
        states["refused"] = self.refused[line]
        states["open"] = self.lines[line]["quantity"] - sum(states.values())
        return {state: units for state, units in states.items() if units}

    def reserved(self, pool: str, sku: str, told: bool | None = None) -> int:
        """Unshipped units of a SKU at a pool; only those told of, or not told of, if asked."""
        return sum(
            part.unshipped
            for shipment in self.shipments.values()
            if shipment.pool == pool and told in (None, shipment.told)
            for line, part in shipment.parts.items()
            if self.sku(line) == sku
        )

    def at_risk(self, pool: str, sku: str) -> int:
        return sum(
            part.at_risk
            for shipment in self.shipments.values()
            if shipment.pool == pool
            for line, part in shipment.parts.items()
            if self.sku(line) == sku
        )

    def barred_for(self, units: dict[str, int]) -> dict[str, Any]:
        """Of these lines and their units: who has sent back any, and the units that are left to each of those."""
        barred = dict.fromkeys(pool for name in units for line, pool in self.barred if line == name)
        left_to = {}
        for pool in barred:
            free = [line for line in units if (line, pool) not in self.barred]
            left_to[pool] = sum(units[line] for line in free)
            units = {line: each for line, each in units.items() if line not in free}
        return {"barred": frozenset(barred), "left_to": left_to}

    def there(self) -> dict[tuple[str, str], int]:
        """Units that arrived as the carrier says, by shipment and line."""
        return {
            (shipment.name, line): part.there
            for shipment in self.shipments.values()
            for line, part in shipment.parts.items()
            if part.there
        }

    def is_done(self) -> bool:
        """Whether nothing can be shipped any more."""
        return all(
            not {"open", "allocated", "released", "cancel_pending"} & self.units(line).keys()
            for line in self.lines
        )

    def is_over(self) -> bool:
        """Whether nothing can happen to it any more, on the way to the customer either."""
        return self.is_done() and all("shipped" not in self.units(line) for line in self.lines)

    # --- what a warehouse says; each answers whether it changed anything ------------------------------------

    def give_back(self, shipment: Shipment, line: str, units: int) -> None:
        """Units that come back from a warehouse are open again, but for those that the customer does not want.

        As long as it has enough left for what it was asked to cancel, it may still agree to that.
        """
        part = shipment.parts[line]
        unwanted = max(0, shipment.pending(line) - part.unshipped)
        self.cancelled[line] += unwanted
        shipment.answer(line, unwanted)
        part.at_risk = min(part.at_risk, part.unshipped)
        self.barred[line, shipment.pool] = None

    def hear(self, shipment: Shipment, cause: str, lines: dict[str, int], reason: str) -> None:
        told = {"shipment_id": shipment.name, "pool": shipment.pool, "cause": cause, "lines": lines}
        self.came_back.append({**told, "reason": reason.replace("\n", " ")})

    def reject(self, shipment: Shipment, stated: dict[str, int] | None, reason: str) -> bool:
        back = {}
        for line, part in shipment.parts.items():
            more = part.unshipped if stated is None else stated.get(line, 0) - part.rejected
            more = min(more, part.unshipped)
            if more > 0:
                part.rejected += more
                self.give_back(shipment, line, more)
                back[line] = more
        if back:
            self.hear(shipment, "shipment.rejected", back, reason)
        return bool(back)

    def miss(self, shipment: Shipment, line: str, missing: int, reason: str) -> bool:
        part = shipment.parts[line]
        more = min(missing - part.missing, part.unshipped)
        if more <= 0:
            return False
        part.missing += more
        self.give_back(shipment, line, more)
        self.hear(shipment, "line.short_picked", {line: more}, reason)
        return True

    def agree(self, shipment: Shipment, request: str, agreed: dict[str, int] | None) -> None:
        """Cancellation accepted, perhaps in part: the rest of the request is still to be answered."""
        lines = shipment.requests[request]
        for line, asked in lines.items():
            part = shipment.parts[line]
            units = min(asked if agreed is None else min(asked, agreed.get(line, 0)), part.unshipped)
            part.cancelled += units
            part.at_risk = min(part.at_risk, part.unshipped)
            self.cancelled[line] += units
            lines[line] -= asked if agreed is None else units
        shipment.drop_answered()

    def refuse(self, shipment: Shipment, request: str, refused: dict[str, int] | None) -> None:
        if refused is None:
            del shipment.requests[request]
            return
        lines = shipment.requests[request]
        for line in lines:
            lines[line] = max(0, lines[line] - refused.get(line, 0))
        shipment.drop_answered()
