"""The router against a naive second implementation, over whatever a hypothesis state machine thinks of.

Events of all kinds are sent as raw JSON, repeated, contradicted, out of order and in bundles of any size; time jumps;
the router is restarted from what it published, and the one that was never restarted must publish the same bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from operators.bundle import decide_bundle
from schemas.codec import FULFILMENT, INVENTORY, ORDERS, REFERENCE
from schemas.records import Record
from schemas.times import rfc3339
from state.limits import Limits
from tests.memory import same_memory
from tests.model.books import Event
from tests.model.referee import Referee
from tests.promises import promise
from tests.small_network import LANES, item, network, pool
from tests.world import NETWORK, World, placed, told, topic_of

POOLS = [name for name, _, _ in LANES]
SKUS = ["lamp", "chair", "vase"]
"""The vase is unknown until a reference set states it."""

MINUTE_MS = 60_000
JUMPS_MINUTES = [0, 0, 1, 20, 120, 180, 300, 1440]
LONG_JUMPS_MINUTES = [3 * 1440, 35 * 1440, 95 * 1440]

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


class Model(RuleBasedStateMachine):
    """Rules put records into the next bundle; `commit` decides it and lets the referee judge."""

    @initialize(
        agenda_orders_max=st.sampled_from([1, 2, 2_000, 2_000]), sets_max=st.sampled_from([3, 2_000]),
        orders=st.lists(st.lists(line, min_size=1, max_size=2), min_size=1, max_size=4),
    )  # fmt: skip
    def begin(self, agenda_orders_max: int, sets_max: int, orders: list[list[tuple[str, int]]]) -> None:
        limits = Limits(agenda_orders_max=agenda_orders_max, search_sets_max=sets_max)
        self.world = World(network(), limits)
        self.twin = self.world.restored()
        self.referee = Referee(
            capacity={"corner": 2},
            channels={"web", "express"},
            pools=set(POOLS),
            items={"lamp", "chair", "rug"},
        )
        self.queue: dict[str, list[bytes | None]] = {}
        self.sent: list[bytes] = []
        self.position = 10
        self.numbers = 0
        for pool_name in POOLS:
            for sku in SKUS[:2]:
                self._send("stock.counted", {"pool": pool_name, "sku": sku, "quantity": 4, "mark": 1})
        for lines in orders:
            self._place_order([(*each, None) for each in lines])

    # --- what the world says --------------------------------------------------------------------------------

    def _send(self, event_type: str, data: Event) -> None:
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
        self._send(
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
            self._send(event_type, {**data, **change})

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
        self._send("stock.blocked", {**data, **until})
        if 0 < freed <= quantity:
            self._send("stock.unblocked", {**data, "quantity": freed})

    @rule(
        first=line, priority=st.integers(1, 9), country=st.sampled_from(["DE", "FR"]), at_once=st.booleans()
    )
    def place(self, first: tuple[str, int], priority: int, country: str, at_once: bool) -> None:
        self._place_order([(*first, None)], priority=priority, destination={"country": country},
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
        self._place_order(lines, priority=priority, channel=channel, commitment=commitment, max_shipments=most,
                          ship_complete=complete)  # fmt: skip

    def _place_order(self, lines: list[tuple[str, int, str | None]], **changes: Any) -> None:
        name = f"o{self._number()}"
        changes["placed_at"] = rfc3339(self.world.now_ms)
        event_type, data = placed(name, *((sku, quantity) for sku, quantity, _ in lines), **changes)
        for line, (_, _, pinned) in zip(data["lines"], lines, strict=True):
            if pinned is not None:
                line["pinned_pool"] = pinned
        self._send(event_type, data)

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
        self._send("cancel.requested", body)

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
        self._send("shipment.accepted", {"shipment_id": self._shipment(data)})

    @precondition(_any_told)
    @rule(data=st.data(), units=st.one_of(st.none(), some))
    def reject(self, data: st.DataObject, units: int | None) -> None:
        name = self._shipment(data)
        lines = (
            {} if units is None else {"lines": {data.draw(st.sampled_from(self._lines(data, name))): units}}
        )
        self._send("shipment.rejected", {"shipment_id": name, "reason": "r", **lines})

    @precondition(_any_told)
    @rule(data=st.data(), units=some, late=few)
    def short_pick(self, data: st.DataObject, units: int, late: int) -> None:
        name = self._shipment(data)
        line = data.draw(st.sampled_from([*self._lines(data, name), "nine"]))
        self._send(
            "line.short_picked",
            {"shipment_id": name, "line_id": line, "missing": units, "position": self._place(late)},
        )

    @precondition(_any_told)
    @rule(data=st.data(), late=few, extra=st.integers(0, 9))
    def dispatch(self, data: st.DataObject, late: int, extra: int) -> None:
        name = self._shipment(data)
        order = self.referee.orders.get(self.referee.told.get(name, ""))
        parts = order.shipments[name].parts if order else {}
        totals = {line: data.draw(st.integers(0, part.quantity)) for line, part in parts.items()}
        if extra == 0:
            totals = {
                line: total + part.quantity
                for (line, total), part in zip(totals.items(), parts.values(), strict=True)
            }
        totals = totals or {"1": 1}
        body = {"shipment_id": name, "lines_total": totals, "position": self._place(late), "carrier": "post"}
        self._send("shipment.dispatched", body)

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
        self._send("cancel.refused" if refuse else "cancel.accepted", body)

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
        vase=st.booleans(),
    )  # fmt: skip
    def refer(self, pool_name: str, sku: str, safety: int, paused: bool | None, vase: bool) -> None:
        """The reference changes: safety stock, a pool that pauses or works again, an item that becomes known."""
        referee = self.referee
        entities: list[Event] = [{"kind": "item_pool", "sku": sku, "pool": pool_name, "safety": safety}]
        if paused is not None and pool_name != "london":
            capacity = (
                {"orders_per_day": referee.capacity[pool_name]} if pool_name in referee.capacity else {}
            )
            entities.append(pool(pool_name, status="paused" if paused else "active", **capacity))
        if vase:
            entities.append(item("vase"))
        self.queue[REFERENCE] = self.world.set_events(*entities)
        self.changes = entities

    # --- the router decides ---------------------------------------------------------------------------------

    @rule(jump=st.sampled_from(JUMPS_MINUTES), restart=st.integers(0, 5))
    def commit(self, jump: int, restart: int) -> None:
        self._commit(jump, restart)

    @rule(jump=st.sampled_from(JUMPS_MINUTES), restart=st.integers(0, 5))
    def commit_again(self, jump: int, restart: int) -> None:
        self._commit(jump, restart)

    @rule(jump=st.sampled_from(LONG_JUMPS_MINUTES), really=st.integers(0, 4))
    def commit_much_later(self, jump: int, really: int) -> None:
        self._commit(jump if really == 0 else 180, 0)

    def _commit(self, jump: int, restart: int) -> None:
        now_ms = self.world.now_ms + jump * MINUTE_MS
        before = dict(self.world.offsets)
        queue, self.queue = self.queue, {}
        result = self.world.bundle(queue, now_ms)
        if REFERENCE in queue:
            self._reference_changed()
        records = [
            _read(raw) for topic in (REFERENCE, INVENTORY, FULFILMENT, ORDERS) for raw in queue.get(topic, ())
        ]
        self.referee.judge(records, result, now_ms, set(self.world.network.orders.undecided))
        self._twin_agrees(queue, before, now_ms)
        if restart == 0:
            self.twin = self.world.restored()
            same_memory(self.world.partition, self.twin)

    def _reference_changed(self) -> None:
        for entity in self.changes:
            if entity["kind"] == "item_pool":
                self.referee.safety[entity["pool"], entity["sku"]] = entity["safety"]
            elif entity["kind"] == "item":
                self.referee.items.add(entity["sku"])
            else:
                paused = self.referee.paused
                (paused.add if entity["status"] == "paused" else paused.discard)(entity["pool"])

    def _twin_agrees(self, queue: dict[str, list[bytes | None]], before: dict[str, int], now_ms: int) -> None:
        """What was restored some bundles ago decides as what was never stopped."""
        records = {
            topic: [
                Record(topic, before.get(topic, 0) + at, now_ms, b"key", raw) for at, raw in enumerate(values)
            ]
            for topic, values in queue.items()
        }
        outcome = decide_bundle(self.twin, records, dict(self.world.offsets), now_ms)
        told_now = self.world.publications[len(self.world.publications) - len(outcome.publications) :]
        assert self.twin.sequence == self.world.partition.sequence
        assert outcome.publications == told_now, told(outcome)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self._commit(0, 0)


def _read(raw: bytes | None) -> Any:
    try:
        event = msgspec.json.decode(raw or b"")
    except msgspec.DecodeError:
        return None
    return event if isinstance(event, dict) and event.get("network") == NETWORK else None


@promise("P1", "P2", "P3", "P4", "P5")
@pytest.mark.timeout(300)  # About fifteen seconds, unless the machine has a lot else to do.
def test_the_router_agrees_with_a_naive_second_one() -> None:
    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=150,
            stateful_step_count=80,
            deadline=None,
            # The same run for everybody: who changes the core must not find somebody else's rare case.
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            # Without `explain`, which runs every example under a tracer.
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
