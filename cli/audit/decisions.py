"""A decision against the books: numbering, units, what it may change, and what it may reserve."""

from __future__ import annotations

from cli.audit.books import Books, Order, Shipment, StockKey, Units
from cli.audit.units import check_units
from schemas.digest import content_hash
from schemas.inventory import GOOD
from schemas.notices import Decision, DecisionData, PlannedShipment
from schemas.rows import DELIVERED, PLANNED
from schemas.times import parse_rfc3339, rfc3339


def judge(books: Books, decision: Decision) -> None:
    """Check one decision, then let it replace the order's plan."""
    data = decision.data
    order = books.orders.get((decision.network, data.order_id))
    if order is None:
        books.blame(
            "P2", f"decision {data.decision} is about order {data.order_id}, which was never accepted"
        )
        return
    if not _numbered(books, order, data):
        return
    check_units(books, order, data)
    _check_moment(books, data)
    _replace_plan(books, order, decision)


def _numbered(books: Books, order: Order, data: DecisionData) -> bool:
    """Whether it is the order's next decision, so that it may take effect."""
    content = content_hash("order.decided", data)
    if data.decision <= order.decision:
        same = data.decision >= 1 and order.contents[data.decision - 1] == content
        fault = "was published twice" if same else "was published again with another content"
        books.blame("P2", f"order {data.order_id}: decision {data.decision} {fault}")
        return False
    if data.decision != order.decision + 1:
        books.blame(
            "P2",
            f"order {data.order_id}: decision {data.decision} follows decision {order.decision}; some are missing",
        )
    # Missing numbers hold no content, so that none of them can be repeated unnoticed.
    order.contents += [0] * (data.decision - order.decision - 1) + [content]
    return True


def _check_moment(books: Books, data: DecisionData) -> None:
    bundle_time = rfc3339(books.decided_at_ms)
    if data.decided_at != bundle_time:
        books.blame(
            "P4",
            f"order {data.order_id}: decision {data.decision} says it was decided at {data.decided_at}, "
            f"its transaction at {bundle_time}",
        )


# --- the plan -----------------------------------------------------------------------------------------------


def _replace_plan(books: Books, order: Order, decision: Decision) -> None:
    data = decision.data
    network = decision.network
    reserved_before = _reserved_now(books, order, decision)
    shown = {shipment.shipment_id for shipment in data.shipments}
    if len(shown) != len(data.shipments):
        books.blame("P2", f"order {data.order_id}, decision {data.decision}: it shows a shipment twice")

    for shipment_id, shipment in list(order.shipments.items()):
        if shipment_id not in shown:
            _leave_plan(books, order, shipment, data)
    for planned in data.shipments:
        known = books.shipments.get((network, planned.shipment_id))
        if known is None:
            _enter_plan(books, order, network, planned, data)
        elif known.order_id != data.order_id:
            books.blame(
                "P2", f"shipment {planned.shipment_id} belongs to order {known.order_id} and {data.order_id}"
            )
        elif known.sent:
            _keep_sent(books, order, known, planned, data)
        else:
            _revise_planned(books, order, known, planned, data)
    _check_free(books, network, data, reserved_before)


def _reserved_now(books: Books, order: Order, decision: Decision) -> dict[StockKey, int]:
    """Reservations wherever the order has units or is given some, before the decision takes effect."""
    places = {(shipment.pool, line.sku) for shipment in decision.data.shipments for line in shipment.lines}
    for shipment in order.shipments.values():
        places.update((shipment.pool, units.sku) for units in shipment.lines.values())
    keys = [(decision.network, pool, sku, GOOD) for pool, sku in sorted(places)]
    return {key: books.stock(key).reserved for key in keys}


def _leave_plan(books: Books, order: Order, shipment: Shipment, data: DecisionData) -> None:
    """Unsent shipments may be dropped; a sent one leaves only when the warehouse has given all of it back."""
    if shipment.sent and shipment.live:
        books.blame(
            "P2",
            f"order {data.order_id}: decision {data.decision} no longer shows shipment {shipment.shipment_id}, "
            f"which was sent to {shipment.pool} and still holds {shipment.live} units",
        )
    books.take_out(shipment)
    del order.shipments[shipment.shipment_id]
    if not shipment.sent:
        del books.shipments[shipment.key]


def _enter_plan(
    books: Books,
    order: Order,
    network: str,
    planned: PlannedShipment,
    data: DecisionData,
) -> None:
    shipment = Shipment(network, data.order_id, planned.shipment_id, planned.pool, planned.wms)
    books.shipments[shipment.key] = shipment
    order.shipments[planned.shipment_id] = shipment
    books.report.counts["shipments"] += 1
    _set_lines(shipment, planned)
    _check_pool_willing(books, order, planned, data)
    _check_truck(books, planned, data)
    if any(line.shipped or line.delivered or line.cancel_pending for line in planned.lines):
        books.blame(
            "P2",
            f"shipment {planned.shipment_id} is new and shows shipped, delivered or cancelled units already",
        )
    _mark_sent(books, shipment, planned)
    books.put_in(shipment)


