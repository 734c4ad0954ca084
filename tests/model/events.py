"""What can happen to the modelled router: a rule for each kind of event, in random order and with random content."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from schemas.kinds import ORDERS, REFERENCE
from schemas.times import rfc3339
from tests.model.books import Event
from tests.model.referee import Referee
from tests.small_network import LANES, item, pool
from tests.world import World, placed, topic_of

POOLS = [name for name, _, _ in LANES]
SKUS = ["lamp", "chair", "vase"]
"""The vase is unknown until a reference set states it."""

MINUTE_MS = 60_000

pools = st.sampled_from(POOLS)
skus = st.sampled_from(["lamp", "lamp", "lamp", "chair", "chair", "vase"])
few = st.integers(0, 12)
some = st.integers(1, 4)
line = st.tuples(st.sampled_from(SKUS[:2]), some)


def _any_told(model: Any) -> bool:
    return bool(model.referee.told)


def _any_asked_back(model: Any) -> bool:
    """Mostly while a cancel request is open, but an answer to nothing must be tried as well."""
    shipments = [ship for order in model.referee.orders.values() for ship in order.shipments.values()]
    return any(shipment.requests for shipment in shipments) or model.position % 7 == 0


class Events(RuleBasedStateMachine):
    """Each rule puts records into the queue: the next bundle."""

    world: World
    referee: Referee
    queue: dict[str, list[bytes | None]]
    sent: list[bytes]
    changes: list[Event]
    recounts: list[Event]
    blocks: list[Event]
    """Of which nobody has told the end yet."""
    position: int
    numbers: int

    # --- what the world says --------------------------------------------------------------------------------

    def send(self, event_type: str, data: Event) -> None:
        raw = self.world.event(event_type, data)
        self.sent.append(raw)
        self.queue.setdefault(topic_of(event_type), []).append(raw)

    def _place(self, late: int) -> int:
        """The next place in the warehouses' sequences, or one a little earlier."""
        self.position += 2
        return max(0, self.position - late)

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers

    @rule(pool=pools, sku=skus, quantity=few, late=few)
    def count(self, pool: str, sku: str, quantity: int, late: int) -> None:
        self.send(
            "stock.counted", {"pool": pool, "sku": sku, "quantity": quantity, "mark": self._place(late)}
        )

    @rule(pool=pools, sku=skus, delta=st.integers(-5, 5), late=few, sold=st.booleans(), again=st.booleans())
    def move(self, pool: str, sku: str, delta: int, late: int, sold: bool, again: bool) -> None:
        position = self._place(late)
        data = {"pool": pool, "sku": sku, "document": f"m{position}", "position": position}
        event_type, change = "stock.adjusted", {"delta": delta, "reason": "r"}
        if sold and delta < 0:
            event_type, change = "stock.sold", {"quantity": -delta}
        for _ in range(1 + again):
            self.send(event_type, {**data, **change})

    @rule(
        pool=pools,
        sku=skus,
        quantity=some,
        minutes=st.sampled_from([None, 0, 60, 1440]),
        freed=st.integers(0, 5),
    )
    def block(self, pool: str, sku: str, quantity: int, minutes: int | None, freed: int) -> None:
        data: Event = {
            "pool": pool,
            "sku": sku,
            "quantity": quantity,
            "reason": "r",
            "position": self._place(0),
        }
        data["document"] = f"b{self._number()}"
        until = {} if minutes is None else {"until": rfc3339(self.world.now_ms + minutes * MINUTE_MS)}
        self.send("stock.blocked", {**data, **until})
        if 0 < freed <= quantity:
            self.send("stock.unblocked", {**data, "quantity": freed})
        else:
            self.blocks.append(data)

    @precondition(lambda self: self.blocks)
    @rule(data=st.data())
    def unblock(self, data: st.DataObject) -> None:
        """Of a block whose time may be over, so that nothing is left of it."""
        at = data.draw(st.integers(0, len(self.blocks) - 1))
        self.send("stock.unblocked", {**self.blocks.pop(at), "position": self._place(0)})

    @rule(
        first=line, priority=st.integers(1, 9), country=st.sampled_from(["DE", "FR"]), at_once=st.booleans()
    )
    def place(self, first: tuple[str, int], priority: int, country: str, at_once: bool) -> None:
        self.place_order([(*first, None)], priority=priority, destination={"country": country},
                          channel="express" if at_once else "web")  # fmt: skip

    @rule(
        lines=st.lists(st.tuples(skus, some, st.sampled_from([None, None, None, *POOLS])), min_size=1, max_size=3),
        priority=st.integers(1, 9), channel=st.sampled_from(["web", "web", "web", "express", "express", "nowhere"]),
        commitment=st.sampled_from(["sold", "sold", "request"]), most=st.integers(1, 3),
        complete=st.sampled_from([False, False, True]),
    )  # fmt: skip
    def place_more(
        self, lines: list[tuple[str, int, str | None]], priority: int, channel: str, commitment: str, most: int,
        complete: bool,
    ) -> None:  # fmt: skip
        self.place_order(lines, priority=priority, channel=channel, commitment=commitment, max_shipments=most,
                          ship_complete=complete)  # fmt: skip

    def place_order(self, lines: list[tuple[str, int, str | None]], **changes: Any) -> None:
        name = f"o{self._number()}"
        changes["placed_at"] = rfc3339(self.world.now_ms)
        event_type, data = placed(name, *((sku, quantity) for sku, quantity, _ in lines), **changes)
        for line, (_, _, pinned) in zip(data["lines"], lines, strict=True):
            if pinned is not None:
                line["pinned_pool"] = pinned
        self.send(event_type, data)

    # --- what is said about orders and shipments ------------------------------------------------------------

    @precondition(lambda self: self.referee.orders)
    @rule(data=st.data(), part=st.one_of(st.none(), some), again=st.booleans())
    def cancel(self, data: st.DataObject, part: int | None, again: bool) -> None:
        order = self.referee.orders[data.draw(st.sampled_from(sorted(self.referee.orders)))]
        body: Event = {"order_id": order.data["order_id"], "request_id": f"r{self._number()}"}
        if part is not None:
            body["lines"] = {data.draw(st.sampled_from([*order.lines, "nine"])): part}
        if again and order.asked:
            body["request_id"] = order.asked[-1]
        self.send("cancel.requested", body)

    def _shipment(self, data: st.DataObject) -> str:
        orders = self.referee.orders.values()
        names = sorted(
            name for order in orders for name, shipment in order.shipments.items() if shipment.told
        )
        if not names or data.draw(st.integers(0, 15)) == 15:
            planned = sorted(name for order in orders for name in order.shipments)
            names = ["nobody/1/1", *planned, *sorted(self.referee.told)]
        return data.draw(st.sampled_from(names))

    def _lines(self, data: st.DataObject, name: str) -> list[str]:
        order = self.referee.orders.get(self.referee.told.get(name, ""))
        return sorted(order.shipments[name].parts) if order else ["1"]

    @precondition(_any_told)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        self.send("shipment.accepted", {"shipment_id": self._shipment(data)})

    @precondition(_any_told)
    @rule(data=st.data(), units=st.one_of(st.none(), some))
    def reject(self, data: st.DataObject, units: int | None) -> None:
        name = self._shipment(data)
        lines = (
            {} if units is None else {"lines": {data.draw(st.sampled_from(self._lines(data, name))): units}}
        )
        self.send("shipment.rejected", {"shipment_id": name, "reason": "r", **lines})

    @precondition(_any_told)
    @rule(data=st.data(), units=some, late=few, recount=st.sampled_from([None, None, -1, 0, 1]), found=few)
    def short_pick(self, data: st.DataObject, units: int, late: int, recount: int | None, found: int) -> None:
        """Perhaps with a count that was taken just before the pick, at its place or just after it."""
        name = self._shipment(data)
        line = data.draw(st.sampled_from([*self._lines(data, name), "nine"]))
        position = self._place(late)
        self.send(
            "line.short_picked",
            {
                "shipment_id": name,
                "line_id": line,
                "missing": units,
                "position": position,
                "reason": "not\nthere",
            },
        )
        order = self.referee.orders.get(self.referee.told.get(name, ""))
        if order is not None and line in order.lines and recount is not None:
            counted = {"pool": order.shipments[name].pool, "sku": order.sku(line), "quantity": found}
            # In a later bundle than the pick: stock comes first within one.
            self.recounts.append({**counted, "mark": max(0, position + recount)})

    @precondition(lambda self: self.recounts)
    @rule()
    def recount(self) -> None:
        self.send("stock.counted", self.recounts.pop())

    @precondition(_any_told)
    @rule(data=st.data(), late=few, extra=st.integers(0, 9))
    def dispatch(self, data: st.DataObject, late: int, extra: int) -> None:
        name = self._shipment(data)
        order = self.referee.orders.get(self.referee.told.get(name, ""))
        parts = order.shipments[name].parts if order else {}
        totals = {line: data.draw(st.integers(0, part.quantity)) for line, part in parts.items()}
        if extra > 5:
            totals = {line: part.quantity for line, part in parts.items()}
        if extra == 0:
            totals = {
                line: total + part.quantity
                for (line, total), part in zip(totals.items(), parts.values(), strict=True)
            }
        totals = totals or {"1": 1}
        body = {"shipment_id": name, "lines_total": totals, "position": self._place(late), "carrier": "post"}
        self.send("shipment.dispatched", body)

    @precondition(_any_told)
    @rule(data=st.data(), whole=st.booleans(), extra=st.integers(0, 9))
    def deliver(self, data: st.DataObject, whole: bool, extra: int) -> None:
        """A carrier, who may be earlier than the warehouse, and wrong."""
        name = self._shipment(data)
        order = self.referee.orders.get(self.referee.told.get(name, ""))
        parts = order.shipments[name].parts if order else {}
        totals = {
            line: data.draw(st.integers(0, max(part.left, part.quantity))) + (extra == 0)
            for line, part in parts.items()
        }
        if extra == 1:
            totals["nine"] = 1
        self.send("shipment.delivered", {"shipment_id": name, **({} if whole else {"lines_total": totals})})

    @precondition(_any_asked_back)
    @rule(data=st.data(), refuse=st.booleans(), units=st.one_of(st.none(), st.integers(0, 3)))
    def answer(self, data: st.DataObject, refuse: bool, units: int | None) -> None:
        """A warehouse answers a cancel request: one that is open, if there is any."""
        open_requests = [
            (name, request)
            for order in self.referee.orders.values()
            for name, shipment in order.shipments.items()
            for request in shipment.requests
        ]
        name, request = data.draw(st.sampled_from(open_requests or [("nobody/1/1", "r1")]))
        body: Event = {"shipment_id": name, "request_id": request}
        if units is not None:
            body["lines"] = {data.draw(st.sampled_from(self._lines(data, name))): units}
        self.send("cancel.refused" if refuse else "cancel.accepted", body)

    # --- what goes wrong on the way -------------------------------------------------------------------------

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), other=st.booleans(), garbage=st.sampled_from([*[b"-"] * 5, None, b"", b"{", b"[]"]))
    def repeat(self, data: st.DataObject, other: bool, garbage: bytes | None) -> None:
        """An event comes again, as it was or with other content under the same id, or nobody can read it."""
        if garbage != b"-":
            self.queue.setdefault(ORDERS, []).append(garbage)
            return
        raw = data.draw(st.sampled_from(self.sent[-40:]))
        event = msgspec.json.decode(raw)
        if other and "quantity" in event["data"]:
            event["data"]["quantity"] += 1
        self.queue.setdefault(topic_of(event["type"]), []).append(msgspec.json.encode(event))

    @precondition(lambda self: REFERENCE not in self.queue)
    @rule(
        pool_name=pools, sku=skus, safety=st.integers(0, 3), paused=st.sampled_from([None, False, True]),
        vase=st.booleans(), places=st.integers(1, 3),
    )  # fmt: skip
    def refer(
        self, pool_name: str, sku: str, safety: int, paused: bool | None, vase: bool, places: int
    ) -> None:
        """The reference changes: safety stock, a pool that pauses, works again or has more or fewer places, an item."""
        referee = self.referee
        entities: list[Event] = [{"kind": "item_pool", "sku": sku, "pool": pool_name, "safety": safety}]
        if paused is not None and pool_name != "london":
            capacity = {"orders_per_day": places} if pool_name in referee.capacity else {}
            entities.append(pool(pool_name, status="paused" if paused else "active", **capacity))
        if vase:
            entities.append(item("vase"))
        self.queue[REFERENCE] = self.world.set_events(*entities)
        self.changes = entities
