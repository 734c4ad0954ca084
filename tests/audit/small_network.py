"""A network of three pools, and orders of it, for stories in which anything may happen."""

from __future__ import annotations

import datetime
from typing import Any

from schemas.placement import partition_of
from schemas.reference import (
    AnyEntity,
    CalendarEntity,
    CarrierEntity,
    ChannelEntity,
    CutoffEntity,
    ItemEntity,
    LaneEntity,
    NetworkEntity,
    PolicyEntity,
    PoolEntity,
    ServiceLevelEntity,
    TimeZoneEntity,
    ZoneEntity,
)
from schemas.times import rfc3339

NETWORK = "shop"
PARTITIONS = 8
NUMBER = partition_of(NETWORK, PARTITIONS)
START_MS = 1_800_000_000_000
POOLS = ("berlin", "paris", "rome")
SKUS = ("lamp", "chair", "desk", "vase")


def entities() -> list[AnyEntity]:
    """Three pools that serve one zone every day, an hour apart; two channels, told at once and before the cut-off."""
    always = CalendarEntity(
        calendar="always", first=datetime.date(2027, 1, 1), last=datetime.date(2028, 1, 1), closed=()
    )
    found: list[AnyEntity] = [
        NetworkEntity(currency="EUR", capacity_price=1_000_000),
        always,
        TimeZoneEntity(time_zone="UTC", transitions=((0, 0),)),
        PolicyEntity(policy="at-once"),
        PolicyEntity(
            policy="late", release="before-cut-off", release_lead_minutes=90, unfilled_request="wait"
        ),
        ChannelEntity(channel="web", pools=POOLS, policy="at-once"),
        ChannelEntity(channel="stores", pools=POOLS, policy="late"),
        ServiceLevelEntity(
            service="standard", split_penalty=500_000, late_penalty_per_day=100_000, target_days=2
        ),
        ZoneEntity(zone="eu", country="FR", time_zone="UTC", calendar="always"),
        CarrierEntity(carrier="post", calendar="always"),
        *[ItemEntity(sku=sku, unit="C62", weight_grams=500) for sku in SKUS],
    ]
    for number, pool in enumerate(POOLS):
        found += [
            PoolEntity(
                pool=pool,
                pool_kind="dc",
                time_zone="UTC",
                calendar="always",
                wms="east" if number == 0 else "west",
                pick_minutes=30,
                orders_per_day=0 if number else 40,
            ),
            LaneEntity(
                pool=pool,
                zone="eu",
                service="standard",
                carrier="post",
                transit_days=1 + number,
                fixed=3_000_000 + number,
            ),
            CutoffEntity(pool=pool, carrier="post", service="standard", collection=f"{15 + number}:00"),
        ]
    return found


def lamps(order_id: str, quantity: int, placed_at_ms: int) -> dict[str, Any]:
    """The data of an order that is released at once."""
    return {
        "order_id": order_id,
        "channel": "web",
        "placed_at": rfc3339(placed_at_ms),
        "service_level": "standard",
        "currency": "EUR",
        "destination": {"country": "FR"},
        "customer_token": "t",
        "address_ref": "a",
        "lines": [{"line_id": "1", "sku": "lamp", "quantity": quantity, "unit": "C62"}],
    }
