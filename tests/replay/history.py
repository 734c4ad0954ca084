"""A fixed history of a small network, a few hundred bundles long: the same records whoever makes it.

Made by a little arithmetic instead of chance, and by asking the router itself which shipments a warehouse could
answer for.  Run as a program it prints the digest of everything that was published.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from operators.bundle import Publication
from schemas.times import rfc3339
from state.limits import Limits
from tests.small_network import network
from tests.world import World, placed

BUNDLES = 240
MINUTE_MS = 60_000
DAY_MS = 1_440 * MINUTE_MS
POOLS = ("berlin", "paris", "london", "corner")
SKUS = ("lamp", "chair", "rug", "vase")

Event = tuple[str, dict[str, Any]]


def numbers() -> Iterator[int]:
    """A long row of numbers that look like chance and never change (Knuth's multiplier, the high bits)."""
    state = 2026
    while True:
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        yield state >> 33


def histories(bundles: int = BUNDLES) -> Iterator[World]:
    """The world after each bundle."""
    return live(World(network(), Limits(agenda_orders_max=3, search_sets_max=20)), bundles)


def live(world: World, bundles: int, first: int = 0) -> Iterator[World]:
    """As `histories`, in a world that may have a past."""
    row = numbers()
    for number in range(first, first + bundles):
        world.now_ms += (next(row) % 90) * MINUTE_MS
        world.send(*(_event(world, number, at, row) for at in range(next(row) % 6)))
        yield world


def _event(world: World, bundle: int, at: int, row: Iterator[int]) -> Event:
    kind = next(row) % 10
    pool, sku = POOLS[next(row) % 4], SKUS[next(row) % 4]
    position = bundle * 10 + at - next(row) % 8 + 8
    if kind < 2:
        return "stock.counted", {"pool": pool, "sku": sku, "quantity": next(row) % 9, "mark": position}
    if kind == 2:
        data = {
            "pool": pool,
            "sku": sku,
            "delta": next(row) % 7 - 3,
            "reason": "r",
            "document": f"d{position}",
        }
        return "stock.adjusted", {**data, "position": position}
    if kind == 3:
        end = rfc3339(world.now_ms + next(row) % 300 * MINUTE_MS)
        data = {
            "pool": pool,
            "sku": sku,
            "quantity": 1 + next(row) % 2,
            "reason": "r",
            "document": f"b{position}",
        }
        return "stock.blocked", {**data, "position": position, "until": end}
    if kind < 7:
        lines = [(SKUS[next(row) % 3], 1 + next(row) % 3) for _ in range(1 + next(row) % 2)]
        return placed(
            f"o{bundle}-{at}", *lines, priority=4 + next(row) % 2, channel=("web", "express")[next(row) % 2],
            placed_at=rfc3339(world.now_ms // DAY_MS * DAY_MS), ship_complete=not next(row) % 5,
        )  # fmt: skip
    if kind == 7:
        return "cancel.requested", {
            "order_id": f"o{bundle - next(row) % 9}-{next(row) % 3}",
            "request_id": f"r{bundle}-{at}",
        }
    return _answer(world, position, row)


def _answer(world: World, position: int, row: Iterator[int]) -> Event:
    answer = next(row) % 5
    if answer == 4:
        # Mostly of what left, sometimes of what is still to leave.
        name = _one_of(world, "dispatched" if next(row) % 3 else "sent", row)
        stated = next(row) % 3
        return "shipment.delivered", {
            "shipment_id": name,
            **({"lines_total": {"1": stated}} if stated else {}),
        }
    name = _one_of(world, "sent accepted", row)
    if answer == 0:
        return "shipment.accepted", {"shipment_id": name}
    if answer == 1:
        return "shipment.rejected", {"shipment_id": name}
    if answer == 2:
        return "line.short_picked", {"shipment_id": name, "line_id": "1", "missing": 1, "position": position}
    return "shipment.dispatched", {
        "shipment_id": name, "lines_total": {"1": 1 + next(row) % 3}, "position": position, "carrier": "post",
    }  # fmt: skip


def _one_of(world: World, states: str, row: Iterator[int]) -> str:
    """A shipment in one of these states."""
    names = sorted(
        shipment.shipment_id
        for order in world.network.orders.rows.values()
        for shipment in order.shipments
        if shipment.state in states.split()
    )
    return names[next(row) % len(names)] if names else "nobody/1/1"


def digest_of(publications: list[Publication]) -> str:
    """Of every byte that was published, in order."""
    total = hashlib.sha256()
    for publication in publications:
        total.update(msgspec.msgpack.encode(publication))
    return total.hexdigest()


if __name__ == "__main__":
    world = list(histories())[-1]
    sys.stdout.write(f"{digest_of(world.publications)} {len(world.publications)}\n")
