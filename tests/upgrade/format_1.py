"""Release 0.1, as far as its state goes: the rows that it wrote, and how it read them back.  Frozen: never changed.

It is stricter than the release was: a field that it did not have is refused, where the release ignored it and would
have forgotten it with its next write.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import xxhash
from msgspec import Raw, Struct


class StockRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="stock.1"):
    network: str
    pool: str
    sku: str
    stock_class: str
    version: int
    on_hand: int
    reserved: int
    released: int
    blocked: int
    suspect: int
    base: int
    mark: int
    floor: int
    moves: tuple[tuple[int, int], ...]
    holds: tuple[tuple[int, int, str], ...]
    documents: tuple[str, ...]
    suspect_position: int
    uncertain: bool
    counted: bool


class LineRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    line_id: str
    sku: str
    quantity: int
    unit: str
    value: int
    pinned_pool: str
    excluded: tuple[str, ...]
    cancelled: int
    refused: int


class ShipmentLine(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    line: int
    quantity: int
    shipped: int
    missing: int
    rejected: int
    cancelled: int
    at_risk: int
    dispatched: int


class CancelPending(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    request_id: str
    reason: str
    lines: tuple[tuple[int, int], ...]


class ShipmentRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    shipment_id: str
    pool: str
    wms: str
    carrier: str
    service: str
    state: str
    lines: tuple[ShipmentLine, ...]
    ship_by_ms: int
    deliver_by_ms: int
    release_at_ms: int
    slot_day: int
    cost: tuple[int, int, int, int]
    pending: tuple[CancelPending, ...]


class OrderRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="order.1"):
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
    shipments: tuple[ShipmentRow, ...]
    needs_decision: str
    retry_at_ms: int
    closed_at_ms: int
    promise_original_ms: int
    promise_current_ms: int
    cancel_requests: tuple[str, ...]


class SlotRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="slot.1"):
    network: str
    pool: str
    day: int
    used: int


class CatalogRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="catalog.1"):
    network: str
    set_id: str
    kind: str
    key: tuple[str, ...]
    entity: Raw
    """Its fields are those of the contract, of which an older release ignores the unknown ones."""


class ActiveSetsRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="sets.1"):
    network: str
    sets: tuple[str, ...]


class HeadRow(Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag="head.1"):
    partition: int
    sequence: int
    decided_at_ms: int
    digest: int
    offsets: tuple[tuple[str, int], ...]


AnyRow = StockRow | OrderRow | SlotRow | CatalogRow | ActiveSetsRow | HeadRow

_decoder = msgspec.json.Decoder(AnyRow)


class Refused(Exception):
    """Release 0.1 stops the partition, with this reason."""


def read(value: bytes) -> AnyRow:
    """One row; it must be what release 0.1 would have written itself, byte for byte."""
    try:
        row: AnyRow = _decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise Refused(f"cannot be read by this version: {error}") from None
    if msgspec.json.encode(row) != value:
        raise Refused(f"release 0.1 would have written {msgspec.json.encode(row)!r}, not {value!r}")
    return row


def restore(rows: Iterable[tuple[bytes, bytes]]) -> HeadRow:
    """The head of a state, when the rows add up to the digest that it says."""
    head: HeadRow | None = None
    digest = 0
    for key, value in rows:
        row = read(value)
        if isinstance(row, HeadRow):
            head = row
        else:
            digest += xxhash.xxh3_64_intdigest(value, seed=xxhash.xxh3_64_intdigest(key))
    if head is None:
        raise Refused("there is no journal head")
    if head.digest != digest % 2**64:
        raise Refused(f"the rows add up to {digest % 2**64:016x}, the head says {head.digest:016x}")
    return head
