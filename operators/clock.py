"""Time passes: what is due up to `now` takes effect before any fact of the bundle."""

from __future__ import annotations

from collections import Counter as Tally

from msgspec import Struct

from operators.effects import Effects, Moment
from operators.stock import holds_expired
from schemas.rows import PLANNED, OrderRow, RowKey, SlotRow, StockRow, row_key
from schemas.times import NEVER_MS
from state.network import Network
from state.order_units import is_live
from state.timers import CUT_OFF, FORGET, RELEASE, RETRY, UNBLOCK


class Due(Struct):
    """What the clock asks for: orders to decide again, by cause, and orders whose release has come."""

    dirty: dict[str, str]
    releases: list[str]
    effects: list[Effects]


def roll(network: Network, moment: Moment) -> Due:
    """Take out every timer due by now.  A timer that its row no longer wants asks for nothing."""
    due = Due({}, [], [])
    unblocked: set[tuple[str, ...]] = set()
    forgotten: list[OrderRow] = []
    for due_ms, kind, identity in network.timers.due(moment.now_ms):
        if kind == UNBLOCK:
            pool, sku, stock_class = identity
            row = network.ledger.row(pool, sku, stock_class)
            # All of a row's blocks that end by now end together, so a second timer of it finds its work done.
            if row is None or identity in unblocked or not _ends_then(row, due_ms):
                continue
            after = holds_expired(row, moment.now_ms, moment.limits)
            if after is not None:
                unblocked.add(identity)
                due.effects.append(Effects([after], []))
            continue
        order = network.orders.rows.get(identity[0])
        if order is None:
            continue
        if kind == CUT_OFF:
            if any(ship.state == PLANNED and ship.ship_by_ms < moment.now_ms for ship in order.shipments):
                due.dirty[order.order_id] = "cut_off_passed"
        elif kind == RELEASE:
            due.releases.append(order.order_id)
        elif kind == RETRY:
            # A closed order has nothing to retry, and may be forgotten by this very bundle.
            closed = order.closed_at_ms != NEVER_MS
            if not closed and order.retry_at_ms != NEVER_MS and order.retry_at_ms <= moment.now_ms:
                due.dirty.setdefault(order.order_id, "retry_due")
        elif kind == FORGET and order.closed_at_ms == due_ms and not order.needs_decision:
            # One that was put off for so long must still tell what became of it; then the timer is set again.
            forgotten.append(order)
    if forgotten:
        due.effects.append(_without(network, forgotten))
    return due


def _without(network: Network, forgotten: list[OrderRow]) -> Effects:
    """The orders go, and with them the places that they took: a day of which nobody remembers one goes, too."""
    places = Tally(
        [
            (shipment.pool, shipment.slot_day)
            for order in forgotten
            for shipment in order.shipments
            if is_live(shipment)
        ]
    )
    slots = [
        SlotRow(network.name, pool, day, network.slots.get((pool, day), 0) - taken)
        for (pool, day), taken in places.items()
    ]
    keys: list[RowKey] = [("order", network.name, order.order_id) for order in forgotten]
    keys += [row_key(slot) for slot in slots if slot.used <= 0]
    return Effects([slot for slot in slots if slot.used > 0], [], tuple(keys))


def _ends_then(row: StockRow, due_ms: int) -> bool:
    """Whether a block ends at that time; if none does, the timer is one that a restart would not have.

    What it asked for would come at its time, not at the time of the block that is left, and so in another order.
    """
    return any(hold[0] == due_ms for hold in row.holds)
