"""What the files state, before anything is derived or cross-checked: entities with the line they stand on."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct, field

from cli.network_dir.calendars import CalendarRule
from schemas.reference import (
    ChannelEntity,
    CutoffEntity,
    ItemEntity,
    ItemPoolEntity,
    LaneEntity,
    NetworkEntity,
    PolicyEntity,
    PoolEntity,
    ServiceLevelEntity,
    ZoneEntity,
)

NETWORK_FILE = "network.toml"
POOLS_FILE = "pools.csv"
LANES_FILE = "lanes.csv"
CUTOFFS_FILE = "cutoffs.csv"
ITEMS_FILE = "items.csv"
ITEM_POOLS_FILE = "item_pools.csv"

REQUIRED_FILES = (NETWORK_FILE, POOLS_FILE, LANES_FILE, CUTOFFS_FILE, ITEMS_FILE)
FILES = (*REQUIRED_FILES, ITEM_POOLS_FILE)

Entity_co = TypeVar("Entity_co", covariant=True)


class Placed(Struct, Generic[Entity_co], frozen=True):
    """An entity and the line of its file; a table of TOML also knows the lines of its keys."""

    entity: Entity_co
    line: int | None
    key_lines: dict[str, int | None] = {}

    def line_of(self, key: str) -> int | None:
        """The line of one of its keys, where they have lines of their own."""
        return self.key_lines.get(key, self.line)


class Stated(Struct, kw_only=True):
    """All that the directory says.  A file that could not be read leaves its part None.

    `doubtful` are files, and sections of network.toml, of which a part could not be read: what is not found there may
    stand in that part, so nobody is blamed for naming it.
    """

    doubtful: set[str] = field(default_factory=set)
    network: str = ""
    settings: NetworkEntity | None = None
    channels: dict[str, Placed[ChannelEntity]] = field(default_factory=dict)
    all_pools: set[str] = field(default_factory=set)
    """Channels that say `pools = "all"`."""
    services: dict[str, Placed[ServiceLevelEntity]] = field(default_factory=dict)
    policies: dict[str, Placed[PolicyEntity]] = field(default_factory=dict)
    calendars: dict[str, Placed[CalendarRule]] = field(default_factory=dict)
    zones: dict[str, Placed[ZoneEntity]] = field(default_factory=dict)
    """What is empty is derived from the country."""
    carriers: dict[str, Placed[str]] = field(default_factory=dict)
    """A carrier's calendar; empty when it collects on every day."""
    pools: dict[str, Placed[PoolEntity]] | None = None
    lanes: dict[tuple[str, ...], Placed[LaneEntity]] | None = None
    cutoffs: dict[tuple[str, ...], Placed[CutoffEntity]] | None = None
    items: dict[str, Placed[ItemEntity]] | None = None
    item_pools: dict[tuple[str, ...], Placed[ItemPoolEntity]] | None = None
