"""Where records of one topic must have been taken before those of another are sent.

A router reads the topics side by side, so an order may overtake the count that it needs, and a warehouse's event the
order that it is about.
"""

from __future__ import annotations

from schemas.kinds import FULFILMENT, INVENTORY, ORDERS


class Pauses:
    """One run of records, asked for each of them in its order."""

    def __init__(self) -> None:
        self._before = ""
        self._stock_taken = False

    def due_before(self, topic: str) -> bool:
        """Whether the router needs time to take what came before, ahead of a record of this topic."""
        answers = topic == FULFILMENT and self._before not in {"", FULFILMENT}
        # Once is enough: a file that mixes stock and orders should not take a second for each change.
        needs_stock = topic == ORDERS and self._before == INVENTORY and not self._stock_taken
        self._before = topic
        if answers or needs_stock:
            self._stock_taken = True
        return answers or needs_stock
