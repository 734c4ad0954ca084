"""The carriers: they drive what left a warehouse to the customers, and scan most of it at the door."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from cli.demo.client import Event

ROAD_S = (0.8, 2.5)
"""A day or two on the road, as the warehouses do a day's work in two seconds."""
SCANNED_SHARE = 0.8
"""Nobody scans the rest: it may have arrived all the same."""

Scan = tuple[str, Event]
"""Carrier, data."""


class Carriers:
    """Take what a warehouse hands over, and say later that it was delivered."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._due: list[tuple[float, str, str]] = []

    def collect(self, dispatched: Event, now_s: float) -> None:
        """A shipment is handed over."""
        if self._random.random() < SCANNED_SHARE:
            arrives_s = now_s + self._random.uniform(*ROAD_S)
            heappush(self._due, (arrives_s, dispatched["shipment_id"], dispatched["carrier"]))

    def scan(self, now_s: float) -> Iterator[Scan]:
        """Everything that is scanned by now."""
        while self._due and self._due[0][0] <= now_s:
            _, shipment_id, carrier = heappop(self._due)
            yield carrier, {"shipment_id": shipment_id}
