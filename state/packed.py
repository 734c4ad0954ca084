"""Stock rows as they lie on their topic, until somebody asks for their SKU.

Making a million rows takes several times as long as reading their bytes, and most orders of the next minute are for few
SKUs.  So a restore leaves the others packed, and a partition decides again so much sooner.
"""

from __future__ import annotations

from sys import intern

from msgspec.structs import force_setattr

from schemas.codec import decode_row
from schemas.digest import row_hash
from schemas.rows import StockRow

_NEWEST = b'["stock.1",'
_MOVES_THEN_NO_HOLDS = "],[],["
"""The end of the moves, no holds, the beginning of the documents.  Moves are pairs, none is empty."""


class PackedStock:
    """Packed stock rows of one network, by SKU and by the row's key on the topic.

    `row_hashes` are those of all rows of the partition that are not packed, by key.
    """

    def __init__(self, row_hashes: dict[bytes, int]) -> None:
        self.count = 0
        self._row_hashes = row_hashes
        self._by_sku: dict[str, dict[bytes, bytes]] = {}

    def holds(self, sku: str) -> bool:
        """Whether there are packed rows of this SKU: all of its rows then."""
        return sku in self._by_sku

    def skus(self) -> list[str]:
        """Those of which there are packed rows."""
        return list(self._by_sku)

    def put(self, sku: str, key: bytes, value: bytes) -> int:
        """Keep a row; returns what it adds to the digest."""
        added = row_hash(key, value)
        rows = self._by_sku.get(sku)
        if rows is None:
            rows = self._by_sku[sku] = {}
        before = rows.get(key)
        if before is None:
            self.count += 1
        else:
            added -= row_hash(key, before)
        rows[key] = value
        return added

    def take(self, sku: str) -> list[StockRow]:
        """Unpack all rows of a SKU, and forget them here."""
        packed = self._by_sku.get(sku)
        if packed is None:
            return []
        rows: list[StockRow] = []
        for key, value in packed.items():
            self._row_hashes[key] = row_hash(key, value)
            row = decode_row(value)
            assert isinstance(row, StockRow)
            rows.append(with_shared_names(row))
        del self._by_sku[sku]
        self.count -= len(packed)
        return rows


def packable(value: bytes) -> tuple[str, str] | None:
    """Network and SKU of a row that can stay packed, None for any other.

    That is a stock row in the newest shape of which nothing wants to be woken: whose holds are empty.  Strings stand
    between quotation marks, and where nothing is escaped there are no others.
    """
    if not value.startswith(_NEWEST):
        return None
    # Replaced, because what is no text does not add up to the digest: that is told better than a wrong letter.
    text = value.decode("utf-8", "replace")
    parts = text.split('"', 11)
    if len(parts) < 11 or _MOVES_THEN_NO_HOLDS not in parts[10] or "\\" in text:
        return None
    return parts[3], parts[7]


def with_shared_names(row: StockRow) -> StockRow:
    """The row with names that it shares with others: a million rows would otherwise hold a million copies of each.

    Nobody else has seen the row yet, so it may still be changed; building it anew costs three times as much.
    """
    # One after the other: a loop over their names costs a third more, a million times.
    force_setattr(row, "network", intern(row.network))
    force_setattr(row, "pool", intern(row.pool))
    force_setattr(row, "sku", intern(row.sku))
    force_setattr(row, "stock_class", intern(row.stock_class))
    return row
