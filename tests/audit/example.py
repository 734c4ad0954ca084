"""One clean history that holds most of what can happen to an order, in ten small bundles."""

from __future__ import annotations

from schemas.notices import (
    CancelRequestedOfWms,
    CancelRequestedOfWmsData,
    Cost,
    Decision,
    DecisionData,
    InstructedLine,
    LineUnits,
    PlannedLine,
    PlannedShipment,
    Promise,
    SetActivated,
    SetOutcomeData,
    ShipmentRequested,
    ShipmentRequestedData,
    Why,
)
from schemas.reference import ItemPoolEntity
from schemas.rows import LineRow, OrderRow, ShipmentLine, ShipmentRow, StockRow
from schemas.times import NEVER_MS, parse_rfc3339, rfc3339
from tests.audit.small_network import lamps
from tests.audit.story import EVENT_TIME, NETWORK, START_MS, Story, Told

SHIP_BY = rfc3339(START_MS + 3_600_000)
EAST = "allocations.east"
WEST = "allocations.west"
ARRIVED_MS = parse_rfc3339(EVENT_TIME)
PLACED_MS = parse_rfc3339("2026-11-23T10:00:00Z")


def example() -> Story:
    """Two orders of lamps, two pools: `berlin` (told through east) and `paris` (through west).

    Order A (4): planned in berlin, released, 3 dispatched and 1 short-picked, the rest planned in paris, withdrawn
    when a count shows fewer lamps there, and sent from paris in the end; two of the three have arrived meanwhile.
    Order B (3): sent to paris at once, at risk after that count, cancelled by its customer, which the warehouse
    accepts.
    """
    story = Story()

    # 1: a reference set with safety stock.
    safety = ItemPoolEntity(sku="lamp", pool="berlin", safety=1)
    stated = {"kind": "item_pool", "sku": safety.sku, "pool": safety.pool, "safety": safety.safety}
    story.event("reference", "reference.stated", {"set_id": "set-1", "entity": stated})
    commit = {"set_id": "set-1", "members": 1, "hash": "x", "based_on": ""}
    story.event("reference", "set.committed", commit)
    story.bundle(Told("exceptions", _activated(story, "set-1")))

    # 2: counts, a move that the count knew already, a block, a duplicate, a record that nobody can read.
    counted = {"pool": "berlin", "sku": "lamp", "quantity": 10, "mark": 100}
    story.event("inventory", "stock.counted", counted, event_id="count-1")
    story.event("inventory", "stock.counted", {"pool": "paris", "sku": "lamp", "quantity": 5, "mark": 50})
    moved = {
        "pool": "berlin",
        "sku": "lamp",
        "delta": -1,
        "reason": "broken",
        "document": "d1",
        "position": 90,
    }
    story.event("inventory", "stock.adjusted", moved)
    blocked = {
        "pool": "berlin",
        "sku": "lamp",
        "quantity": 2,
        "reason": "wet",
        "document": "d2",
        "position": 101,
    }
    story.event("inventory", "stock.blocked", blocked)
    story.event("inventory", "stock.counted", counted, event_id="count-1")
    story.inputs["inventory"].append(b"{no json")
    story.bundle(refused=[("inventory", 5)])

    # 3: two orders; A is planned, B is released at once.
    story.event("orders", "order.placed", lamps("A", 4, PLACED_MS))
    story.event("orders", "order.placed", lamps("B", 3, PLACED_MS))
    story.bundle(
        _decided(story, "A", 1, 4, [shipment("A/1/1", "berlin", "planned", 4)], allocated=4),
        _decided(story, "B", 1, 3, [shipment("B/1/1", "paris", "sent", 3)], released=3),
        _requested(story, "B", "B/1/1", "paris", 3),
    )

    # 4: A is released.
    story.bundle(
        _decided(story, "A", 2, 4, [shipment("A/1/1", "berlin", "sent", 4)], released=4),
        _requested(story, "A", "A/1/1", "berlin", 4),
    )

    # 5: three leave, one is not found; the rest of berlin is suspect, and paris takes over.
    left = {"shipment_id": "A/1/1", "lines_total": {"1": 3}, "position": 120, "carrier": "post"}
    story.event("fulfilment", "shipment.dispatched", left)
    short = {"shipment_id": "A/1/1", "line_id": "1", "missing": 1, "position": 121}
    story.event("fulfilment", "line.short_picked", short)
    gone = shipment("A/1/1", "berlin", "dispatched", 3, shipped=3)
    planned = shipment("A/3/1", "paris", "planned", 1)
    story.bundle(_decided(story, "A", 3, 4, [gone, planned], allocated=1, shipped=3))

    # 6: a count shows 2 in paris, where 4 are promised.
    story.event("inventory", "stock.counted", {"pool": "paris", "sku": "lamp", "quantity": 2, "mark": 60})
    story.bundle(
        _decided(story, "A", 4, 4, [gone], open=1, shipped=3),
        _decided(story, "B", 2, 3, [shipment("B/1/1", "paris", "sent", 3, at_risk=1)], released=3),
    )

    # 7: B's customer does not want it any more.
    story.event("orders", "cancel.requested", {"order_id": "B", "request_id": "r1"})
    pending = shipment("B/1/1", "paris", "sent", 3, at_risk=1, cancel_pending=3)
    story.bundle(
        _decided(story, "B", 3, 3, [pending], cancel_pending=3), _cancel_requested(story, "B", "B/1/1", 3)
    )

    # 8: the warehouse agrees, so paris has 2 lamps for A; two of the three from berlin have arrived.
    arrived = {"shipment_id": "A/1/1", "lines_total": {"1": 2}}
    story.event("fulfilment", "shipment.delivered", arrived)
    agreed = {"shipment_id": "B/1/1", "request_id": "r1"}
    story.event("fulfilment", "cancel.accepted", agreed)
    sent = shipment("A/5/1", "paris", "sent", 1)
    there = shipment("A/1/1", "berlin", "dispatched", 3, shipped=1, delivered=2)
    story.bundle(
        _decided(story, "B", 4, 3, [], cancelled=3),
        _decided(story, "A", 5, 4, [there, sent], released=1, shipped=1, delivered=2),
        _requested(story, "A", "A/5/1", "paris", 1),
    )

    # 9: a count taken before the short pick does not clear the suspicion, a later one does.
    story.event("inventory", "stock.counted", {"pool": "berlin", "sku": "lamp", "quantity": 8, "mark": 110})
    story.event("inventory", "stock.counted", {"pool": "berlin", "sku": "lamp", "quantity": 7, "mark": 130})
    story.bundle()

    # 10: nothing but time.
    story.bundle()

    story.finish(
        stock_row("berlin", on_hand=7, blocked=2),
        stock_row("paris", on_hand=2, reserved=1, released=1),
        order_row(
            "A",
            5,
            4,
            (
                ("A/1/1", "berlin", ShipmentLine(0, 4, 3, 1, 0, 0, 0, 3, 2)),
                ("A/5/1", "paris", ShipmentLine(0, 1, 0, 0, 0, 0, 0)),
            ),
        ),
        order_row("B", 4, 3, (("B/1/1", "paris", ShipmentLine(0, 3, 0, 0, 0, 3, 0)),), cancelled=3),
    )
    return story


