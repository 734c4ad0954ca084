"""What carriers deliver, in the auditor's own arithmetic: nothing arrives that did not leave, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cli.audit.books import Books, Shipment
from schemas.fulfilment import ShipmentDeliveredEvent
from schemas.notices import ExceptionClosed, ExceptionOpened, Published
from schemas.times import to_ms

KIND = "delivered_not_dispatched"


def arrive(books: Books, shipment: Shipment, event: ShipmentDeliveredEvent) -> None:
    """The carrier's totals; without any, all that has left so far, or that is to leave where nothing has."""
    totals = event.data.lines_total
    if totals is None:
        totals = {line_id: units.left for line_id, units in shipment.lines.items()}
        if not any(totals.values()):
            totals = {line_id: units.unshipped for line_id, units in shipment.lines.items()}
        if not any(totals.values()):
            totals = {line_id: units.quantity for line_id, units in shipment.lines.items()}
    early = shipment.early
    news = False
    for line_id, units in shipment.lines.items():
        total = totals.get(line_id, 0)
        if total > units.there:
            units.there = total
            news = True
    if news:
        shipment.delivered_at_ms = max(shipment.delivered_at_ms, to_ms(event.data.delivered_at or event.time))
    if shipment.early > early:
        books.early["opened", shipment.key] += 1


def leave(books: Books, shipment: Shipment, early: int) -> None:
    """The warehouse told what left of a shipment of which so many units had arrived before."""
    if early and not shipment.early:
        books.early["closed", shipment.key] += 1


def check_said(books: Books, notices: Iterable[Published]) -> None:
    """What arrived before it left is an exception, which ends when it turns out to have left; and no other is."""
    said = Counter(
        (what, (notice.network, notice.data.shipment_id))
        for notice in notices
        for what, kind in (("opened", ExceptionOpened), ("closed", ExceptionClosed))
        if isinstance(notice, kind) and notice.data.kind == KIND
    )
    for key in sorted(said.keys() | books.early.keys()):
        if said[key] != books.early[key]:
            what, (_, shipment_id) = key
            books.blame(
                "P3",
                f"shipment {shipment_id}: {said[key]} exceptions {KIND} {what}; what its warehouse and its carrier say "
                f"makes {books.early[key]}",
            )
