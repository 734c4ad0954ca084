"""What warehouse systems were told, against what the decisions say."""

from __future__ import annotations

from cli.audit.books import Books
from schemas.kinds import ALLOCATIONS
from schemas.notices import CancelRequestedOfWms, ShipmentRequested


def judge_request(books: Books, topic: str, notice: ShipmentRequested) -> None:
    """A shipment is sent once, to its own warehouse system, with the lines that were decided."""
    data = notice.data
    books.report.counts["shipments sent"] += 1
    shipment = books.shipments.get((notice.network, data.shipment_id))
    if shipment is None or shipment.order_id != data.order_id:
        books.blame(
            "P2", f"{topic} asks for shipment {data.shipment_id}, which no decision of {data.order_id} shows"
        )
        return
    about = f"order {data.order_id}: shipment {data.shipment_id}"
    if shipment.requested:
        books.blame("P2", f"{about} was sent to the warehouse a second time, on {topic}")
        return
    shipment.requested = True
    if not shipment.sent:
        books.blame("P2", f"{about} went out on {topic} while the last decision shows it as planned only")
    if topic != ALLOCATIONS + shipment.wms or data.pool != shipment.pool:
        books.blame(
            "P2",
            f"{about} is decided for {shipment.pool} of {shipment.wms} and went to {data.pool} on {topic}",
        )
    decided = {line_id: (units.sku, units.quantity) for line_id, units in shipment.lines.items()}
    told = {line.line_id: (line.sku, line.quantity) for line in data.lines}
    if told != decided or len(told) != len(data.lines):
        books.blame("P2", f"{about} asks the warehouse for {_lines(told)}; decided is {_lines(decided)}")
    order = books.orders[notice.network, data.order_id]
    for line in data.lines:
        ordered = order.lines.get(line.line_id)
        if ordered is not None and line.unit != ordered.unit:
            books.blame(
                "P2", f"{about}, line {line.line_id}: unit {line.unit} where {ordered.unit} was ordered"
            )


def judge_cancel_request(books: Books, topic: str, notice: CancelRequestedOfWms) -> None:
    """A cancel request concerns a shipment that was sent, once, and no more units than it holds."""
    data = notice.data
    shipment = books.shipments.get((notice.network, data.shipment_id))
    if shipment is None or not shipment.sent:
        books.blame("P2", f"{topic} cancels shipment {data.shipment_id}, which was never sent")
        return
    about = f"order {data.order_id}: cancel request {data.request_id} of shipment {data.shipment_id}"
    if topic != ALLOCATIONS + shipment.wms:
        books.blame("P2", f"{about} went out on {topic}; the shipment is with {shipment.wms}")
    if data.request_id in shipment.pending:
        books.blame("P2", f"{about} was published twice")
    asked: dict[str, int] = {}
    for line_id, quantity in data.lines.items():
        units = shipment.lines.get(line_id)
        # What left in this same bundle may have been there when the request was decided.
        figures = books.before.get(shipment.key, {}).get(line_id, units.figures if units else (0, 0, 0))
        if units is None or quantity > units.live - figures[1]:
            books.blame("P2", f"{about} asks for {quantity} of line {line_id}, which it does not hold")
            continue
        asked[line_id] = quantity
    shipment.pending[data.request_id] = asked


def _lines(lines: dict[str, tuple[str, int]]) -> str:
    return ", ".join(
        f"{quantity} of {sku} for line {line_id}" for line_id, (sku, quantity) in sorted(lines.items())
    )