# --- notices ------------------------------------------------------------------------------------------------


def shipment(
    shipment_id: str,
    pool: str,
    state: str,
    quantity: int,
    shipped: int = 0,
    delivered: int = 0,
    at_risk: int = 0,
    cancel_pending: int = 0,
) -> PlannedShipment:
    """A shipment of lamps as a decision shows it."""
    line = PlannedLine(
        line_id="1",
        sku="lamp",
        quantity=quantity,
        shipped=shipped,
        delivered=delivered,
        cancel_pending=cancel_pending,
        at_risk=at_risk,
    )
    return PlannedShipment(
        shipment_id=shipment_id,
        pool=pool,
        wms="east" if pool == "berlin" else "west",
        carrier="post",
        service="standard",
        state=state,
        lines=[line],
        ship_by=SHIP_BY,
        deliver_by=SHIP_BY,
        release_at=SHIP_BY,
        cost=Cost(),
    )


def _activated(story: Story, set_id: str) -> SetActivated:
    data = SetOutcomeData(set_id=set_id, members=1, reasons=[])
    return SetActivated(id=set_id, time=SHIP_BY, network=NETWORK, sequence=story.sequence, data=data)


def _decided(
    story: Story, order_id: str, number: int, quantity: int, shipments: list[PlannedShipment], **units: int
) -> Told:
    decided_at = rfc3339(story.decided_at_ms())
    data = DecisionData(
        order_id=order_id,
        decision=number,
        revision=1,
        decided_at=decided_at,
        cause="test",
        channel="web",
        zone="fr",
        priority=5,
        lines=[LineUnits(line_id="1", sku="lamp", quantity=quantity, **units)],
        shipments=shipments,
        promise=Promise(original=None, current=None),
        proved=True,
        why=Why(),
        policy="default",
        set_id="set-1",
    )
    notice_id = f"{order_id}/{number}"
    return Told(
        "decisions",
        Decision(id=notice_id, time=decided_at, network=NETWORK, sequence=story.sequence, data=data),
    )


