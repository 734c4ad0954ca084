"""Inputs on `reference`: the network's own description, versioned, in sets that take effect as a whole.

`sluice apply` writes them.  A set is a list of changes to the set it is `based_on`; its members are stored as they
arrive, and `set.committed` makes all of them take effect at one record, or none.  Calendars come expanded to dates
and time zones to their offset transitions, so that no library of holidays or zones decides in the router and a
replay does not depend on its version.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.envelope import Data, Event, Level, Micros, Name, Text

# Python's `$` also matches before a line break at the end, that of JSON Schema does not.
_END = r"$(?!\n)"

ClockTime = Annotated[
    str,
    Meta(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?" + _END,
        description="Local time, HH:MM or HH:MM:SS.",
    ),
]
Minutes = Annotated[int, Meta(ge=0, le=60 * 24 * 14)]
Count = Annotated[int, Meta(ge=0, le=10**12)]
Seconds = Annotated[int, Meta(ge=-(2**62), le=2**62)]
KafkaInteger = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Entity(Struct, frozen=True, gc=False, kw_only=True, tag_field="kind"):
    """Base of everything that a reference set may state."""


class NetworkEntity(Entity, frozen=True, gc=False, kw_only=True, tag="network"):
    """What holds for the whole network; `capacity_price` is what the last free place of a pool's day costs."""

    currency: Annotated[str, Meta(min_length=3, max_length=3)]
    capacity_price: Micros = 0


class ChannelEntity(Entity, frozen=True, gc=False, kw_only=True, tag="channel"):
    """Where orders come from: the pools they may be filled from, and the policy that routes them."""

    channel: Name
    pools: tuple[Name, ...]
    policy: Name


class ServiceLevelEntity(Entity, frozen=True, gc=False, kw_only=True, tag="service_level"):
    """What the customer bought.

    `target_days` after placing is what counts as on time when the order names no date; `delivered_by` is the local
    hour at which a delivery day is over.
    """

    service: Name
    split_penalty: Micros
    late_penalty_per_day: Micros
    target_days: Annotated[int, Meta(ge=0, le=365)]
    delivered_by: ClockTime = "20:00"


class PolicyEntity(Entity, frozen=True, gc=False, kw_only=True, tag="policy"):
    """How orders of a channel are handled.

    `release_lead_minutes` counts back from the cut-off; it is unused when the release is at once.
    """

    policy: Name
    release: Literal["at-once", "before-cut-off"] = "at-once"
    release_lead_minutes: Minutes = 0
    release_lead_seconds: Annotated[int, Meta(ge=0, le=59)] = 0
    max_shipments: Annotated[int, Meta(ge=1, le=50)] = 50
    unfilled_request: Literal["refuse", "wait"] = "refuse"


class ZoneEntity(Entity, frozen=True, gc=False, kw_only=True, tag="zone"):
    """A delivery area: the longest matching postal prefix of the country wins; no prefix means all of it."""

    zone: Name
    country: Annotated[str, Meta(min_length=2, max_length=2)]
    postal_prefixes: tuple[str, ...] = ()
    time_zone: Name
    calendar: Name


class CarrierEntity(Entity, frozen=True, gc=False, kw_only=True, tag="carrier"):
    """A carrier and the days on which it collects."""

    carrier: Name
    calendar: Name


class LaneEntity(Entity, frozen=True, gc=False, kw_only=True, tag="lane"):
    """What it costs and how long it takes to bring a parcel from a pool to a zone."""

    pool: Name
    zone: Name
    service: Name
    carrier: Name
    transit_days: Annotated[int, Meta(ge=0, le=90)]
    fixed: Micros
    per_kg: Micros = 0


class PoolEntity(Entity, frozen=True, gc=False, kw_only=True, tag="pool"):
    """A place that holds stock.  `orders_per_day` 0 means without a limit."""

    pool: Name
    pool_kind: Literal["dc", "3pl", "store", "supplier"]
    time_zone: Name
    calendar: Name
    wms: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,48}" + _END)]
    status: Literal["active", "paused"] = "active"
    handling_per_unit: Micros = 0
    orders_per_day: Count = 0
    pick_minutes: Minutes = 0
    pick_seconds: Annotated[int, Meta(ge=0, le=59)] = 0
    count_scope: Literal["building"] = "building"
    capabilities: tuple[Name, ...] = ()


class CutoffEntity(Entity, frozen=True, gc=False, kw_only=True, tag="cutoff"):
    """When the carrier's truck leaves the pool, in the pool's local time, for one service."""

    pool: Name
    carrier: Name
    service: Name
    collection: ClockTime


