"""The referee: takes what went into a bundle and what came out, and holds it against the promises.

It predicts what must become of every record with the naive books of this folder, and believes of the router's
decisions only what a decision may choose freely: where units that no warehouse knows of are to ship from.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, date, datetime, timedelta

import msgspec

from schemas.codec import decode_row
from schemas.rows import OrderRow
from schemas.times import NEVER_MS
from tests.model.books import DAY_MS, Books, Event, instant_ms
from tests.model.ledger_of_orders import Order, Part, Shipment
from tests.model.reasons import IN_USE, Asked, Lane, Wanted, day_of, hold_against
from tests.small_network import LANES
from tests.world import Told

ROUTING_CAUSES = {
    "order.placed", "cut_off_passed", "stock_arrived", "retry_due", "reference_changed",
    "shipment.rejected", "line.short_picked", "units_cancelled",
}  # fmt: skip
PUT_OFF = "decided again in one of the next transactions"
SENT_BACK_TOLD_MAX = 10
TARGET_DAYS = 4
WHY_BYTES_MAX = 4_000


def local_time(moment: str, pool: str) -> datetime:
    """The clock on the pool's wall: an hour ahead of UTC (London: none), one more from 29 March to 25 October."""
    utc = datetime.fromisoformat(moment)
    summer = datetime(2026, 3, 29, 1, tzinfo=UTC) <= utc < datetime(2026, 10, 25, 1, tzinfo=UTC)
    return utc + timedelta(hours=(0 if pool == "london" else 1) + summer)


def _routes(decision: Event, cause: str) -> bool:
    """Whether pools were weighed; what is gone, or sent back and put off, is told under the cause of what follows."""
    note = decision["why"].get("note", "")
    if cause == "stock_gone":
        return " are gone" not in note
    return cause in ROUTING_CAUSES and PUT_OFF not in note


