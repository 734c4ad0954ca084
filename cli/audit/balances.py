"""The auditor's balances against the router's own rows: a movement applied twice shows nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from cli.audit.books import Books, Order
from cli.audit.formats import check_row
from cli.audit.stock import Stock
from schemas.codec import UnreadableRow, decode_row
from schemas.digest import DIGEST_MASK, row_hash
from schemas.journal import JournalEntry
from schemas.records import Record
from schemas.rows import DELIVERED, HeadRow, OrderRow, StockRow
from schemas.times import NEVER_MS, parse_rfc3339, rfc3339

FIGURES = ("on_hand", "reserved", "released", "blocked", "suspect")


def compare_rows(books: Books, records: Iterable[Record], last: JournalEntry | None) -> None:
    """Compare stock, orders, journal head and digest with the rows as they stand."""
    live: dict[bytes, bytes] = {}
    for record in records:
        if record.key is None:
            books.blame("P2", f"{record.topic} offset {record.offset} has no key")
        elif record.value is None:
            live.pop(record.key, None)
        else:
            live[record.key] = record.value

    unmatched_stocks = dict(books.stocks)
    unmatched_orders = dict(books.orders)
    digest = 0
    head: HeadRow | None = None
    for row_key, value in live.items():
        try:
            row = decode_row(value)
        except UnreadableRow as error:
            books.blame("P2", f"row {row_key.decode(errors='replace')} cannot be read: {error}")
            continue
        if last is not None:
            check_row(books, row_key, value, row, last.format)
        if isinstance(row, HeadRow):
            head = row
            continue
        digest += row_hash(row_key, value)
        if isinstance(row, StockRow):
            stock = unmatched_stocks.pop((row.network, row.pool, row.sku, row.stock_class), None)
            _compare_stock(books, row, stock or Stock())
        elif isinstance(row, OrderRow):
            _compare_order(books, row, unmatched_orders.pop((row.network, row.order_id), None))
    books.report.counts["rows"] += len(live)
    for (_, pool, sku, stock_class), stock in unmatched_stocks.items():
        if any(getattr(stock, figure) for figure in FIGURES):
            books.blame(
                "P2", f"{sku} ({stock_class}) at {pool}: {_figures(stock)}, and the ledger has no such row"
            )
    for key, order in unmatched_orders.items():
        _check_forgotten(books, order, key in books.for_a_person)
    _compare_head(books, head, digest & DIGEST_MASK, last)


def _compare_stock(books: Books, row: StockRow, stock: Stock) -> None:
    if row.uncertain:
        # The router says so itself: moves were folded away that a count turned out to be older than.
        books.report.counts["uncertain stock rows"] += 1
        return
    wrong = [figure for figure in FIGURES if getattr(row, figure) != getattr(stock, figure)]
    if wrong:
        books.blame(
            "P2",
            f"{row.sku} ({row.stock_class}) at {row.pool}: the ledger says {_figures(row)}; "
            f"the inputs and decisions add up to {_figures(stock)}",
        )


def _figures(stock: Stock | StockRow) -> str:
    return (
        f"{stock.on_hand} on hand, {stock.reserved} reserved, {stock.released} of them released, "
        f"{stock.blocked} blocked, {stock.suspect} suspect"
    )


def _compare_order(books: Books, row: OrderRow, order: Order | None) -> None:
    if order is None:
        books.blame("P2", f"the order book holds order {row.order_id}, which was never accepted")
        return
    about = f"order {row.order_id}"
    if row.decision != order.decision:
        books.blame(
            "P2", f"{about}: the order book is at decision {row.decision}; published are {order.decision}"
        )
    if not order.decision:
        books.report.counts["orders without a decision yet"] += 1
    ordered = {line_id: (line.sku, line.quantity) for line_id, line in order.lines.items()}
    if {line.line_id: (line.sku, line.quantity) for line in row.lines} != ordered:
        books.blame("P2", f"{about}: the lines of the order book are not those that were ordered")
        return
    if not row.needs_decision:
        for line in row.lines:
            decided = order.lines[line.line_id]
            if (line.cancelled, line.refused) != (decided.cancelled, decided.refused):
                books.blame(
                    "P2",
                    f"{about}, line {line.line_id}: the order book has {line.cancelled} cancelled and {line.refused} "
                    f"refused; decided are {decided.cancelled} and {decided.refused}",
                )
    _compare_shipments(books, about, row, order)
    for shipment in order.shipments.values():
        late = not shipment.sent and parse_rfc3339(shipment.ship_by) < books.decided_at_ms
        if late and not row.needs_decision:
            books.blame(
                "P4",
                f"{about}: shipment {shipment.shipment_id} is still planned to leave {shipment.pool} by "
                f"{shipment.ship_by}, which has passed, and no new decision is due",
            )


Held = dict[str, tuple[str, int, tuple[tuple[str, int, int, int], ...]]]
"""By shipment: its pool, when it arrived, and for each line with units (line, unshipped, shipped, arrived)."""


def _compare_shipments(books: Books, about: str, row: OrderRow, order: Order) -> None:
    in_row: Held = {}
    for kept in row.shipments:
        parts = tuple(
            (row.lines[part.line].line_id, part.unshipped, part.shipped, part.delivered)
            for part in kept.lines
            if part.unshipped or part.shipped
        )
        known = order.shipments.get(kept.shipment_id)
        if known is not None and known.is_delivered != (kept.state == DELIVERED):
            books.blame(
                "P2", f"{about}: shipment {kept.shipment_id} is {kept.state}, which its units are not"
            )
        if parts:
            in_row[kept.shipment_id] = (kept.pool, kept.delivered_at_ms, tuple(sorted(parts)))
    in_books: Held = {}
    for shipment in order.shipments.values():
        parts = tuple(
            (line_id, units.unshipped, units.shipped, units.there)
            for line_id, units in shipment.lines.items()
            if units.live
        )
        if parts:
            in_books[shipment.shipment_id] = (shipment.pool, shipment.delivered_at_ms, tuple(sorted(parts)))
    for shipment_id in sorted(in_row.keys() | in_books.keys()):
        if in_row.get(shipment_id) != in_books.get(shipment_id):
            books.blame(
                "P2",
                f"{about}: of shipment {shipment_id} the order book holds {_held(in_row, shipment_id)}; "
                f"decisions, warehouse and carrier add up to {_held(in_books, shipment_id)}",
            )


def _held(held: Held, shipment_id: str) -> str:
    if shipment_id not in held:
        return "nothing"
    pool, delivered_at_ms, parts = held[shipment_id]
    when = "" if delivered_at_ms == NEVER_MS else f" ({rfc3339(delivered_at_ms)})"
    return f"at {pool} " + ", ".join(
        f"{unshipped} unshipped, {shipped} shipped and {arrived} arrived{when} of line {line_id}"
        for line_id, unshipped, shipped, arrived in parts
    )


def _check_forgotten(books: Books, order: Order, for_a_person: bool) -> None:
    """Only an order that is over may leave the order book, or one that was not taken and given to a person."""
    if not order.decision and for_a_person:
        books.report.counts["orders not taken, for a person"] += 1
        return
    if not order.decision:
        books.blame("P2", f"order {order.order_id} was accepted; it has neither a decision nor a row")
        return
    if order.unfinished:
        books.blame(
            "P2",
            f"order {order.order_id} has left the order book with lines unfinished: {', '.join(order.unfinished)}",
        )
    books.report.counts["orders that left the order book"] += 1


def _compare_head(books: Books, head: HeadRow | None, digest: int, last: JournalEntry | None) -> None:
    if last is None:
        return
    if head is None or head.sequence != last.sequence:
        stands = "is missing" if head is None else f"stands at sequence {head.sequence}"
        books.blame("P2", f"the head row {stands}; the journal ends at sequence {last.sequence}")
    elif head.format != last.format:
        books.blame("P2", f"the head row says format {head.format}; the journal says {last.format}")
    elif digest != last.digest:
        books.blame(
            "P2", "the digest of the rows is not the one in the last journal entry: a row was lost or changed"
        )
