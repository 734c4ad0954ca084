"""Facts about stock: counts, adjustments, sales, blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from operators import stock
from operators.effects import Effects, Moment, exception_opened, nothing
from schemas.codec import BadRecord
from schemas.envelope import Event
from schemas.ids import in_id
from schemas.inventory import (
    StockAdjustedEvent,
    StockBlockedEvent,
    StockCountedEvent,
    StockSoldEvent,
    StockUnblockedEvent,
)
from schemas.kinds import EXCEPTIONS
from schemas.notices import ExceptionData, Outgoing, StockDriftData, StockDriftFound
from schemas.rows import StockRow
from schemas.times import to_ms
from state.network import Network

NAMED_MAX = 3
"""Blocks that an exception names."""


def decide(network: Network, event: Event, moment: Moment) -> Effects:
    """The rows and notices of one inventory fact; raises `BadRecord` for one that names an unknown pool.

    Of a pool that was withdrawn the books go on with what they hold: shipments are on their way there, and a short pick
    asks for a count.
    """
    routes = network.catalog.routes
    data: Any = event.data  # type: ignore[attr-defined]
    row = network.ledger.row(data.pool, data.sku, data.stock_class)
    if routes is None or (row is None and data.pool not in routes.pools):
        raise BadRecord(
            "unknown_pool", f'pool "{data.pool}" is not in network "{network.name}"; apply it first'
        )
    if row is not None:
        return _DECIDE[type(event)](row, event, moment)
    effects = _DECIDE[type(event)](
        stock.new_row(network.name, data.pool, data.sku, data.stock_class), event, moment
    )
    if (
        effects.rows
        and data.sku not in routes.items
        and all(known.pool != data.pool for known in network.ledger.rows_of(data.sku))
    ):
        effects.notices.append(_unknown_item(network.name, data.pool, data.sku, moment))
    return effects


def is_ignored(network: Network, event: Event) -> bool:
    """Whether an event had no effect because a count in force overrules it, and not because it was said once more.

    One of them is late. Where all that a pool says is ignored, its sequence has begun anew.
    """
    data: Any = event.data  # type: ignore[attr-defined]
    row = network.ledger.row(data.pool, data.sku, data.stock_class)
    if row is None or type(event) in _OF_BLOCKS:
        return False
    if type(event) is StockCountedEvent:
        return stock.ignores_count(row, data.quantity, data.mark)
    return stock.ignores_move(row, data.position, data.document)


def _counted(row: StockRow, event: StockCountedEvent, moment: Moment) -> Effects:
    data = event.data
    if data.snapshot_id is not None:
        raise BadRecord("unsupported", "snapshots are not taken yet: send the count without snapshot_id")
    after = stock.counted(row, data.quantity, data.mark)
    if after is None:
        return nothing()
    expected = stock.expected_at(row, data.mark)
    if not row.counted or expected == data.quantity:
        return Effects([after], [])
    return Effects([after], [_drift(row, expected, data.quantity, data.mark, moment)])


def _adjusted(row: StockRow, event: StockAdjustedEvent, moment: Moment) -> Effects:
    return _moved(row, event.data.position, event.data.delta, event.data.document, moment)


def _sold(row: StockRow, event: StockSoldEvent, moment: Moment) -> Effects:
    return _moved(row, event.data.position, -event.data.quantity, event.data.document, moment)


def _moved(row: StockRow, position: int, delta: int, document: str, moment: Moment) -> Effects:
    after = stock.moved(row, position, delta, document, moment.limits) if delta else None
    return nothing() if after is None else Effects([after], [])


def _blocked(row: StockRow, event: StockBlockedEvent, moment: Moment) -> Effects:
    data = event.data
    until_ms = None if data.until is None else to_ms(data.until)
    after = stock.blocked(row, data.quantity, data.document, until_ms, moment.limits)
    if after is not None and until_ms is not None and until_ms <= moment.now_ms:
        # Read too late to keep anything back: it would take promises away, and give them back in the next bundle.
        after = stock.holds_expired(after, moment.now_ms, moment.limits)
    return nothing() if after is None else Effects([after], [])


def _unblocked(row: StockRow, event: StockUnblockedEvent, moment: Moment) -> Effects:
    data = event.data
    after = stock.unblocked(row, data.quantity, data.document, data.position, moment.limits)
    if after is None:
        return nothing()
    effects = Effects([after], [])
    if data.quantity > row.blocked:
        effects.notices.append(
            exception_opened(
                moment,
                row.network,
                ExceptionData(
                    exception_id=f"unblocked_too_much/{in_id(row.pool)}/{in_id(row.sku)}/{in_id(data.document)}",
                    kind="unblocked_too_much",
                    cause=f"{data.quantity} units were unblocked, only {row.blocked} were blocked",
                    pool=row.pool,
                    sku=row.sku,
                    ways_out=[
                        "count the SKU",
                        "send the block that is missing, then its end again at a new position",
                    ],
                ),
            )
        )
    others, lasting = stock.taken_from_others(row, after, data.document)
    if others or lasting:
        unknown = _unknown_block(row, data.document, row.blocked - after.blocked, others, lasting)
        effects.notices.append(exception_opened(moment, row.network, unknown))
    return effects


def _unknown_block(
    row: StockRow, document: str, units: int, others: list[str], lasting: int
) -> ExceptionData:
    """It came before its block or without one, or so long after it that the block's paper is forgotten.

    The units were taken from `others`, which end by themselves, and so many from `lasting` blocks, which do not.
    """
    was, they = ("unit was", "it was") if units == 1 else ("units were", "they were")
    taken, ways_out = [], []
    if others:
        named = " and ".join([f'"{name}"' for name in others[:NAMED_MAX]])
        named += f" and {len(others) - NAMED_MAX} more" if len(others) > NAMED_MAX else ""
        block = "blocks" if len(others) == 1 else "block"
        taken.append(f"what {named} {block}, of which so much less ends by itself")
        ways_out.append(
            f"once {named} should have ended, unblock as many units under a document of their own"
        )
    if lasting:
        taken.append(f"{f'{lasting} of them from ' if others else ''}blocks that do not end by themselves")
        ways_out += [
            f'leave it, if "{document}" is so old that its block is forgotten, or its block is still to come',
            f"else block {lasting} again under another document",
        ]
    return ExceptionData(
        exception_id=f"unknown_block/{in_id(row.pool)}/{in_id(row.sku)}/{in_id(document)}",
        kind="unknown_block",
        cause=f'{units} {was} unblocked under "{document}", of which no block is known: {they} taken from '
        f"{', and '.join(taken)}",
        pool=row.pool,
        sku=row.sku,
        ways_out=[*ways_out, "send the end of a block after the block"],
    )


def _drift(row: StockRow, expected: int, counted: int, mark: int, moment: Moment) -> Outgoing:
    key = f"{in_id(row.pool)}/{in_id(row.sku)}/{in_id(row.stock_class)}"
    notice = StockDriftFound(
        id=f"{moment.sequence}/stock_drift/{key}/{mark}",
        time=moment.time,
        network=row.network,
        sequence=moment.sequence,
        data=StockDriftData(
            pool=row.pool,
            sku=row.sku,
            stock_class=row.stock_class,
            expected=expected,
            counted=counted,
            mark=mark,
        ),
    )
    return Outgoing(EXCEPTIONS, key, notice)


def _unknown_item(network: str, pool: str, sku: str, moment: Moment) -> Outgoing:
    return exception_opened(moment, network, unknown_stock_data(pool, sku))


def unknown_stock_data(pool: str, sku: str) -> ExceptionData:
    """What the exception says, when it is opened and when it is closed.

    Its id begins unlike that of an order's unknown item: an order may be named like a pool.
    """
    return ExceptionData(
        exception_id=f"unknown_item_in_stock/{in_id(pool)}/{in_id(sku)}",
        kind="unknown_item",
        cause=f'stock of "{sku}" was stated, but no such item is in force; it is kept and not promised',
        pool=pool,
        sku=sku,
        ways_out=["apply the item", "correct the SKU at its source and count it to zero here"],
    )


_OF_BLOCKS = (StockBlockedEvent, StockUnblockedEvent)
"""They take effect in the order in which they are read, wherever in the sequence they stand."""

_DECIDE: dict[type, Callable[[StockRow, Any, Moment], Effects]] = {
    StockCountedEvent: _counted,
    StockAdjustedEvent: _adjusted,
    StockBlockedEvent: _blocked,
    StockUnblockedEvent: _unblocked,
    StockSoldEvent: _sold,
}
