"""What a network holds, in one breath."""

from __future__ import annotations

from cli.network_dir.reading import Network
from schemas.reference import (
    ChannelEntity,
    ItemEntity,
    LaneEntity,
    PoolEntity,
    ServiceLevelEntity,
    TimeZoneEntity,
    ZoneEntity,
)

COUNTED = {
    PoolEntity: "pool",
    ItemEntity: "item",
    LaneEntity: "lane",
    ZoneEntity: "zone",
    ServiceLevelEntity: "service level",
    ChannelEntity: "channel",
}


def counts(network: Network) -> dict[str, int]:
    """How many entities of the kinds that a person asks about."""
    kinds: list[type] = [type(entity) for entity in network.entities]
    return {noun: kinds.count(kind) for kind, noun in COUNTED.items()}


def summary(network: Network) -> str:
    """`network eu: 16 pools, 500 items, ..., in 3 time zones`."""
    parts = [counted(count, noun) for noun, count in counts(network).items()]
    zones = [entity for entity in network.entities if isinstance(entity, ZoneEntity)]
    countries = len({zone.country for zone in zones})
    clocks = sum(isinstance(entity, TimeZoneEntity) for entity in network.entities)
    where = f"delivering to {counted(countries, 'country')}, in {counted(clocks, 'time zone')}"
    return f"network {network.name}: {', '.join(parts[:-1])} and {parts[-1]}, {where}"


def counted(count: int, noun: str) -> str:
    """`1 pool`, `1,200 pools`, `5 countries`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"
