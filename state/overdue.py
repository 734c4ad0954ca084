"""Timers of a copy: whoever decides for the partition fires them there; here they pass by.

A copy takes every row that its owner publishes, and with each the timers that a take-over would need.  Nothing fires
in a copy, so without this its timers would pile up for as long as it follows.
"""

from __future__ import annotations

from schemas.rows import PLANNED
from state.network import Network
from state.timers import CUT_OFF, FORGET, RELEASE, RETRY, UNBLOCK, Timer

LOOK_AGAIN_AT = 1_000


class Overdue:
    """Timers whose time has passed though their row still wants them: an owner fires them late, or is about to."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Timer], None] = {}
        self._look_again_at = LOOK_AGAIN_AT

    def pass_by(self, networks: dict[str, Network], now_ms: int, timers_max: int) -> None:
        """Take out what is due, at most so many of each network, and keep of it what is still wanted."""
        for name, network in networks.items():
            for timer in network.timers.due(now_ms, timers_max):
                if is_wanted(network, timer):
                    self._kept[name, timer] = None
        if len(self._kept) >= self._look_again_at:
            self._kept = {key: None for key in self._kept if is_wanted(networks[key[0]], key[1])}
            self._look_again_at = max(LOOK_AGAIN_AT, 2 * len(self._kept))

    def give_back(self, networks: dict[str, Network]) -> None:
        """From here on timers fire where they are."""
        for name, timer in self._kept:
            networks[name].timers.add(*timer)
        self._kept.clear()


def is_wanted(network: Network, timer: Timer) -> bool:
    """Whether the row would set this timer if it were put now for the first time.

    A timer that is not wanted may go: the `put` that makes it wanted sets it again.
    """
    due_ms, kind, identity = timer
    if kind == UNBLOCK:
        return network.ends_a_block(due_ms, identity)
    order = network.orders.rows.get(identity[0])
    if order is None:
        return False
    planned = [shipment for shipment in order.shipments if shipment.state == PLANNED]
    if kind == CUT_OFF:
        return any(shipment.ship_by_ms + 1 == due_ms for shipment in planned)
    if kind == RELEASE:
        return any(shipment.release_at_ms == due_ms for shipment in planned)
    if kind == RETRY:
        return order.retry_at_ms == due_ms
    if kind == FORGET:
        return order.closed_at_ms == due_ms
    return True
