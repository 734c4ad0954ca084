"""Inputs on `inventory`: what warehouses, stores and suppliers say about stock."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from schemas.envelope import Data, Delta, Document, Event, Instant, Level, Name, Position, Quantity, Text

GOOD = "good"
"""The stock class that orders are filled from."""

NotTakenYet = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="Not taken yet: a count that names a snapshot is refused as `unsupported`.",
    ),
]


class StockCounted(Data, frozen=True, gc=False, kw_only=True):
    """A count of one SKU in one pool; `quantity` includes blocked units, `mark` is where in the sequence it stands.

    It is all that is in the building, whomever it is promised to: also what is picked and packed and has not left.
    Without a later mark than that of the count in force it has no effect.  Only the class `good` is promised.
    """

    pool: Name
    sku: Name
    quantity: Level
    mark: Position
    stock_class: Name = field(name="class", default=GOOD)
    snapshot_id: NotTakenYet | None = None


class StockAdjusted(Data, frozen=True, gc=False, kw_only=True):
    """A correction by a difference: damage, theft, found goods, a bin-level cycle count."""

    pool: Name
    sku: Name
    delta: Delta
    reason: Text
    document: Document
    position: Position
    stock_class: Name = field(name="class", default=GOOD)


class StockBlocked(Data, frozen=True, gc=False, kw_only=True):
    """Units that stand in the building but may not be promised; `until` lets the block end by itself.

    One whose `until` has passed when it is read has no effect.
    """

    pool: Name
    sku: Name
    quantity: Quantity
    reason: Text
    document: Document
    position: Position
    stock_class: Name = field(name="class", default=GOOD)
    until: Instant | None = None


class StockUnblocked(Data, frozen=True, gc=False, kw_only=True):
    """Ends a block, or part of it; `document` names the block.

    It must be read after its block: blocks and their ends take effect in the order in which they are read.  Parts that
    end one by one have a `position` each; what is more than the block has left is taken from other blocks.
    """

    pool: Name
    sku: Name
    quantity: Quantity
    reason: Text
    document: Name
    position: Position
    stock_class: Name = field(name="class", default=GOOD)


class StockSold(Data, frozen=True, gc=False, kw_only=True):
    """Sold over the counter: it left the building without an order of ours."""

    pool: Name
    sku: Name
    quantity: Quantity
    document: Document
    position: Position
    stock_class: Name = field(name="class", default=GOOD)


class StockCountedEvent(Event, frozen=True, gc=False, kw_only=True, tag="stock.counted"):
    """See `StockCounted`."""

    data: StockCounted


class StockAdjustedEvent(Event, frozen=True, gc=False, kw_only=True, tag="stock.adjusted"):
    """See `StockAdjusted`."""

    data: StockAdjusted


class StockBlockedEvent(Event, frozen=True, gc=False, kw_only=True, tag="stock.blocked"):
    """See `StockBlocked`."""

    data: StockBlocked


class StockUnblockedEvent(Event, frozen=True, gc=False, kw_only=True, tag="stock.unblocked"):
    """See `StockUnblocked`."""

    data: StockUnblocked


class StockSoldEvent(Event, frozen=True, gc=False, kw_only=True, tag="stock.sold"):
    """See `StockSold`."""

    data: StockSold


InventoryEvent = (
    StockCountedEvent | StockAdjustedEvent | StockBlockedEvent | StockUnblockedEvent | StockSoldEvent
)
