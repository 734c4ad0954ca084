"""On a cold start inputs open one after another, so that no order meets an empty warehouse.

First the reference data, then the stock, then orders and fulfilment; each opens when the one before it was
read to the end that it had at the start.  A partition that has read an order before starts with everything open.
"""

from __future__ import annotations

from schemas.kinds import FULFILMENT, INVENTORY, ORDERS, REFERENCE

STAGES: tuple[tuple[str, ...], ...] = ((REFERENCE,), (INVENTORY,), (ORDERS, FULFILMENT))


class Gate:
    """Which topics of one partition may be read.  `ends` are the ends seen at the start, by topic kind."""

    def __init__(self, ends: dict[str, int]) -> None:
        self._ends = ends
        self._stage = 0

    @property
    def open_topics(self) -> tuple[str, ...]:
        """Topics that may be read now."""
        return tuple(topic for stage in STAGES[: self._stage + 1] for topic in stage)

    @property
    def is_open(self) -> bool:
        """Everything may be read."""
        return self._stage == len(STAGES) - 1

    def advance(self, positions: dict[str, int]) -> tuple[str, ...]:
        """Topics to open now that reading got to these positions."""
        opened: list[str] = []
        while not self.is_open and all(
            positions[topic] >= self._ends[topic] for topic in STAGES[self._stage]
        ):
            self._stage += 1
            opened += STAGES[self._stage]
        return tuple(opened)
