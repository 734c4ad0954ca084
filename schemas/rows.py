"""Rows: the router's whole memory, one immutable value for each key.

A row is published to a compacted topic in the transaction that made it, and read back by restore.  Rows are JSON
arrays with a tag that names the kind and the format that brought its shape (`stock.1`); their shape is internal, and
in memory it is always the newest: see `schemas.formats`.  A decided change is a new row; `Network.put` is the only
way in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from schemas.formats import ENGINE, FORMAT
from schemas.kinds import CATALOG, LEDGER, ORDER_BOOK, ROUTER_STATE
from schemas.reference import AnyEntity
from schemas.times import NEVER_MS

NO_POSITION = -1
"""Before the first count of a row: every position is later."""

PLANNED = "planned"
SENT = "sent"
ACCEPTED = "accepted"
DISPATCHED = "dispatched"
DELIVERED = "delivered"
"""All that left of it has arrived, and nothing of it is left in the building."""
REJECTED = "rejected"
CANCELLED = "cancelled"
CLOSED = "closed"
"""A shipment none of whose units is left: short-picked to nothing."""


class StockRow(Struct, frozen=True, gc=False, array_like=True, tag="stock.1"):
    """Stock of one SKU in one pool and class.

    `on_hand = base + sum of the moves after mark`, kept as a figure of its own because every decision reads it.
    `moves` are (position, delta), oldest position first; `documents` those of moves that took effect, the latest last,
    then those of blocks.  `reserved` counts every live unshipped unit of
    orders here; `released` is the part of it that the warehouse has been told.  `holds` are blocks that end by
    themselves: (until_ms, quantity, document).
    """

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


class LineRow(Struct, frozen=True, gc=False, array_like=True):
    """One line of an order; units not cancelled, refused or held by a shipment are OPEN."""

    line_id: str
    sku: str
    quantity: int
    unit: str
    value: int
    pinned_pool: str
    excluded: tuple[str, ...]
    cancelled: int
    refused: int


class ShipmentLine(Struct, frozen=True, gc=False, array_like=True):
    """Units of one line in one shipment; `line` is the index in `OrderRow.lines`.

    `quantity` is what was planned.  `missing`, `rejected` and `cancelled` went back to the line (or were cancelled
    for good), each cumulative as the warehouse states them.
    """

    line: int
    quantity: int
    shipped: int
    missing: int
    rejected: int
    cancelled: int
    at_risk: int
    dispatched: int = 0
    """As the warehouse states it; above `shipped` when more left than the shipment held."""
    delivered: int = 0
    """Units that arrived, as the carrier states it; above `dispatched` while nobody has told that they left."""

    @property
    def unshipped(self) -> int:
        """Live units that have not left the building: what the stock row's reservation counts."""
        return self.quantity - self.missing - self.rejected - self.cancelled - self.shipped

    @property
    def arrived(self) -> int:
        """Units that are DELIVERED: those of `shipped` that arrived.  What never left cannot have arrived."""
        return min(self.delivered, self.shipped)


class CancelPending(Struct, frozen=True, gc=False, array_like=True):
    """A cancel request that the warehouse has not answered: (line index, quantity) pairs."""

    request_id: str
    reason: str
    lines: tuple[tuple[int, int], ...]


class ShipmentRow(Struct, frozen=True, gc=False, array_like=True):
    """One shipment of an order.  `slot_day` is the pool's local day (proleptic ordinal) whose capacity it takes."""

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
    """Lane, handling, lateness and capacity price, in micros."""
    pending: tuple[CancelPending, ...]
    dispatched_at_ms: int = NEVER_MS
    """When the last of it so far left, as the warehouse states it."""
    delivered_at_ms: int = NEVER_MS
    """When the last of it so far arrived, as the carrier states it: all of it, once the shipment is DELIVERED."""


class OrderRow(Struct, frozen=True, gc=False, array_like=True, tag="order.2"):
    """An order with its whole plan.

    `decision` numbers the decisions taken so far.  `needs_decision` names the cause of a decision that is still
    due, or is empty: a bounded agenda survives a crash by it.  `closed_at_ms` is set while no unit is live.
    """

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
    cancel_requests: tuple[str, ...] = ()
    """Those that took effect, the latest last: sent again under another event id, they cancel nothing more."""


class SlotRow(Struct, frozen=True, gc=False, array_like=True, tag="slot.1"):
    """Shipments planned for one pool on one working day."""

    network: str
    pool: str
    day: int
    used: int


class CatalogRow(Struct, frozen=True, gc=False, array_like=True, tag="catalog.1"):
    """A member of a reference set, stored as it arrived; `entity` None withdraws (kind, key)."""

    network: str
    set_id: str
    kind: str
    key: tuple[str, ...]
    entity: AnyEntity | None


class ActiveSetsRow(Struct, frozen=True, gc=False, array_like=True, tag="sets.1"):
    """The pointer: the sets in force, oldest first; later ones override earlier ones."""

    network: str
    sets: tuple[str, ...]


class HeadRow(Struct, frozen=True, gc=False, array_like=True, tag="head.2"):
    """Where a partition's journal stands; `offsets` are (topic kind, next offset), by name.

    It is not part of the digest that it carries.  `format` is the one in force, `engine` the release that wrote it:
    later formats keep this shape, so that a release that cannot read the rest can say why.
    """

    partition: int
    sequence: int
    decided_at_ms: int
    digest: int
    offsets: tuple[tuple[str, int], ...]
    format: int = FORMAT
    engine: str = ENGINE


Row = StockRow | OrderRow | SlotRow | CatalogRow | ActiveSetsRow
"""What `Network.put` takes."""

AnyRow = Row | HeadRow

TOPIC_OF_ROW: dict[type, str] = {
    StockRow: LEDGER,
    SlotRow: LEDGER,
    OrderRow: ORDER_BOOK,
    CatalogRow: CATALOG,
    ActiveSetsRow: ROUTER_STATE,
    HeadRow: ROUTER_STATE,
}

RowKey = tuple[str | int, ...]


def _stock_key(row: StockRow) -> RowKey:
    return ("stock", row.network, row.pool, row.sku, row.stock_class)


def _order_key(row: OrderRow) -> RowKey:
    return ("order", row.network, row.order_id)


def _slot_key(row: SlotRow) -> RowKey:
    return ("slot", row.network, row.pool, row.day)


def _catalog_key(row: CatalogRow) -> RowKey:
    return ("catalog", row.network, row.kind, *row.key, row.set_id)


def _sets_key(row: ActiveSetsRow) -> RowKey:
    return ("sets", row.network)


def _head_key(row: HeadRow) -> RowKey:
    return ("head", row.partition)


_KEY_OF: dict[type, Callable[[Any], RowKey]] = {
    StockRow: _stock_key,
    OrderRow: _order_key,
    SlotRow: _slot_key,
    CatalogRow: _catalog_key,
    ActiveSetsRow: _sets_key,
    HeadRow: _head_key,
}


def row_key(row: AnyRow) -> RowKey:
    """What identifies the row: its kind, its network (the head's: its partition), then its own name."""
    return _KEY_OF[type(row)](row)


_TOPIC_OF_KIND = {
    "stock": LEDGER,
    "slot": LEDGER,
    "order": ORDER_BOOK,
    "catalog": CATALOG,
    "sets": ROUTER_STATE,
    "head": ROUTER_STATE,
}


def topic_of_key(key: RowKey) -> str:
    """The kind of topic that holds the row of this key."""
    return _TOPIC_OF_KIND[str(key[0])]
