"""Orders that a router does not know: those that were too old to be taken, and those that it has forgotten.

It says so itself, in an exception about whatever names them.  It is believed where nothing of the order can change any
more; where that is not so, the fact takes effect in the books, and they differ from the router's.
"""

from __future__ import annotations

from cli.audit.books import Books, Order
from schemas.notices import ExceptionOpened

NOT_TAKEN = "order_too_old"
UNKNOWN_ORDER = "unknown_order"
UNKNOWN_SHIPMENT = "unknown_shipment"


def hear(books: Books, notice: ExceptionOpened) -> None:
    """Take the router's word that it does not know an order or a shipment in this bundle, if that may be so."""
    data = notice.data
    if data.kind == UNKNOWN_SHIPMENT:
        shipment = books.shipments.get((notice.network, data.shipment_id))
        if shipment is not None and _is_over(books.orders[notice.network, shipment.order_id]):
            books.forgotten_shipments.add(shipment.key)
        return
    key = (notice.network, data.order_id)
    order = books.orders.get(key)
    if data.kind == NOT_TAKEN and (order is None or not order.decision):
        books.not_taken.add(key)
    elif data.kind == UNKNOWN_ORDER and (key in books.not_taken or (order is not None and _is_over(order))):
        books.forgotten_orders.add(key)


def _is_over(order: Order) -> bool:
    return order.decision > 0 and not order.unfinished
