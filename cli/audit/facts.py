"""What accepted inputs do to the books: the domain model's rules, one function for each kind of fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cli.audit import deliveries
from cli.audit.books import Books, Order, OrderedLine, Shipment, StockKey
from cli.audit.stock import NO_END_MS, Stock
from schemas.envelope import Event
from schemas.fulfilment import (
    CancelAcceptedEvent,
    CancelRefusedEvent,
    LineShortPickedEvent,
    ShipmentAcceptedEvent,
    ShipmentDeliveredEvent,
    ShipmentDispatchedEvent,
    ShipmentRejectedEvent,
)
from schemas.inventory import (
    GOOD,
    StockAdjustedEvent,
    StockBlockedEvent,
    StockCountedEvent,
    StockSoldEvent,
    StockUnblockedEvent,
)
from schemas.orders import CancelRequestedEvent, OrderPlacedEvent
from schemas.reference import (
    FormatFinalisedEvent,
    ReferenceStatedEvent,
    ReferenceWithdrawnEvent,
    SetCommittedEvent,
)
from schemas.times import to_ms

StockEvent = StockCountedEvent | StockAdjustedEvent | StockSoldEvent | StockBlockedEvent | StockUnblockedEvent


def apply(books: Books, event: Event) -> None:
    """Let one accepted input take effect."""
    _APPLY[type(event)](books, event)


# --- inventory ----------------------------------------------------------------------------------------------


def _row(books: Books, event: StockEvent) -> tuple[StockKey, Stock]:
    """The stock row that an inventory event is about."""
    data = event.data
    key = (event.network, data.pool, data.sku, data.stock_class)
    return key, books.stock(key)


def _count(books: Books, event: StockCountedEvent) -> None:
    key, stock = _row(books, event)
    books.touched.add(key)
    if not stock.count(event.data.quantity, event.data.mark):
        books.report.counts["older counts"] += 1


def _adjust(books: Books, event: StockAdjustedEvent) -> None:
    data = event.data
    key, stock = _row(books, event)
    if data.delta and stock.is_news(data.position, data.document):
        books.touched.add(key)
        stock.move(data.position, data.delta)


def _sell(books: Books, event: StockSoldEvent) -> None:
    data = event.data
    key, stock = _row(books, event)
    if stock.is_news(data.position, data.document):
        books.touched.add(key)
        stock.move(data.position, -data.quantity)


def _block(books: Books, event: StockBlockedEvent) -> None:
    data = event.data
    key, stock = _row(books, event)
    if not stock.first_time("blocked", data.document):
        return
    books.touched.add(key)
    until_ms = NO_END_MS if data.until is None else to_ms(data.until)
    stock.block(data.document, data.quantity, until_ms)
    if until_ms != NO_END_MS:
        books.blocks_with_end.add(key)
    if until_ms <= books.decided_at_ms:
        stock.expire_blocks(books.decided_at_ms)


def _unblock(books: Books, event: StockUnblockedEvent) -> None:
    data = event.data
    key, stock = _row(books, event)
    # A block may end in parts, all under its document: the place in the sequence tells them apart.
    if stock.first_time("unblocked", data.document, str(data.position)):
        books.touched.add(key)
        stock.unblock(data.document, data.quantity)


# --- fulfilment ---------------------------------------------------------------------------------------------


def _known(books: Books, event: Event, shipment_id: str) -> Shipment | None:
    """The shipment, if a warehouse can know it: nothing happens to one that was never sent."""
    shipment = books.shipments.get((event.network, shipment_id))
    if shipment is None or not shipment.sent or shipment.key in books.forgotten_shipments:
        books.report.counts["events of unknown shipments"] += 1
        return None
    books.remember(shipment)
    return shipment


def _accept(books: Books, event: ShipmentAcceptedEvent) -> None:
    """No units move."""


def _reject(books: Books, event: ShipmentRejectedEvent) -> None:
    shipment = _known(books, event, event.data.shipment_id)
    if shipment is None:
        return
    books.take_out(shipment)
    for line_id, units in shipment.lines.items():
        if event.data.lines is None:
            gone = units.unshipped
        else:
            gone = _grown(event.data.lines.get(line_id, 0), units.rejected, units.unshipped)
        if gone:
            units.rejected += gone
            _give_up_what_is_lost(books, shipment, line_id)
            _exclude(books, shipment, line_id)
    books.put_in(shipment)


def _short_pick(books: Books, event: LineShortPickedEvent) -> None:
    data = event.data
    shipment = _known(books, event, data.shipment_id)
    units = shipment.lines.get(data.line_id) if shipment else None
    if shipment is None or units is None:
        return
    stock_key = (shipment.network, shipment.pool, units.sku, GOOD)
    gone = _grown(data.missing, units.missing, units.unshipped)
    if not gone:
        # Nothing to take from the shipment, and yet a picker has found too little.
        if data.missing > units.missing and data.position > books.stock(stock_key).suspect_position:
            books.touched.add(stock_key)
            books.stock(stock_key).distrust(data.position)
        return
    books.take_out(shipment)
    units.missing += gone
    _give_up_what_is_lost(books, shipment, data.line_id)
    books.put_in(shipment)
    _exclude(books, shipment, data.line_id)
    books.stock(stock_key).distrust(data.position)


def _dispatch(books: Books, event: ShipmentDispatchedEvent) -> None:
    data = event.data
    shipment = _known(books, event, data.shipment_id)
    if shipment is None:
        return
    books.take_out(shipment)
    early = shipment.early
    for line_id, units in shipment.lines.items():
        total = data.lines_total.get(line_id, 0)
        if total > units.left:
            # Whatever left is gone from stock, also what the shipment did not hold any more.
            books.stock((shipment.network, shipment.pool, units.sku, GOOD)).move(
                data.position, units.left - total
            )
            units.left = total
        units.shipped += _grown(total, units.shipped, units.unshipped)
        _answer_what_is_gone(shipment, line_id)
    books.put_in(shipment)
    deliveries.leave(books, shipment, early)


def _deliver(books: Books, event: ShipmentDeliveredEvent) -> None:
    """A carrier moves no stock."""
    shipment = _known(books, event, event.data.shipment_id)
    if shipment is not None:
        deliveries.arrive(books, shipment, event)


def _cancel_accepted(books: Books, event: CancelAcceptedEvent) -> None:
    data = event.data
    shipment = _known(books, event, data.shipment_id)
    asked = shipment.pending.get(data.request_id) if shipment else None
    if shipment is None or asked is None:
        return
    books.take_out(shipment)
    for line_id, quantity in asked.items():
        units = shipment.lines[line_id]
        stated = quantity if data.lines is None else data.lines.get(line_id, 0)
        units.cancelled += min(stated, quantity, units.unshipped)
    _answer(shipment, data.request_id, data.lines)
    books.put_in(shipment)


def _cancel_refused(books: Books, event: CancelRefusedEvent) -> None:
    """The units go out: they stay reserved, as before."""
    data = event.data
    shipment = _known(books, event, data.shipment_id)
    if shipment is None or data.request_id not in shipment.pending:
        return
    asked = shipment.pending[data.request_id]
    _answer(shipment, data.request_id, data.lines)
    if shipment.pending.get(data.request_id) != asked:
        books.orders[shipment.network, shipment.order_id].cancel_refused = True


def _answer(shipment: Shipment, request_id: str, lines: Mapping[str, int] | None) -> None:
    """A cancel request is answered, or the named part of it: the rest still waits for an answer."""
    asked = shipment.pending.pop(request_id)
    if lines is not None:
        left = {line_id: quantity - lines.get(line_id, 0) for line_id, quantity in asked.items()}
        left = {line_id: units for line_id, units in left.items() if units > 0}
        if left:
            shipment.pending[request_id] = left


def _give_up_what_is_lost(books: Books, shipment: Shipment, line_id: str) -> None:
    """Units that were lost go from elsewhere, but for those that the customer did not want any more."""
    line = books.orders[shipment.network, shipment.order_id].lines[line_id]
    line.lost_unwanted += _answer_what_is_gone(shipment, line_id)


def _answer_what_is_gone(shipment: Shipment, line_id: str) -> int:
    """As long as the warehouse has enough left for what it was asked to cancel, it may still agree to that.

    Returns the units for which it has not.
    """
    gone = max(0, shipment.asked_back(line_id) - shipment.lines[line_id].unshipped)
    shipment.answer_requests(line_id, gone)
    return gone


def _grown(total: int, known: int, limit: int) -> int:
    """What a cumulative figure adds to what was known, within what is left to take from."""
    return min(max(0, total - known), limit)


def _exclude(books: Books, shipment: Shipment, line_id: str) -> None:
    books.orders[shipment.network, shipment.order_id].excluded.add((line_id, shipment.pool))


# --- orders -------------------------------------------------------------------------------------------------


def _place(books: Books, event: OrderPlacedEvent) -> None:
    data = event.data
    key = (event.network, data.order_id)
    if key in books.orders:
        return
    order = books.orders[key] = Order(data.order_id, data.commitment == "sold")
    for line in data.lines:
        order.lines[line.line_id] = OrderedLine(line.sku, line.quantity, line.unit)
        books.report.counts["units"] += line.quantity
    books.report.counts["orders"] += 1


def _cancel(books: Books, event: CancelRequestedEvent) -> None:
    key = (event.network, event.data.order_id)
    order = books.orders.get(key)
    if order is None or key in books.forgotten_orders or event.data.request_id in order.requests:
        return
    for line_id, line in order.lines.items():
        wanted = line.quantity if event.data.lines is None else event.data.lines.get(line_id, 0)
        line.cancel_wanted = min(line.quantity, line.cancel_wanted + wanted)
        # One that finds nothing to cancel has no effect: sent again it may find something.
        if wanted and order.cancellable(line_id):
            order.requests.add(event.data.request_id)
    books.cancel_wanted.add(key)


# --- reference ----------------------------------------------------------------------------------------------


def _reference(books: Books, event: Any) -> None:
    books.safety.state(event)


def _commit_set(books: Books, event: SetCommittedEvent) -> None:
    """Whether the set takes effect is the router's to say: its notice activates it."""


def _finalise(books: Books, event: FormatFinalisedEvent) -> None:
    """It changes how rows are written, and nothing that is in the books: see `formats`."""


_APPLY: dict[type, Callable[[Books, Any], None]] = {
    StockCountedEvent: _count,
    StockAdjustedEvent: _adjust,
    StockSoldEvent: _sell,
    StockBlockedEvent: _block,
    StockUnblockedEvent: _unblock,
    ShipmentAcceptedEvent: _accept,
    ShipmentRejectedEvent: _reject,
    LineShortPickedEvent: _short_pick,
    ShipmentDispatchedEvent: _dispatch,
    ShipmentDeliveredEvent: _deliver,
    CancelAcceptedEvent: _cancel_accepted,
    CancelRefusedEvent: _cancel_refused,
    OrderPlacedEvent: _place,
    CancelRequestedEvent: _cancel,
    ReferenceStatedEvent: _reference,
    ReferenceWithdrawnEvent: _reference,
    SetCommittedEvent: _commit_set,
    FormatFinalisedEvent: _finalise,
}