class Referee(Books):
    """Judges one bundle after the other."""

    # --- one bundle -----------------------------------------------------------------------------------------

    def judge(self, records: list[Event | None], result: Told, now_ms: int, undecided: set[str]) -> None:
        """`records` in the order in which a bundle applies them; None is what nobody can read."""
        self.now_ms, self.result = now_ms, result
        self.outcome = dict.fromkeys(self.outcome, 0)
        self.decisions = deque(result.decisions)
        self.from_nowhere.clear()
        told_before = set(self.told)
        self._roll()
        for record in records:
            self._record(record)
        while self.decisions:
            decision = self.decisions.popleft()
            self._adopt(decision, decision["cause"])
        self._what_warehouses_say_is_told()
        self._every_input_is_accounted_for()
        self._each_shipment_is_told_once(told_before)
        self._what_arrives_has_left()
        self._closes()
        self._nothing_is_oversold()
        self._no_truck_is_missed(undecided)
        if not undecided:
            self._no_day_is_too_full()
        self._nobody_waits_in_vain(undecided)
        self.waits.hear(result)
        self.waits.agree_with(self.orders.values(), self.items)
        self.put_off = undecided

    def _roll(self) -> None:
        for shelf in self.shelves.values():
            shelf.end_blocks(self.now_ms)
        forgotten = {
            msgspec.json.decode(key)[2]
            for topic, key, value, _ in self.result.outcome.publications
            if topic == "order-book" and value is None and key is not None
        }
        due = {
            order_id
            for order_id, order in self.orders.items()
            if order.forget_ms is not None and order.forget_ms <= self.now_ms
        }
        # What was put off must be decided first.
        due -= self.put_off
        assert forgotten == due, f"forgotten are {forgotten}, and {due} are due"
        for order_id in due:
            del self.orders[order_id]

    def _closes(self) -> None:
        """A month after everything has arrived or is cancelled; three months after it left, if nobody says more."""
        for order in self.orders.values():
            if order.is_over():
                order.forget_ms = min(order.forget_ms or 2**62, self.now_ms + 30 * DAY_MS)
            elif order.is_done():
                order.forget_ms = order.forget_ms or self.now_ms + 90 * DAY_MS
            else:
                assert order.forget_ms is None, "an order that is over does not begin again"
        for topic, _, value, _ in self.result.outcome.publications:
            if topic == "order-book" and value is not None:
                # Time must jump far before it shows, so the row is asked now.
                row = decode_row(value)
                assert isinstance(row, OrderRow)
                order = self.orders[row.order_id]
                arrived = {
                    (kept.shipment_id, row.lines[part.line].line_id): part.delivered
                    for kept in row.shipments
                    for part in kept.lines
                    if part.delivered
                }
                assert arrived == order.there()
                forget_ms = order.forget_ms
                assert row.closed_at_ms == (NEVER_MS if forget_ms is None else forget_ms), row.order_id

    # --- P3 -------------------------------------------------------------------------------------------------

    def _record(self, event: Event | None) -> None:
        if event is None:
            self.outcome["dead"] += 1
            return
        content = (event["type"], event["data"])
        known = self.seen.get(event["id"])
        if known is not None:
            self.outcome["duplicate" if known == content else "dead"] += 1
            return
        effect = self.fact(event["type"], event["data"])
        if effect is None:
            self.outcome["dead"] += 1
            return
        self.seen[event["id"]] = content
        self.outcome["accepted"] += 1
        self.outcome["stale"] += not effect

    def _every_input_is_accounted_for(self) -> None:
        journal = self.result.outcome.journal
        counts = (0, 0, 0, 0)
        if journal is not None:
            counts = (len(journal.accepted) // 16, journal.duplicates, journal.dead_letters, journal.stale)
        assert counts == tuple(self.outcome.values()), f"{counts} is not {self.outcome}"
        assert len(self.result.dead_letters) == self.outcome["dead"]

    # --- decisions ------------------------------------------------------------------------------------------

    def expect(self, order: Order, cause: str) -> None:
        """The next decision of the bundle must be this one."""
        assert self.decisions, f"{cause} of {order.data['order_id']} was not decided"
        decision = self.decisions.popleft()
        assert (decision["order_id"], decision["cause"]) == (order.data["order_id"], cause)
        self._adopt(decision, cause)

    def _adopt(self, decision: Event, cause: str) -> None:
        """Take over what the decision chose, after it was held against everything that it may not choose."""
        order = self.orders[decision["order_id"]]
        assert decision["decision"] == order.decision + 1, "decisions of an order are numbered without a gap"
        order.decision += 1
        before = {name: shipment for name, shipment in order.shipments.items() if not shipment.told}
        held_before = self.reserved_by(order)
        asked = self._asked(order) if _routes(decision, cause) else None
        told_before = {name for name, shipment in order.shipments.items() if shipment.told}
        fresh = self._take_shipments(order, decision, before)
        for line in decision["lines"]:
            name = line["line_id"]
            if order.data.get("commitment") == "request" and line.get("refused", 0) > order.refused[name]:
                order.refused[name] = line["refused"]
            stated = {key: value for key, value in line.items() if key not in ("line_id", "sku", "quantity")}
            assert stated == order.units(name), (
                f"{decision['order_id']} {name}: {stated} is not {order.units(name)}"
            )
        self._reserves_only_what_is_free(order, held_before)
        self._explains(decision, cause)
        if asked is not None:
            self._explains_truly(order, asked, decision, told_before)
        if cause == "stock_gone":
            self._withdraws_from_the_least_urgent(order, held_before)
        for shipment in fresh:
            self._may_ship(order, shipment)
        live = sum(shipment.is_live for shipment in order.shipments.values())
        limit = order.data.get("max_shipments", 3)
        assert live <= limit, f"{live} shipments, {limit} allowed"
        is_open = any("open" in order.units(line) for line in order.lines)
        if order.data.get("ship_complete") and cause in ROUTING_CAUSES and is_open:
            assert all(shipment.told for shipment in order.shipments.values()), (
                "a part of what ships complete only"
            )

    def _take_shipments(self, order: Order, decision: Event, before: dict[str, Shipment]) -> list[Shipment]:
        """Replace the plan of what no warehouse knows of; the rest must be as it was.  Returns what is new."""
        stated = {shipment["shipment_id"]: shipment for shipment in decision["shipments"]}
        fresh = []
        for name, shipment in order.shipments.items():
            if shipment.told:
                assert (name in stated) == shipment.is_live, f"{name}: live and stated must agree"
        order.shipments = {name: shipment for name, shipment in order.shipments.items() if shipment.told}
        for name, new in stated.items():
            parts = {line["line_id"]: line for line in new["lines"]}
            if name in order.shipments:
                shipment = order.shipments[name]
                assert (new["state"] == "delivered") == shipment.has_arrived()
                held = {line: part.held for line, part in shipment.parts.items()}
                assert held == {line: part["quantity"] for line, part in parts.items()}
                for line, part in parts.items():
                    assert part.get("delivered", 0) == shipment.parts[line].delivered
                    assert part.get("shipped", 0) + part.get("delivered", 0) == shipment.parts[line].shipped
                    assert part.get("cancel_pending", 0) == shipment.pending(line)
                    shipment.parts[line].at_risk = part.get("at_risk", 0)
            else:
                plan = {line: Part(part["quantity"]) for line, part in parts.items()}
                shipment = Shipment(name, new["pool"], new["ship_by"], plan, told=new["state"] != "planned")
                order.shipments[name] = shipment
                same = before.get(name)
                if same is None or not same.holds_all_of(shipment):
                    fresh.append(shipment)
                assert name not in self.told, f"{name} was used before"
                if shipment.told:
                    self.told[name] = decision["order_id"]
        return fresh

    def _what_warehouses_say_is_told(self) -> None:
        """Once, by a decision of the same bundle, whether the order is decided again in it or put off."""
        told: dict[str, list[Event]] = {}
        for decision in self.result.decisions:
            told.setdefault(decision["order_id"], []).extend(decision["why"].get("sent_back", ()))
        for order_id, order in self.orders.items():
            assert told.get(order_id, []) == order.came_back[:SENT_BACK_TOLD_MAX]
            order.came_back.clear()

    # --- P1 -------------------------------------------------------------------------------------------------

    def _reserves_only_what_is_free(self, order: Order, before: dict[tuple[str, str], int]) -> None:
        for (pool, sku), units in self.reserved_by(order).items():
            if units > before.get((pool, sku), 0):
                free = (
                    self.shelf(pool, sku).there() - self.reserved(pool, sku) - self.safety.get((pool, sku), 0)
                )
                assert free >= 0, f"{-free} of {sku} in {pool} were promised that are not free"

    def _withdraws_from_the_least_urgent(self, order: Order, before: dict[tuple[str, str], int]) -> None:
        for (pool, sku), units in before.items():
            withdrawn = units - order.reserved(pool, sku)
            short = self.reserved(pool, sku) + withdrawn - self.shelf(pool, sku).there()
            if withdrawn and short > 0:
                assert withdrawn <= short, "no more is withdrawn than is gone"
                others = [each for each in self.orders.values() if each.reserved(pool, sku, told=False)]
                assert all(each.priority <= order.priority for each in others), (
                    "a less urgent order kept its units"
                )

    def _nothing_is_oversold(self) -> None:
        for (pool, sku), shelf in self.shelves.items():
            short = self.reserved(pool, sku) - shelf.there()
            released = self.reserved(pool, sku, told=True)
            if short > 0:
                assert not self.reserved(pool, sku, told=False), f"{sku} in {pool}: gone, and still planned"
            at_risk = sum(order.at_risk(pool, sku) for order in self.orders.values())
            assert at_risk == max(0, min(short, released)), (
                f"{sku} in {pool}: {at_risk} at risk, short by {short}"
            )

    # --- P2 -------------------------------------------------------------------------------------------------

    def _each_shipment_is_told_once(self, before: set[str]) -> None:
        requested = [notice["shipment_id"] for notice in self.result.of("shipment.requested")]
        assert sorted(requested) == sorted(self.told.keys() - before), (
            "each shipment is sent once, when it is told"
        )
        for notice in self.result.of("shipment.requested"):
            parts = self.orders[notice["order_id"]].shipments[notice["shipment_id"]].parts
            lines = {line["line_id"]: line["quantity"] for line in notice["lines"]}
            assert lines == {line: part.quantity for line, part in parts.items()}

    def _what_arrives_has_left(self) -> None:
        """Whatever a carrier brings that nobody sent is said once, and taken back when it turns out to have left."""
        kind = "delivered_not_dispatched"
        said = [
            (what, data["shipment_id"])
            for _, notice in self.result.notices
            if (what := notice["type"].removeprefix("exception.")) in ("opened", "closed")
            and (data := notice["data"])["kind"] == kind
        ]
        assert said == self.from_nowhere

    # --- P4 -------------------------------------------------------------------------------------------------

    def _may_ship(self, order: Order, shipment: Shipment) -> None:
        assert instant_ms(shipment.ship_by) >= self.now_ms, (
            f"{shipment.name} was promised on a truck that has left"
        )
        leaves = local_time(shipment.ship_by, shipment.pool) + timedelta(hours=1)
        assert (leaves.hour, leaves.minute, leaves.weekday() < 5) == (15, 0, True), (
            f"no truck leaves {leaves}"
        )
        assert shipment.pool not in self.paused, "a paused pool ships nothing new"
        for line in shipment.parts:
            assert (line, shipment.pool) not in order.barred, "the pool could not ship this line before"
            assert order.lines[line].get("pinned_pool") in (None, shipment.pool)
            assert order.sku(line) in self.items
        limit = self.capacity.get(shipment.pool, 0)
        used = sum(
            other.is_live and other.pool == shipment.pool and other.ship_by == shipment.ship_by
            for each in self.orders.values()
            for other in each.shipments.values()
        )
        assert not limit or used <= limit, f"{used} shipments on one day of {shipment.pool}"

    def _no_day_is_too_full(self) -> None:
        """Where a new set leaves fewer places than are taken, only those of whom the warehouse knows stay on."""
        shipments = [each for order in self.orders.values() for each in order.shipments.values()]
        for planned in shipments:
            limit = self.capacity.get(planned.pool, 0)
            if limit and not planned.told:
                used = sum(
                    other.is_live and (other.pool, other.ship_by) == (planned.pool, planned.ship_by)
                    for other in shipments
                )
                assert used <= limit, (
                    f"{planned.name} is planned for a day of {used} shipments, {limit} allowed"
                )

    def _no_truck_is_missed(self, undecided: set[str]) -> None:
        for order_id, order in self.orders.items():
            for shipment in order.shipments.values():
                if not shipment.told and order_id not in undecided:
                    assert instant_ms(shipment.ship_by) >= self.now_ms, (
                        f"{shipment.name} still plans on a gone truck"
                    )

    # --- P5 and fairness ------------------------------------------------------------------------------------

    def _explains(self, decision: Event, cause: str) -> None:
        why = decision["why"]
        assert len(msgspec.json.encode(why)) < WHY_BYTES_MAX
        if cause in ROUTING_CAUSES:
            if any(line.get("open") for line in decision["lines"]):
                assert why.get("ruled_out") or why.get("note"), "units stay open and nobody says why"
            assert (
                why.get("candidates")
                or why.get("note")
                or not any(shipment["state"] == "planned" for shipment in decision["shipments"])
            )

    def _asked(self, order: Order) -> Asked:
        """What the router has to place for the order, and what it may choose from, before it does."""
        planned = [shipment for shipment in order.shipments.values() if not shipment.told]
        lines: dict[tuple[str | None, str], dict[str, int]] = {}
        unknown = 0
        for name, line in order.lines.items():
            units = order.units(name).get("open", 0)
            units += sum(each.parts[name].unshipped for each in planned if name in each.parts)
            sku, pinned = order.sku(name), line.get("pinned_pool")
            if sku not in self.items:
                unknown += units
            elif units:
                lines.setdefault((pinned, sku), {})[name] = units
        wanted = [
            Wanted(sku, sum(units.values()), pinned=pinned, **order.barred_for(units))
            for (pinned, sku), units in lines.items()
        ]
        free = {}
        for pool in self.pools:
            for sku in self.items:
                own = order.reserved(pool, sku, told=False)
                left = self.shelf(pool, sku).there() - self.reserved(pool, sku)
                beyond = max(0, left - self.safety.get((pool, sku), 0))
                free[pool, sku] = max(0, own + min(0, left)) + beyond
        used: dict[tuple[str, date], int] = {}
        for each in self.orders.values():
            for shipment in each.shipments.values():
                if shipment.is_live and not (each is order and not shipment.told):
                    place = (shipment.pool, day_of(instant_ms(shipment.ship_by)))
                    used[place] = used.get(place, 0) + 1
        is_french = order.data["destination"]["country"] == "FR"
        live = sum(shipment.is_live for shipment in order.shipments.values() if shipment.told)
        return Asked(
            now_ms=self.now_ms,
            target_ms=instant_ms(order.data["placed_at"]) + TARGET_DAYS * DAY_MS,
            wanted=sorted(wanted, key=lambda each: each.pinned is None),
            free=free,
            lanes=[
                Lane(
                    pool, "post", to_fr if is_french else to_de, 100_000, places=self.capacity.get(pool, 0),
                    hours_ahead=0 if pool == "london" else 1,
                )
                for pool, to_de, to_fr in LANES if pool not in self.paused
            ],
            used=used,
            room=order.data.get("max_shipments", 3) - live,
            unknown=unknown,
        )  # fmt: skip

    def _explains_truly(self, order: Order, asked: Asked, decision: Event, told_before: set[str]) -> None:
        chosen = [each for each in decision["shipments"] if each["shipment_id"] not in told_before]
        hold_against(asked, decision, chosen)
        paused = [each for each in decision["why"].get("ruled_out", ()) if each["reason"] == "pool_paused"]
        names = sorted(self.paused)
        assert paused == (
            [{"reason": "pool_paused", "count": len(names), "pools": names[:3]}] if names else []
        )
        in_use = IN_USE.search(decision["why"].get("note", ""))
        if in_use:
            live = sum(shipment.is_live for shipment in order.shipments.values())
            assert [int(each) for each in in_use.groups()] == [live, order.data.get("max_shipments", 3)]

    def _nobody_waits_in_vain(self, undecided: set[str]) -> None:
        """Where one pool has everything that an order waits for, the order does not wait."""
        free = {
            (pool, sku): shelf.there() - self.reserved(pool, sku) - self.safety.get((pool, sku), 0)
            for (pool, sku), shelf in self.shelves.items()
        }
        for order_id, order in self.orders.items():
            if order_id in undecided:
                continue
            open_lines = [line for line in order.lines if order.units(line).get("open")]
            waiting: dict[str, int] = {}
            for line in open_lines:
                waiting[order.sku(line)] = waiting.get(order.sku(line), 0) + order.units(line)["open"]
            live = sum(shipment.is_live for shipment in order.shipments.values())
            if not waiting or live >= order.data.get("max_shipments", 3) or waiting.keys() - self.items:
                continue
            for pool in sorted(self.pools - self.paused - self.capacity.keys()):
                # Who waits in vain for a pool that has sent back another line of the item is a line of its own.
                barred = any((line, pool) in order.barred for line in open_lines)
                pinned = any(order.lines[line].get("pinned_pool") not in (None, pool) for line in open_lines)
                can = not barred and not pinned and self.now_ms < instant_ms("2026-12-20T00:00:00Z")
                has = all(free.get((pool, sku), 0) >= units for sku, units in waiting.items())
                assert not (can and has), f"{order_id} waits for {waiting}, and {pool} has it"
