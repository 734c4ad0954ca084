"""The units of a decision's lines: partitioned over the states, held by the shipments, bounded by what was asked."""

from __future__ import annotations

from cli.audit.books import Books, Order
from schemas.notices import DecisionData
from schemas.rows import PLANNED


def check_units(books: Books, order: Order, data: DecisionData) -> None:
    """The units of every line are partitioned over the states, and the shipments hold what the states say."""
    about = f"order {data.order_id}, decision {data.decision}"
    if [line.line_id for line in data.lines] != list(order.lines):
        shown = ", ".join(line.line_id for line in data.lines)
        books.blame("P2", f"{about}: it shows the lines {shown}; ordered were {', '.join(order.lines)}")
    for line in data.lines:
        ordered = order.lines.get(line.line_id)
        if ordered is None:
            continue
        if (line.sku, line.quantity) != (ordered.sku, ordered.quantity):
            books.blame(
                "P2",
                f"{about}, line {line.line_id}: it shows {line.quantity} of {line.sku}; "
                f"ordered were {ordered.quantity} of {ordered.sku}",
            )
        states = {
            "open": line.open,
            "allocated": line.allocated,
            "released": line.released,
            "cancel pending": line.cancel_pending,
            "shipped": line.shipped,
            "delivered": line.delivered,
            "cancelled": line.cancelled,
            "refused": line.refused,
        }
        if sum(states.values()) != line.quantity or min(states.values()) < 0:
            shown = ", ".join(f"{units} {state}" for state, units in states.items())
            books.blame(
                "P2", f"{about}, line {line.line_id}: {shown} do not add up to the {line.quantity} ordered"
            )
        _check_held(
            books,
            about,
            line.line_id,
            data,
            (line.allocated, line.released, line.cancel_pending, line.shipped, line.delivered),
        )
        if line.cancelled < ordered.cancelled or line.refused < ordered.refused:
            books.blame("P2", f"{about}, line {line.line_id}: cancelled or refused units came back to life")
        if line.cancelled > ordered.cancel_wanted:
            books.blame(
                "P2",
                f"{about}, line {line.line_id}: {line.cancelled} units cancelled; "
                f"only {ordered.cancel_wanted} were asked for",
            )
        if line.refused and order.sold:
            books.blame(
                "P2", f"{about}, line {line.line_id}: {line.refused} units refused of an order that was sold"
            )
        ordered.lost_unwanted = max(0, ordered.lost_unwanted - (line.cancelled - ordered.cancelled))
        ordered.cancelled = line.cancelled
        ordered.refused = line.refused


def _check_held(
    books: Books, about: str, line_id: str, data: DecisionData, claimed: tuple[int, int, int, int, int]
) -> None:
    """What the line's states claim against what the shipments hold."""
    allocated = sent = pending = shipped = delivered = 0
    for shipment in data.shipments:
        for line in shipment.lines:
            if line.line_id != line_id:
                continue
            if shipment.state == PLANNED:
                allocated += line.quantity
            else:
                sent += line.quantity - line.shipped - line.delivered - line.cancel_pending
                pending += line.cancel_pending
                shipped += line.shipped
                delivered += line.delivered
    held = (allocated, sent, pending, shipped, delivered)
    if held != claimed:
        names = ("allocated", "released", "cancel pending", "shipped", "delivered")
        wrong = ", ".join(
            f"{has} {name} where the line says {says}"
            for name, has, says in zip(names, held, claimed, strict=True)
            if has != says
        )
        books.blame("P2", f"{about}, line {line_id}: the shipments hold {wrong}")
