"""What whoever takes a partition over must find out for its figures, a slice at a time while it decides already.

Rows never change, so the orders are looked through as they were at the take-over; what happened since is counted on top
of that, once all of them have been seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import islice

from flows.metrics.network import NetworkFigures

ORDERS_AT_ONCE = 1_000
"""Looked through between two polls: a few milliseconds."""


class TakingOver:
    """The orders of some networks, as they were when the partition was taken over."""

    def __init__(self, networks: Sequence[NetworkFigures], since_ms: int) -> None:
        self._since_ms = since_ms
        self._orders = deque((figures, iter(figures.orders_now())) for figures in networks)

    def step(self) -> bool:
        """Look through some more orders; True when these were the last."""
        if self._orders:
            figures, rows = self._orders[0]
            some = list(islice(rows, ORDERS_AT_ONCE))
            for row in some:
                figures.find(row, self._since_ms)
            if len(some) < ORDERS_AT_ONCE:
                self._orders.popleft()
        return not self._orders
