"""What must hold when a bundle is over: promises covered, instructions out, cancellations honoured."""

from __future__ import annotations

from cli.audit.books import Books, StockKey
from cli.audit.stock import Stock


def close_bundle(books: Books) -> None:
    """Check everything that this bundle touched."""
    for key in sorted(books.touched):
        _check_covered(books, key, books.stock(key))
    for shipment in books.newly_sent.values():
        if not shipment.requested:
            books.blame(
                "P2",
                f"order {shipment.order_id}: shipment {shipment.shipment_id} is decided as sent, "
                f"and {shipment.wms} was not told",
            )
    for network, order_id in sorted(books.cancel_wanted):
        _check_cancelled(books, network, order_id)


def _check_covered(books: Books, key: StockKey, stock: Stock) -> None:
    """When stock is gone, nothing unreleased stays promised on it and what is released is marked at risk."""
    if stock.excess <= 0 or not stock.reserved:
        return
    network, pool, sku, _ = key
    promised = f"{stock.reserved} reserved, {stock.blocked} blocked and {stock.suspect} suspect"
    figures = f"{promised} of {stock.on_hand} on hand"
    planned = stock.reserved - stock.released
    if planned:
        books.blame(
            "P1", f"{sku} at {pool}: {figures}, and {planned} unreleased units are still promised there"
        )
    needed = min(stock.excess, stock.released)
    marked = sum(
        min(units.at_risk, units.unshipped)
        for shipment_id in sorted(stock.holders)
        for units in books.shipments[network, shipment_id].lines.values()
        if units.sku == sku
    )
    if marked < needed:
        books.blame(
            "P1", f"{sku} at {pool}: {figures}; {needed} released units are at risk, {marked} are marked so"
        )


def _check_cancelled(books: Books, network: str, order_id: str) -> None:
    """Units that a customer no longer wants are cancelled, asked back from the warehouse, or have left."""
    order = books.orders[network, order_id]
    if order.cancel_refused:
        return
    for line_id, line in order.lines.items():
        told = sum(shipment.asked_back(line_id) for shipment in order.shipments.values())
        shipped = sum(
            shipment.lines[line_id].shipped
            for shipment in order.shipments.values()
            if line_id in shipment.lines
        )
        done = line.cancelled + line.refused + told + shipped + line.lost_unwanted
        if done < line.cancel_wanted:
            books.blame(
                "P2",
                f"order {order_id}, line {line_id}: {line.cancel_wanted} units were to be cancelled; {line.cancelled} "
                f"are, {told} are asked back from the warehouse, {shipped} have left",
            )
