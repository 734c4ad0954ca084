"""Stock a second time, written from the domain model: every move is kept for good, every figure derived anew.

Shares nothing with the router but the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shelf:
    """One SKU in one pool.  Reservations are not here: they follow from the shipments."""

    base: int = 0
    mark: int = -1
    is_counted: bool = False
    moves: list[tuple[int, int, str]] = field(default_factory=list)
    blocks: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """Units blocked and when that ends, by document."""
    ended: set[str] = field(default_factory=set)
    """Blocks of which anything was left when their time came."""
    documents: set[str] = field(default_factory=set)
    suspect: int = 0
    suspect_position: int = -1

    @property
    def on_hand(self) -> int:
        return self.base + sum(delta for position, delta, _ in self.moves if position > self.mark)

    @property
    def blocked(self) -> int:
        return sum(units for units, _ in self.blocks.values())

    def there(self) -> int:
        """Units that may be promised, before reservations and safety stock."""
        return self.on_hand - self.blocked - self.suspect

    def end_blocks(self, now_ms: int) -> None:
        for document, (units, until) in self.blocks.items():
            if units and until is not None and until <= now_ms:
                self.ended.add(document)
        self.blocks = {
            document: (units, until)
            for document, (units, until) in self.blocks.items()
            if until is None or until > now_ms
        }

    # --- facts; each says whether it changed anything -------------------------------------------------------

    def count(self, data: dict[str, Any], released: int) -> bool:
        if self.is_counted and data["mark"] <= self.mark:
            return False
        before = self.on_hand
        self.base, self.mark, self.is_counted = data["quantity"], data["mark"], True
        self._there_was_more(data["mark"], self.on_hand - before, released)
        if self.mark > self.suspect_position:
            self.suspect, self.suspect_position = 0, -1
        self._doubt_no_more_than_there_is()
        return True

    def move(self, position: int, delta: int, document: str, released: int) -> bool:
        known = any(name == document for _, _, name in self.moves)
        if delta == 0 or position <= self.mark or known:
            return False
        self.moves.append((position, delta, document))
        self._there_was_more(position, delta, released)
        self._doubt_no_more_than_there_is()
        return True

    def block(self, data: dict[str, Any], until_ms: int | None) -> bool:
        if data["document"] in self.documents:
            return False
        self.documents.add(data["document"])
        self.blocks[data["document"]] = (data["quantity"], until_ms)
        return True

    def unblock(self, data: dict[str, Any]) -> bool:
        if data["document"] in self.ended:
            return False
        units, until = self.blocks.get(data["document"], (0, None))
        if units:
            self.blocks[data["document"]] = (max(0, units - data["quantity"]), until)
        return True

    def doubt(self, position: int, released: int) -> None:
        """After a short pick: all that is not on its way out already may be missing as well."""
        if position >= self.mark:
            self.suspect = max(self.suspect, self.on_hand - self.blocked - released)
            self.suspect_position = max(position, self.suspect_position)

    def _there_was_more(self, position: int, units: int, released: int) -> None:
        """Units of which somebody tells late that they were there when a picker found too few."""
        if position <= self.suspect_position and units > 0:
            self.suspect = max(self.suspect, min(self.suspect + units, self.on_hand - released))

    def _doubt_no_more_than_there_is(self) -> None:
        self.suspect = max(0, min(self.suspect, self.on_hand))