def _requested(story: Story, order_id: str, shipment_id: str, pool: str, quantity: int) -> Told:
    data = ShipmentRequestedData(
        shipment_id=shipment_id,
        order_id=order_id,
        order_revision=1,
        pool=pool,
        carrier="post",
        service="standard",
        ship_by=SHIP_BY,
        deliver_by=SHIP_BY,
        address_ref="a",
        priority=5,
        lines=[InstructedLine(line_id="1", sku="lamp", quantity=quantity, unit="C62")],
    )
    notice = ShipmentRequested(
        id=f"send {shipment_id}", time=SHIP_BY, network=NETWORK, sequence=story.sequence, data=data
    )
    return Told(EAST if pool == "berlin" else WEST, notice)


def _cancel_requested(story: Story, order_id: str, shipment_id: str, quantity: int) -> Told:
    data = CancelRequestedOfWmsData(
        shipment_id=shipment_id,
        order_id=order_id,
        pool="paris",
        request_id="r1",
        reason="",
        lines={"1": quantity},
    )
    notice = CancelRequestedOfWms(
        id=f"cancel {shipment_id}", time=SHIP_BY, network=NETWORK, sequence=story.sequence, data=data
    )
    return Told(WEST, notice)


# --- rows ---------------------------------------------------------------------------------------------------


def stock_row(pool: str, on_hand: int, reserved: int = 0, released: int = 0, blocked: int = 0) -> StockRow:
    """A ledger row; only the figures that are compared matter."""
    return StockRow(
        NETWORK, pool, "lamp", "good", 1, on_hand, reserved, released, blocked, suspect=0, base=on_hand, mark=0,
        floor=-1, moves=(), holds=(), documents=(), suspect_position=-1, uncertain=False, counted=True,
    )  # fmt: skip


def order_row(
    order_id: str,
    decision: int,
    quantity: int,
    shipments: tuple[tuple[str, str, ShipmentLine], ...],
    cancelled: int = 0,
) -> OrderRow:
    """A row of the order book; only what is compared matters."""
    line = LineRow("1", "lamp", quantity, "C62", 0, "", (), cancelled, 0)
    kept = tuple(
        ShipmentRow(
            *(shipment_id, pool, "west", "post", "standard", "sent", (part,), 0, 0, 0, 0, (0, 0, 0, 0), ()),
            delivered_at_ms=ARRIVED_MS if part.delivered else NEVER_MS,
        )
        for shipment_id, pool, part in shipments
    )
    return OrderRow(
        NETWORK, order_id, 1, 1, decision, "web", "standard", "fr", 5, 0, True, -1, -1, False, 3, "a", "t", 0,
        (line,), kept, "", -1, -1, -1, -1,
    )  # fmt: skip