class CalendarEntity(Entity, frozen=True, gc=False, kw_only=True, tag="calendar"):
    """Working days from `first` to `last`, all but the `closed` ones."""

    calendar: Name
    first: datetime.date
    last: datetime.date
    closed: tuple[datetime.date, ...]


class TimeZoneEntity(Entity, frozen=True, gc=False, kw_only=True, tag="time_zone"):
    """Offsets from UTC: `[from_utc_s, offset_s]`, ascending; the first holds from before the calendars begin."""

    time_zone: Name
    transitions: Annotated[tuple[tuple[Seconds, Seconds], ...], Meta(min_length=1)]


class ItemEntity(Entity, frozen=True, gc=False, kw_only=True, tag="item"):
    """Something that can be ordered; a pool must have every capability that `restrictions` names."""

    sku: Name
    unit: Annotated[str, Meta(min_length=2, max_length=3)]
    weight_grams: Count = 0
    restrictions: tuple[Name, ...] = ()


class ItemPoolEntity(Entity, frozen=True, gc=False, kw_only=True, tag="item_pool"):
    """What holds for one item in one pool; `safety` units are never promised."""

    sku: Name
    pool: Name
    safety: Level


AnyEntity = (
    NetworkEntity
    | ChannelEntity
    | ServiceLevelEntity
    | PolicyEntity
    | ZoneEntity
    | CarrierEntity
    | LaneEntity
    | PoolEntity
    | CutoffEntity
    | CalendarEntity
    | TimeZoneEntity
    | ItemEntity
    | ItemPoolEntity
)


def entity_kind(entity: AnyEntity) -> str:
    """`pool`, `lane`, ...: the word that tags it on the wire."""
    return str(entity.__struct_config__.tag)


_KEY_FIELDS: dict[type, tuple[str, ...]] = {
    NetworkEntity: (),
    ChannelEntity: ("channel",),
    ServiceLevelEntity: ("service",),
    PolicyEntity: ("policy",),
    ZoneEntity: ("zone",),
    CarrierEntity: ("carrier",),
    LaneEntity: ("pool", "zone", "service", "carrier"),
    PoolEntity: ("pool",),
    CutoffEntity: ("pool", "carrier", "service"),
    CalendarEntity: ("calendar",),
    TimeZoneEntity: ("time_zone",),
    ItemEntity: ("sku",),
    ItemPoolEntity: ("sku", "pool"),
}


def entity_key(entity: AnyEntity) -> tuple[str, ...]:
    """What identifies it among its kind; empty for the network itself."""
    return tuple(getattr(entity, name) for name in _KEY_FIELDS[type(entity)])


class ReferenceStated(Data, frozen=True, gc=False, kw_only=True):
    """A member of a set: this entity is so from the set on."""

    set_id: Name
    entity: AnyEntity


class ReferenceWithdrawn(Data, frozen=True, gc=False, kw_only=True):
    """A member of a set: this entity is gone from the set on."""

    set_id: Name
    kind: Name
    key: tuple[str, ...]


class SetCommitted(Data, frozen=True, gc=False, kw_only=True):
    """Makes a set take effect: `members` and `hash` must agree with what arrived, `based_on` with what is in force."""

    set_id: Name
    members: Count
    hash: Name
    based_on: str
    author: Text = ""
    message: Text = ""


class FormatFinalised(Data, frozen=True, gc=False, kw_only=True):
    """Ends an upgrade: from here on the rows of this partition are written in this format, for good.

    `sluice finalise` writes it.  It is about a partition, not about the network that the envelope names.
    """

    partition: KafkaInteger
    format: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    author: Text = ""


class ReferenceStatedEvent(Event, frozen=True, gc=False, kw_only=True, tag="reference.stated"):
    """See `ReferenceStated`."""

    data: ReferenceStated


class ReferenceWithdrawnEvent(Event, frozen=True, gc=False, kw_only=True, tag="reference.withdrawn"):
    """See `ReferenceWithdrawn`."""

    data: ReferenceWithdrawn


class SetCommittedEvent(Event, frozen=True, gc=False, kw_only=True, tag="set.committed"):
    """See `SetCommitted`."""

    data: SetCommitted


class FormatFinalisedEvent(Event, frozen=True, gc=False, kw_only=True, tag="format.finalised"):
    """See `FormatFinalised`."""

    data: FormatFinalised


ReferenceEvent = ReferenceStatedEvent | ReferenceWithdrawnEvent | SetCommittedEvent | FormatFinalisedEvent
