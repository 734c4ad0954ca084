"""The reference of a small network, as the JSON that `sluice apply` would publish: what most core tests route in.

Three distribution centres and a store in two countries, one carrier that collects every weekday, two zones. Any
part can be replaced or added by a test that needs it otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec

from schemas.reference import AnyEntity

Entity = dict[str, Any]

FIRST, LAST = date(2026, 3, 2), date(2026, 12, 31)
SUNDAYS = [
    date.fromordinal(day).isoformat() for day in range(FIRST.toordinal(), LAST.toordinal()) if day % 7 == 0
]
SATURDAYS = [
    date.fromordinal(day).isoformat() for day in range(FIRST.toordinal(), LAST.toordinal()) if day % 7 == 6
]


def ms(text: str) -> int:
    """Milliseconds of `2026-03-16 09:00`, in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


# Where summer time begins and ends in 2026, as `apply` expands it: no time-zone library decides in the router.
BERLIN_TIME = [[0, 3600], [ms("2026-03-29 01:00") // 1000, 7200], [ms("2026-10-25 01:00") // 1000, 3600]]
LONDON_TIME = [[0, 0], [ms("2026-03-29 01:00") // 1000, 3600], [ms("2026-10-25 01:00") // 1000, 0]]


def pool(name: str, **changes: Any) -> Entity:
    """A distribution centre that works on weekdays and needs an hour to pick."""
    return {
        "kind": "pool", "pool": name, "pool_kind": "dc", "time_zone": "Europe/Berlin", "calendar": "weekdays",
        "wms": f"wms-{name}", "handling_per_unit": 100_000, "pick_minutes": 60, **changes,
    }  # fmt: skip


def lane(pool_name: str, zone: str, fixed: int, transit_days: int = 1, **changes: Any) -> Entity:
    """What the carrier takes for a parcel, in micros."""
    return {
        "kind": "lane", "pool": pool_name, "zone": zone, "service": "standard", "carrier": "post",
        "transit_days": transit_days, "fixed": fixed, **changes,
    }  # fmt: skip


def cutoff(pool_name: str, collection: str = "15:00", **changes: Any) -> Entity:
    """When the carrier collects there, in the pool's local time."""
    return {"kind": "cutoff", "pool": pool_name, "carrier": "post", "service": "standard",
            "collection": collection, **changes}  # fmt: skip


def item(sku: str, **changes: Any) -> Entity:
    """Something that is ordered by the piece."""
    return {"kind": "item", "sku": sku, "unit": "C62", "weight_grams": 1_000, **changes}


def calendar(name: str, closed: list[str], first: date = FIRST, last: date = LAST) -> Entity:
    """Working days: all but the closed ones."""
    return {"kind": "calendar", "calendar": name, "first": first.isoformat(), "last": last.isoformat(),
            "closed": closed}  # fmt: skip


LANES = (
    ("berlin", 4_000_000, 6_000_000), ("paris", 6_000_000, 4_000_000),
    ("london", 7_000_000, 7_500_000), ("corner", 9_000_000, 9_500_000),
)  # fmt: skip
"""Pool, and what a parcel from there costs to zone `de` and to zone `fr`."""


def network(**changes: Any) -> list[Entity]:
    """All entities; `changes` are fields of the policy of channel `web` (which releases before the cut-off)."""
    pools = [name for name, _, _ in LANES]
    policy = {"kind": "policy", "policy": "planned", "release": "before-cut-off", "release_lead_minutes": 120}
    service = {"kind": "service_level", "service": "standard", "target_days": 3, "split_penalty": 1_000_000,
               "late_penalty_per_day": 2_000_000}  # fmt: skip
    return [
        {"kind": "network", "currency": "EUR", "capacity_price": 3_000_000},
        {"kind": "time_zone", "time_zone": "Europe/Berlin", "transitions": BERLIN_TIME},
        {"kind": "time_zone", "time_zone": "Europe/London", "transitions": LONDON_TIME},
        calendar("weekdays", sorted(SATURDAYS + SUNDAYS)),
        calendar("collections", sorted(SUNDAYS)),
        service,
        {**policy, **changes},
        {"kind": "policy", "policy": "at-once", "release": "at-once"},
        {"kind": "channel", "channel": "web", "pools": pools, "policy": "planned"},
        {"kind": "channel", "channel": "express", "pools": pools, "policy": "at-once"},
        {"kind": "zone", "zone": "de", "country": "DE", "time_zone": "Europe/Berlin", "calendar": "weekdays"},
        {"kind": "zone", "zone": "fr", "country": "FR", "time_zone": "Europe/Berlin", "calendar": "weekdays"},
        {"kind": "carrier", "carrier": "post", "calendar": "collections"},
        pool("berlin"),
        pool("paris"),
        pool("london", time_zone="Europe/London"),
        pool("corner", pool_kind="store", orders_per_day=2),
        *(cutoff(name) for name in pools),
        *(lane(name, "de", to_de) for name, to_de, _ in LANES),
        *(lane(name, "fr", to_fr) for name, _, to_fr in LANES),
        *(item(sku) for sku in ("lamp", "chair", "rug")),
    ]  # fmt: skip


def with_entities(entities: list[Entity], *changed: Entity) -> list[Entity]:
    """The entities with these added, or put in the place of those they name."""
    by_name = {_name(entity): entity for entity in entities}
    by_name.update({_name(entity): entity for entity in changed})
    return list(by_name.values())


def _name(entity: Entity) -> tuple[Any, ...]:
    from schemas.reference import entity_key, entity_kind

    typed = msgspec.convert(entity, type=AnyEntity)
    return (entity_kind(typed), *entity_key(typed))
