"""The fixed history, lived in format 1 or going on from what release 0.1 left; and the end of the upgrade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operators.bundle import Publication
from schemas.formats import FORMAT
from schemas.kinds import STATE_TOPICS
from state.limits import Limits
from tests.replay import history
from tests.small_network import network
from tests.upgrade.record import kept
from tests.world import Told, World, restore

RECORDED = Path(__file__).parent / "format_1.jsonl"
LIMITS = Limits(agenda_orders_max=3, search_sets_max=20)
FINALISED: dict[str, Any] = {"partition": 0, "format": FORMAT}


def left_by_release_0_1() -> World:
    """A router that takes over what is in `format_1.jsonl`."""
    world = World(None, LIMITS)
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        world.publications.append((record["topic"], record["key"].encode(), record["value"].encode(), None))
    world.partition = restore(world.publications, LIMITS)
    world.offsets = dict(world.partition.positions)
    world.now_ms = world.partition.decided_at_ms
    world.number_events_from(1_000_000)
    return world


def new_in_format_1() -> World:
    """A partition of a deployment that is being upgraded, before it has decided anything."""
    world = World(None, LIMITS)
    world.partition.format = FORMAT - 1
    world.apply(*network())
    return world


def live(world: World, bundles: int, first: int = 0) -> Iterator[World]:
    """The world after each of these bundles of the fixed history."""
    return history.live(world, bundles, first)


def finalise(world: World) -> Told:
    return world.send(("format.finalised", FINALISED))


def rows_of(publications: list[Publication]) -> list[tuple[bytes, bytes]]:
    """Key and value of each row as a compacted topic holds it."""
    return [(key, value) for topic, key, value in kept(publications) if topic in STATE_TOPICS]