def _revise_planned(
    books: Books, order: Order, shipment: Shipment, planned: PlannedShipment, data: DecisionData
) -> None:
    """Soft until released: before the warehouse knows of it, all of a shipment may change."""
    books.take_out(shipment)
    grown = any(
        line.line_id not in shipment.lines or line.quantity > shipment.lines[line.line_id].quantity
        for line in planned.lines
    )
    if grown or shipment.pool != planned.pool:
        _check_pool_willing(books, order, planned, data)
    shipment.pool, shipment.wms = planned.pool, planned.wms
    _set_lines(shipment, planned)
    if planned.state != PLANNED:
        _check_truck(books, planned, data)
    _mark_sent(books, shipment, planned)
    books.put_in(shipment)


def _keep_sent(
    books: Books, order: Order, shipment: Shipment, planned: PlannedShipment, data: DecisionData
) -> None:
    """After release only the warehouse changes a shipment; a decision shows it as the warehouse left it."""
    if planned.shipment_id not in order.shipments:
        order.shipments[planned.shipment_id] = shipment
        books.put_in(shipment)
    about = f"order {data.order_id}, decision {data.decision}: shipment {shipment.shipment_id}"
    if planned.state == PLANNED:
        books.blame("P2", f"{about} was sent and is shown as planned again")
    if (planned.pool, planned.wms) != (shipment.pool, shipment.wms):
        books.blame("P2", f"{about} was sent to {shipment.pool} and is shown at {planned.pool}")
    if (planned.state == DELIVERED) != all(line.delivered == line.quantity for line in planned.lines):
        books.blame("P2", f"{about} is {planned.state}, which its units are not")
    before = books.before.get(shipment.key, {})
    shown = {line.line_id: line for line in planned.lines}
    for line_id in sorted(shown.keys() - shipment.lines.keys()):
        books.blame("P2", f"{about} shows line {line_id}, which it was not sent with")
    for line_id, units in shipment.lines.items():
        line = shown.get(line_id)
        live, shipped, delivered = (
            (line.quantity, line.shipped + line.delivered, line.delivered) if line else (0, 0, 0)
        )
        # Decided between two facts of this bundle, it may show any state from before the first to after the last.
        live_before, shipped_before, delivered_before = before.get(line_id, units.figures)
        if not (
            units.live <= live <= live_before
            and shipped_before <= shipped <= units.shipped
            and delivered_before <= delivered <= units.delivered
        ):
            books.blame(
                "P2",
                f"{about}, line {line_id} shows {_held(live, shipped, delivered)}; by the words of the warehouse and "
                f"of the carrier it holds {_held(*units.figures)}",
            )
        units.at_risk = line.at_risk if line else 0


def _held(live: int, shipped: int, delivered: int) -> str:
    return f"{live} units, {shipped} of them shipped and {delivered} delivered"


def _check_truck(books: Books, planned: PlannedShipment, data: DecisionData) -> None:
    """Neither planned nor released for a truck that has left."""
    if parse_rfc3339(planned.ship_by) < parse_rfc3339(data.decided_at):
        books.blame(
            "P4",
            f"order {data.order_id}: decision {data.decision} of {data.decided_at} has shipment "
            f"{planned.shipment_id} leave {planned.pool} by {planned.ship_by}, which had passed",
        )


def _set_lines(shipment: Shipment, planned: PlannedShipment) -> None:
    shipment.ship_by = planned.ship_by
    shipment.lines = {line.line_id: Units(line.sku, line.quantity) for line in planned.lines}
    for line in planned.lines:
        shipment.lines[line.line_id].at_risk = line.at_risk


def _mark_sent(books: Books, shipment: Shipment, planned: PlannedShipment) -> None:
    if planned.state != PLANNED:
        shipment.sent = True
        books.newly_sent[shipment.key] = shipment


def _check_pool_willing(books: Books, order: Order, planned: PlannedShipment, data: DecisionData) -> None:
    for line in planned.lines:
        if (line.line_id, planned.pool) in order.excluded:
            books.blame(
                "P2",
                f"order {data.order_id}: decision {data.decision} gives line {line.line_id} to {planned.pool}, "
                "which rejected or short-picked it before",
            )


# --- no oversell --------------------------------------------------------------------------------------------


def _check_free(books: Books, network: str, data: DecisionData, reserved_before: dict[StockKey, int]) -> None:
    """What a decision reserves anew must be free, safety stock and all, at the moment it is reserved."""
    for key, before in reserved_before.items():
        stock = books.stock(key)
        if stock.reserved <= before:
            continue
        _, pool, sku, _ = key
        safety = books.safety.of(network, pool, sku)
        if stock.excess + safety > 0:
            books.blame(
                "P1",
                f"order {data.order_id}: decision {data.decision} reserves {stock.reserved - before} of {sku} "
                f"at {pool}, which makes {stock.reserved} reserved, {stock.blocked} blocked, "
                f"{stock.suspect} suspect and {safety} safety of {stock.on_hand} on hand",
            )
