"""What makes a reference set contradict itself: every reference must lead somewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.reference import (
    AnyEntity,
    CarrierEntity,
    ChannelEntity,
    CutoffEntity,
    ItemPoolEntity,
    LaneEntity,
    PoolEntity,
    ZoneEntity,
    entity_key,
    entity_kind,
)

EntityKey = tuple[str, ...]
"""(kind, *key)."""

FAULTS_NAMED_MAX = 50

_REFERENCES: dict[type, tuple[tuple[str, str], ...]] = {
    ChannelEntity: (("pools", "pool"), ("policy", "policy")),
    ZoneEntity: (("time_zone", "time_zone"), ("calendar", "calendar")),
    CarrierEntity: (("calendar", "calendar"),),
    LaneEntity: (("pool", "pool"), ("zone", "zone"), ("service", "service_level"), ("carrier", "carrier")),
    PoolEntity: (("time_zone", "time_zone"), ("calendar", "calendar")),
    CutoffEntity: (("pool", "pool"), ("carrier", "carrier"), ("service", "service_level")),
    ItemPoolEntity: (("pool", "pool"),),
}
"""For each kind, which field names an entity of which other kind.

`item_pool.sku` may come before its item, as stock may.
"""


def faults_of(entities: Mapping[EntityKey, AnyEntity]) -> list[str]:
    """Sentences, the first `FAULTS_NAMED_MAX` of them; empty when the entities, by (kind, *key), fit together."""
    faults: list[str] = []
    if ("network",) not in entities:
        faults.append("no network entity: state the currency first")
    # Nearly all of a network are items, which name nothing.
    naming = [entity for entity in entities.values() if type(entity) in _REFERENCES]
    for entity in naming:
        faults += [
            f'{entity_kind(entity)} {"/".join(entity_key(entity))}: {field} names {kind} "{name}", which is not stated'
            for field, kind in _REFERENCES[type(entity)]
            for name in _names(entity, field)
            if (kind, name) not in entities
        ]
    for entity in naming:
        if isinstance(entity, LaneEntity):
            cutoff = (entity.pool, entity.carrier, entity.service)
            if ("cutoff", *cutoff) not in entities:
                faults.append(f"lane {'/'.join(entity_key(entity))}: no cutoff for {'/'.join(cutoff)}")
    return faults[:FAULTS_NAMED_MAX]


def _names(entity: AnyEntity, field: str) -> tuple[str, ...]:
    value: Any = getattr(entity, field)
    return value if isinstance(value, tuple) else (value,)
