"""Rows as format 1 has them, where it differs from the newest: what release 0.1 wrote and reads.

Written where format 1 is still in force, so that the release before can be started again, and read wherever a row has
not changed since.  Conversions only add what format 1 does not keep, and leave it out again: a partition in format 1
must not remember more than it writes, or it would decide otherwise after a restart.

A row keeps its shape until it changes, which may be never: what reads it here stays when no release writes it any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from schemas.rows import (
    AnyRow,
    CancelPending,
    HeadRow,
    LineRow,
    OrderRow,
    ShipmentLine,
    ShipmentRow,
)


class ShipmentLine1(Struct, frozen=True, gc=False, array_like=True):
    """Without what arrived of it."""

    line: int
    quantity: int
    shipped: int
    missing: int
    rejected: int
    cancelled: int
    at_risk: int
    dispatched: int = 0


class ShipmentRow1(Struct, frozen=True, gc=False, array_like=True):
    """Without the times at which the shipment left and arrived."""

    shipment_id: str
    pool: str
    wms: str
    carrier: str
    service: str
    state: str
    lines: tuple[ShipmentLine1, ...]
    ship_by_ms: int
    deliver_by_ms: int
    release_at_ms: int
    slot_day: int
    cost: tuple[int, int, int, int]
    pending: tuple[CancelPending, ...]


class OrderRow1(Struct, frozen=True, gc=False, array_like=True, tag="order.1"):
    """An order whose shipments are those of format 1."""

    network: str
    order_id: str
    version: int
    revision: int
    decision: int
    channel: str
    service: str
    zone: str
    priority: int
    placed_at_ms: int
    sold: bool
    deliver_by_ms: int
    latest_ship_by_ms: int
    ship_complete: bool
    max_shipments: int
    address_ref: str
    customer_token: str
    content: int
    lines: tuple[LineRow, ...]
    shipments: tuple[ShipmentRow1, ...]
    needs_decision: str
    retry_at_ms: int
    closed_at_ms: int
    promise_original_ms: int
    promise_current_ms: int
    cancel_requests: tuple[str, ...] = ()


class HeadRow1(Struct, frozen=True, gc=False, array_like=True, tag="head.1"):
    """A head that says neither the format, which is 1, nor who wrote it."""

    partition: int
    sequence: int
    decided_at_ms: int
    digest: int
    offsets: tuple[tuple[str, int], ...]


RowOfFormat1 = OrderRow1 | HeadRow1

_SHIPMENTS = OrderRow1.__struct_fields__.index("shipments")
_SHIPMENT_FIELDS = len(ShipmentRow1.__struct_fields__)
_PARTS = ShipmentRow1.__struct_fields__.index("lines")
_PART_FIELDS = len(ShipmentLine1.__struct_fields__)
_HEAD_FIELDS = len(HeadRow1.__struct_fields__)


def _order_in_format_1(row: OrderRow) -> OrderRow1:
    fields = list(astuple(row))
    fields[_SHIPMENTS] = tuple([_shipment_in_format_1(shipment) for shipment in row.shipments])
    return OrderRow1(*fields)


def _shipment_in_format_1(shipment: ShipmentRow) -> ShipmentRow1:
    fields = list(astuple(shipment)[:_SHIPMENT_FIELDS])
    fields[_PARTS] = tuple([ShipmentLine1(*astuple(part)[:_PART_FIELDS]) for part in shipment.lines])
    return ShipmentRow1(*fields)


def _order_of_format_1(row: OrderRow1) -> OrderRow:
    fields = list(astuple(row))
    fields[_SHIPMENTS] = tuple([_shipment_of_format_1(shipment) for shipment in row.shipments])
    return OrderRow(*fields)


def _shipment_of_format_1(shipment: ShipmentRow1) -> ShipmentRow:
    fields = list(astuple(shipment))
    fields[_PARTS] = tuple([ShipmentLine(*astuple(part)) for part in shipment.lines])
    return ShipmentRow(*fields)


def _head_in_format_1(row: HeadRow) -> HeadRow1:
    return HeadRow1(*astuple(row)[:_HEAD_FIELDS])


def _head_of_format_1(row: HeadRow1) -> HeadRow:
    return HeadRow(row.partition, row.sequence, row.decided_at_ms, row.digest, row.offsets, 1, "")


IN_FORMAT_1: dict[type, Callable[[Any], RowOfFormat1]] = {
    OrderRow: _order_in_format_1,
    HeadRow: _head_in_format_1,
}
"""The newest shape to that of format 1; kinds that are not here look the same in both."""

OF_FORMAT_1: dict[type, Callable[[Any], AnyRow]] = {
    OrderRow1: _order_of_format_1,
    HeadRow1: _head_of_format_1,
}
