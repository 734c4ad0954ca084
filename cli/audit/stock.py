"""The auditor's own arithmetic of one stock row: counts against moves, blocks, suspicion, reservations."""

from __future__ import annotations

BEFORE_ANY_COUNT = -1
NO_END_MS = -1
"""Of a block that only an unblock ends."""


class Stock:
    """One SKU in one pool and class.

    `on_hand` is the last count plus every move that the warehouse placed after it, whatever the order of arrival.
    `reserved` counts live units that have not left; `released` is the part of it that the warehouse was told.
    """

    __slots__ = (
        "base", "blocked", "documents", "holders", "holds", "mark", "moves", "on_hand", "released", "reserved",
        "suspect", "suspect_position",
    )  # fmt: skip

    def __init__(self) -> None:
        self.base = 0
        self.mark = BEFORE_ANY_COUNT
        self.moves: list[tuple[int, int]] = []
        self.on_hand = 0
        self.documents: set[tuple[str, ...]] = set()
        self.blocked = 0
        self.holds: dict[str, tuple[int, int]] = {}
        """Blocks that end by themselves: (instant, units) by document."""
        self.suspect = 0
        self.suspect_position = BEFORE_ANY_COUNT
        self.reserved = 0
        self.released = 0
        self.holders: set[str] = set()
        """Shipments with units here, to find those marked at risk."""

    @property
    def excess(self) -> int:
        """Units promised, blocked or suspect beyond what is on hand; not positive when all is covered."""
        return self.reserved + self.blocked + self.suspect - self.on_hand

    def count(self, quantity: int, mark: int) -> bool:
        """A count: goods that moved after it still apply.  False when a later count was known before."""
        if mark <= self.mark:
            return False
        before = self.on_hand
        self.base = quantity
        self.mark = mark
        self.moves = [move for move in self.moves if move[0] > mark]
        self.on_hand = quantity + sum(delta for _, delta in self.moves)
        if mark > self.suspect_position:
            self.suspect = 0
            self.suspect_position = BEFORE_ANY_COUNT
        else:
            self._doubt_what_was_there_too(self.on_hand - before)
        self._doubt_what_is_there()
        return True

    def move(self, position: int, delta: int) -> None:
        """Goods came or went; the last count knew already of moves up to its mark."""
        if position > self.mark:
            self.moves.append((position, delta))
            self.on_hand += delta
            if position <= self.suspect_position:
                self._doubt_what_was_there_too(delta)
            self._doubt_what_is_there()

    def _doubt_what_is_there(self) -> None:
        """No more is suspect than is there: whoever took units away has found them."""
        self.suspect = max(0, min(self.suspect, self.on_hand))

    def _doubt_what_was_there_too(self, more: int) -> None:
        """Told only now, but there when the picker found too few: as doubtful as the rest, unless it is going out."""
        not_going_out = self.on_hand - self.released
        if more > 0 and not_going_out > self.suspect:
            self.suspect = min(self.suspect + more, not_going_out)

    def first_time(self, *document: str) -> bool:
        """Whether this document was not applied before: the same paper may come through two systems."""
        if document in self.documents:
            return False
        self.documents.add(document)
        return True

    def is_news(self, position: int, document: str) -> bool:
        """Whether a movement has an effect: later than the count, and on a paper that no system sent before."""
        return position > self.mark and self.first_time("moved", document)

    def block(self, document: str, quantity: int, until_ms: int) -> None:
        """Set units aside; they stay on hand."""
        self.blocked += quantity
        if until_ms != NO_END_MS:
            self.holds[document] = (until_ms, quantity)

    def unblock(self, document: str, quantity: int) -> None:
        """Units are free again, never more than are blocked; a block that ends by itself has less to end.

        What is said of a block after its time has no effect.  What no known block explains is taken from those that
        end first: no other paper's units may end with them.
        """
        if ("ended", document) in self.documents:
            return
        freed = min(quantity, self.blocked)
        self.blocked -= freed
        unexplained = 0 if ("blocked", document) in self.documents else freed
        if document in self.holds:
            held = self.holds[document][1]
            self._hold_less(document, freed)
            unexplained -= min(unexplained, held)
        beyond = sum(held for _, held in self.holds.values()) - self.blocked
        for _, name in sorted((until_ms, name) for name, (until_ms, _) in self.holds.items()):
            less = max(unexplained, beyond)
            if less > 0:
                held = self.holds[name][1]
                self._hold_less(name, less)
                unexplained, beyond = unexplained - min(held, less), beyond - min(held, less)

    def _hold_less(self, document: str, units: int) -> None:
        until_ms, held = self.holds.pop(document)
        if held > units:
            self.holds[document] = (until_ms, held - units)

    def expire_blocks(self, now_ms: int) -> None:
        """End the blocks whose time has come."""
        for document, (until_ms, held) in list(self.holds.items()):
            if until_ms <= now_ms:
                del self.holds[document]
                self.documents.add(("ended", document))
                self.blocked = max(0, self.blocked - held)

    def distrust(self, position: int) -> None:
        """A picker found less than there should be: what is neither blocked nor on its way out is suspect.

        A count that was taken after the pick has looked already; what was suspect before the pick stays so.
        """
        if position < self.mark:
            return
        self.suspect = max(self.suspect, self.on_hand - self.blocked - self.released)
        self.suspect_position = max(self.suspect_position, position)
