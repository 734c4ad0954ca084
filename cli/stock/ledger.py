"""The stock rows that the ledger topic has now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from schemas.codec import decode_row
from schemas.rows import StockRow
from schemas.topics import LEDGER

_key_decoder = msgspec.json.Decoder(tuple[str | int, ...])


class StockRows(Struct):
    """Rows that were wanted, each with its partition, and the names of all that there are."""

    rows: list[tuple[int, StockRow]]
    skus: set[str]
    pools: set[str]


def stock_rows(
    connection: Connection, partitions: Sequence[int], wanted: Callable[[str, str], bool]
) -> StockRows:
    """The latest row of each key of which (pool, SKU) is wanted: there may be millions of others."""
    latest: dict[bytes, tuple[int, bytes]] = {}
    skus: set[str] = set()
    pools: set[str] = set()
    for message in read_topic(connection, LEDGER, partitions):
        key = message.key() or b"null"
        kind, _network, *names = _key_decoder.decode(key)
        if kind != "stock":
            continue
        pool, sku = str(names[0]), str(names[1])
        pools.add(pool)
        skus.add(sku)
        value = message.value()
        if not wanted(pool, sku):
            continue
        if value is None:
            latest.pop(key, None)
        else:
            latest[key] = message.partition() or 0, value
    rows = [(partition, decode_row(value)) for partition, value in latest.values()]
    return StockRows([(partition, row) for partition, row in rows if isinstance(row, StockRow)], skus, pools)
