"""The benchmark's network: pools of three kinds, delivery zones, and lanes between all of them."""

from __future__ import annotations

from datetime import date, timedelta
from math import hypot
from random import Random
from typing import Literal

from msgspec import Struct

from schemas.reference import (
    AnyEntity,
    CalendarEntity,
    CarrierEntity,
    ChannelEntity,
    CutoffEntity,
    LaneEntity,
    NetworkEntity,
    PolicyEntity,
    PoolEntity,
    ServiceLevelEntity,
    TimeZoneEntity,
    ZoneEntity,
)

CURRENCY = "EUR"
CHANNEL = "web"
STANDARD = "standard"
EXPRESS = "express"

_EURO = 1_000_000
_REGION_KM = 900
_CALENDAR_DAYS = 150


class PoolKind(Struct, frozen=True):
    """What the pools of one kind have in common.

    `orders_per_day` is per million orders of the workload: it is pressed into minutes, so a day's true figure would
    be used up at once.  `stock_share` is the part of each item's units that pools of the kind hold.
    """

    name: Literal["dc", "3pl", "store"]
    handling: int
    pick_minutes: int
    collection_hour: int
    orders_per_day: int
    stock_share: float


KINDS = (
    PoolKind("dc", 400_000, 60, 22, 0, 0.60),
    PoolKind("3pl", 600_000, 90, 18, 200_000, 0.25),
    PoolKind("store", 1_200_000, 30, 16, 10_000, 0.15),
)

# (zone, country, postal prefixes, place on the map in km)
ZONES: tuple[tuple[str, str, tuple[str, ...], tuple[int, int]], ...] = (
    ("de-east", "DE", ("0", "1"), (700, 500)),
    ("de-north", "DE", ("2", "3"), (400, 750)),
    ("de-west", "DE", ("4", "5"), (200, 500)),
    ("de-middle", "DE", ("6", "7"), (300, 300)),
    ("de-south", "DE", ("8", "9"), (550, 200)),
    ("nl", "NL", (), (50, 650)),
    ("be", "BE", (), (50, 450)),
    ("at", "AT", (), (800, 100)),
)

# (service, split penalty, penalty for a day late, days promised, carrier, what the lane costs times, days less)
SERVICES = (
    (STANDARD, 2 * _EURO, 5 * _EURO, 4, "parcel", 1.0, 0),
    (EXPRESS, 4 * _EURO, 15 * _EURO, 2, "courier", 2.5, 1),
)


class Site(Struct, frozen=True):
    """A pool and where it stands."""

    pool: str
    kind: PoolKind
    wms: str
    place: tuple[float, float]


def sites(counts: tuple[int, int, int], random: Random) -> list[Site]:
    """That many distribution centres, third-party providers and stores; three warehouse systems serve them."""
    return [
        Site(
            f"{kind.name}-{number:04d}",
            kind,
            f"{kind.name}-wms",
            (random.uniform(0, _REGION_KM), random.uniform(0, _REGION_KM)),
        )
        for kind, count in zip(KINDS, counts, strict=True)
        for number in range(count)
    ]


def place_entities(where: list[Site], orders: int, today: date) -> list[AnyEntity]:
    """Everything but the items.  Every day is a working day, so that a run means the same on any of them."""
    entities: list[AnyEntity] = [
        NetworkEntity(currency=CURRENCY, capacity_price=2 * _EURO),
        ChannelEntity(channel=CHANNEL, pools=tuple(site.pool for site in where), policy="at-once"),
        PolicyEntity(policy="at-once", release="at-once", unfilled_request="wait"),
        CalendarEntity(
            calendar="every-day",
            first=today - timedelta(days=7),
            last=today + timedelta(days=_CALENDAR_DAYS),
            closed=(),
        ),
        TimeZoneEntity(time_zone="Europe/Berlin", transitions=((0, 3600),)),
    ]
    for service, split, late, days, carrier, _, _ in SERVICES:
        entities.append(
            ServiceLevelEntity(
                service=service, split_penalty=split, late_penalty_per_day=late, target_days=days
            )
        )
        entities.append(CarrierEntity(carrier=carrier, calendar="every-day"))
    entities += [
        ZoneEntity(
            zone=zone,
            country=country,
            postal_prefixes=prefixes,
            time_zone="Europe/Berlin",
            calendar="every-day",
        )
        for zone, country, prefixes, _ in ZONES
    ]
    for site in where:
        entities += _of_site(site, orders)
    return entities


def _of_site(site: Site, orders: int) -> list[AnyEntity]:
    kind = site.kind
    entities: list[AnyEntity] = [
        PoolEntity(
            pool=site.pool,
            pool_kind=kind.name,
            time_zone="Europe/Berlin",
            calendar="every-day",
            wms=site.wms,
            handling_per_unit=kind.handling,
            orders_per_day=-(-kind.orders_per_day * orders // 1_000_000),
            pick_minutes=kind.pick_minutes,
        )
    ]
    for service, _, _, _, carrier, _, _ in SERVICES:
        entities.append(
            CutoffEntity(
                pool=site.pool, carrier=carrier, service=service, collection=f"{kind.collection_hour}:00"
            )
        )
    entities += [
        _lane(site, zone, there, service, carrier, dearer, days_less)
        for zone, _, _, there in ZONES
        for service, _, _, _, carrier, dearer, days_less in SERVICES
    ]
    return entities


def _lane(
    site: Site,
    zone: str,
    there: tuple[int, int],
    service: str,
    carrier: str,
    dearer: float,
    days_less: int,
) -> LaneEntity:
    distance_km = hypot(site.place[0] - there[0], site.place[1] - there[1])
    return LaneEntity(
        pool=site.pool,
        zone=zone,
        service=service,
        carrier=carrier,
        transit_days=max(1, 1 + int(distance_km // 300) - days_less),
        fixed=round((3.5 + 0.004 * distance_km) * dearer * _EURO),
        per_kg=round((0.4 + 0.0003 * distance_km) * dearer * _EURO),
    )
