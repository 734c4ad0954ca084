"""What a network holds, in one breath."""

from __future__ import annotations

from cli.network_dir.reading import Network
from cli.words.counting import counted
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


def reached(network: Network) -> dict[str, int]:
    """How many countries it delivers to, and how many time zones it lives by."""
    zones = [entity for entity in network.entities if isinstance(entity, ZoneEntity)]
    clocks = sum(isinstance(entity, TimeZoneEntity) for entity in network.entities)
    return {"country": len({zone.country for zone in zones}), "time zone": clocks}


def summary(network: Network) -> str:
    """`network eu: 16 pools, 500 items, ..., in 3 time zones`."""
    parts = [counted(count, noun) for noun, count in counts(network).items()]
    countries, clocks = (counted(count, noun) for noun, count in reached(network).items())
    where = f"delivering to {countries}, in {clocks}"
    return f"network {network.name}: {', '.join(parts[:-1])} and {parts[-1]}, {where}"
