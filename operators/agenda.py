"""The agenda of a bundle: what its facts touched in one network, decided in order, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from operators import remarks
from operators.effects import Effects, Moment
from operators.intake import CAUSE as PLACED
from operators.measures import NetworkMeasures
from operators.order_change import decided
from operators.places import losing_their_place
from operators.release import release_due
from operators.route import REFERENCE_CHANGED, route
from operators.shortage import holders_last_first, mark_at_risk, put_at_risk, relieve
from schemas.inventory import GOOD
from schemas.notices import SentBack, Why
from schemas.rows import LineRow, OrderRow, StockRow
from state.ledger import shortfall
from state.network import Network
from state.order_units import open_units

ARRIVED = "stock_arrived"

LOSING, KNOWN, NEW = 0, 1, 2
"""Whose turn it is: orders that must leave a day with too few places, those that are known, those that are new."""

SENT_BACK_MAX = 10
"""What warehouses sent back of one order in one bundle, as far as a decision tells it."""

_NOTHING: tuple[SentBack, ...] = ()

Apply = Callable[[Network, Effects], None]


class Agenda:
    """Collects what is touched while facts are put, then settles it: shortages, routing, releases."""

    def __init__(self, network: Network, measures: NetworkMeasures) -> None:
        self.network = network
        self.measures = measures
        self.short: set[tuple[str, str]] = set()
        self.arrived: set[str] = set()
        self.dirty: dict[str, str] = {}
        self.again: dict[str, str] = {}
        self.sent_back: dict[str, tuple[SentBack, ...]] = {}
        self.releases: list[str] = []

    def note_stock(self, old: StockRow | None, row: StockRow) -> None:
        """A stock row has replaced `old`: does somebody lose or gain by it?"""
        if row.stock_class != GOOD:
            return
        short = row.reserved + row.blocked + row.suspect - row.on_hand
        before = 0 if old is None else old.reserved + old.blocked + old.suspect - old.on_hand
        if short > 0 or before > 0:
            self.short.add((row.sku, row.pool))
        if short < before and row.sku in self.network.orders.waiting:
            self.arrived.add(row.sku)

    def note_sent_back(self, order_id: str, sent_back: SentBack) -> None:
        """A warehouse sends this back: the decision that follows says so, in its words."""
        there = self.sent_back.get(order_id, _NOTHING)
        if len(there) < SENT_BACK_MAX:
            self.sent_back[order_id] = (*there, sent_back)

    def wake_all(self, cause: str) -> None:
        """Decide every order again whose plan is still open: the reference changed."""
        orders = self.network.orders
        for order_id in orders.waiting_orders:
            self.dirty.setdefault(order_id, cause)
        for order_id in orders.planned_orders():
            self.dirty.setdefault(order_id, cause)

    def settle(self, moment: Moment, apply: Apply) -> None:
        """Shortages first, then routing, releases last, so that a cancel in hand beats a release."""
        self._relieve(moment, apply)
        self._route(moment, apply)
        for order_id in sorted(set(self.releases)):
            order = self.network.orders.rows.get(order_id)
            if order is not None and not order.needs_decision:
                apply(self.network, release_due(self.network, order, moment))

    def _relieve(self, moment: Moment, apply: Apply) -> None:
        network = self.network
        for sku, pool in sorted(self.short):
            row = network.ledger.row(pool, sku)
            if row is not None and shortfall(row) > 0 and row.reserved > row.released:
                for order in holders_last_first(network, sku, pool):
                    apply(network, relieve(network, order.order_id, sku, pool, moment))
            for order_id, units in mark_at_risk(network, sku, pool):
                apply(network, put_at_risk(network, order_id, sku, pool, units, moment))
        self.short.clear()

    def _route(self, moment: Moment, apply: Apply) -> None:
        """Waiting orders before new ones, by (priority, placed_at, order_id), each once.

        A new one that could take what one is put off for is put off with it, and keeps its own items from later ones.
        """
        network = self.network
        decided: set[str] = set()
        left = moment.limits.agenda_orders_max
        rows = network.orders.rows
        awaited: set[str] = set()
        # Placing an order anew may free what another one waits for, so there can be a further round.
        while left > 0 and (agenda := self._next_round(decided)):
            for turn, _, _, order_id, cause in agenda:
                order = rows[order_id]
                decided.add(order_id)
                if turn != NEW:
                    if cause == ARRIVED and not order.needs_decision and not self._usable(order):
                        continue
                    is_put_off = left <= 0
                    left -= 1
                else:
                    is_put_off = bool(awaited) and not awaited.isdisjoint([line.sku for line in order.lines])
                if is_put_off:
                    decided.discard(order_id)
                    awaited.update(self._usable(order))
                    continue
                apply(network, route(network, order, moment, cause, self.sent_back.pop(order_id, _NOTHING)))
        self._defer(decided, apply)
        self._say_what_is_put_off(moment, apply)

    def _next_round(self, decided: set[str]) -> list[tuple[int, int, int, str, str]]:
        """(turn, priority, placed_at, order, cause) of what is still to be decided, in the order of deciding it."""
        self._wake_waiting(decided)
        rows = self.network.orders.rows
        dirty = self.dirty
        agenda = []
        for order_id in self.network.orders.undecided:
            order = rows[order_id]
            cause = order.needs_decision
            dirty.pop(order_id, None)
            if order_id not in decided:
                turn = NEW if cause == PLACED else KNOWN
                agenda.append((turn, order.priority, order.placed_at_ms, order_id, cause))
        for order_id, cause in dirty.items():
            if order_id not in decided:
                order = rows[order_id]
                agenda.append((KNOWN, order.priority, order.placed_at_ms, order_id, cause))
        if any(cause == REFERENCE_CHANGED for _, _, _, _, cause in agenda):
            losing = losing_their_place(self.network, [each[3] for each in agenda])
            agenda = [(LOSING if each[3] in losing else each[0], *each[1:]) for each in agenda]
        agenda.sort()
        return agenda

    def _wake_waiting(self, decided: set[str]) -> None:
        """All orders that wait for what arrived: who comes too late finds nothing, which costs next to nothing."""
        for sku in self.arrived:
            for order_id in self.network.orders.waiting.get(sku, ()):
                if order_id in decided:
                    self.again[order_id] = ARRIVED
                else:
                    self.dirty.setdefault(order_id, ARRIVED)
        self.arrived.clear()

    def _usable(self, order: OrderRow) -> list[str]:
        """The SKUs that it waits for and of which there is something free for it; all of them or none where only all of
        them help.
        """
        waiting = [line for line, units in zip(order.lines, open_units(order), strict=True) if units]
        usable = [line.sku for line in waiting if self._is_free_for(line)]
        return [] if order.ship_complete and len(usable) < len(waiting) else usable

    def _is_free_for(self, line: LineRow) -> bool:
        """Whether a pool that may ship the line has anything of its SKU."""
        pools = self.network.ledger.free(line.sku)
        if line.pinned_pool:
            return line.pinned_pool in pools and line.pinned_pool not in line.excluded
        return not pools.keys() <= set(line.excluded) if line.excluded else bool(pools)

    def _defer(self, decided: set[str], apply: Apply) -> None:
        """What is left for the next bundle is written down, so that a crash does not forget it."""
        network = self.network
        # The last round may have freed something too; whoever waits for it is not to wait for the next arrival.
        self._wake_waiting(decided)
        left = {
            order_id: cause for order_id, cause in self.dirty.items() if order_id not in decided
        } | self.again
        for order_id, cause in sorted(left.items()):
            order = network.orders.rows.get(order_id)
            if order is None or order.needs_decision or (cause == ARRIVED and not self._usable(order)):
                continue
            apply(network, Effects([replace(order, version=order.version + 1, needs_decision=cause)], []))
        self.dirty.clear()
        self.again.clear()

    def _say_what_is_put_off(self, moment: Moment, apply: Apply) -> None:
        """What a warehouse said is told in the bundle that took it: no row keeps it until the order is decided."""
        network = self.network
        for order_id, sent_back in sorted(self.sent_back.items()):
            order = network.orders.rows[order_id]
            why = Why(note=remarks.PUT_OFF, sent_back=sent_back)
            apply(network, decided(network, order, moment, order.needs_decision, why))
        self.sent_back.clear()
