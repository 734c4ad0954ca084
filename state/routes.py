"""Routing tables, derived from the reference in force: who may serve what, ranked ahead.

Everything here is a cache of the reference and of `now`; nothing is remembered that a restart would miss.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from sys import intern
from typing import TypeVar, cast

from msgspec.structs import force_setattr

from schemas.notices import RuledOut
from schemas.reference import (
    AnyEntity,
    CalendarEntity,
    CarrierEntity,
    ChannelEntity,
    CutoffEntity,
    ItemEntity,
    ItemPoolEntity,
    LaneEntity,
    NetworkEntity,
    PolicyEntity,
    PoolEntity,
    ServiceLevelEntity,
    TimeZoneEntity,
    ZoneEntity,
)
from schemas.times import NEVER_MS, day_of, day_start_ms
from state.calendars import Calendar, TimeZone, second_of_day
from state.cutoffs import CutoffClock, Truck

POOLS_NAMED_MAX = 3

EntityType = TypeVar("EntityType")


class Candidate:
    """A lane from one pool to one zone: what it costs, and its next truck.

    `rank` orders candidates by pool and carrier name and breaks every tie.  The truck and its arrival are cached
    until the cut-off passes.
    """

    __slots__ = (
        "_clock", "_delivery_days", "_delivery_second", "_delivery_zone", "_departs_until_ms", "_departure",
        "capabilities", "carrier", "fixed", "handling_per_unit", "orders_per_day", "per_kg",
        "pool", "rank", "transit_days", "wms",
    )  # fmt: skip

    def __init__(
        self,
        rank: int,
        lane: LaneEntity,
        pool: PoolEntity,
        clock: CutoffClock,
        delivery_days: Calendar,
        delivery_zone: TimeZone,
        delivery_second: int,
    ) -> None:
        self.rank = rank
        # One copy of each name everywhere: then a look-up compares addresses, and reads no text.
        self.pool = intern(pool.pool)
        self.wms = pool.wms
        self.carrier = lane.carrier
        self.fixed = lane.fixed
        self.per_kg = lane.per_kg
        self.handling_per_unit = pool.handling_per_unit
        self.orders_per_day = pool.orders_per_day
        self.capabilities = frozenset(pool.capabilities)
        self.transit_days = lane.transit_days
        self._clock = clock
        self._delivery_days = delivery_days
        self._delivery_zone = delivery_zone
        self._delivery_second = delivery_second
        self._departure: tuple[Truck, int] | None = None
        self._departs_until_ms = NEVER_MS

    def unit_cost(self, weight_grams: int) -> int:
        """Handling and carrying one unit, in micros."""
        return self.handling_per_unit + self.per_kg * weight_grams // 1000

    def next_truck(self, now_ms: int) -> tuple[Truck, int] | None:
        """The next departure that `now` still makes and when it delivers; None beyond the calendars."""
        if now_ms > self._departs_until_ms:
            self._departure = self.later_truck(now_ms, 0)
            if self._departure is not None:
                self._departs_until_ms = self._departure[0].cut_off_ms
        return self._departure

    def later_truck(self, now_ms: int, later: int) -> tuple[Truck, int] | None:
        """As `next_truck`, that many departures later."""
        truck = self._clock.truck(now_ms, later)
        arrival_ms = self._arrival(truck) if truck else None
        return (truck, arrival_ms) if truck and arrival_ms is not None else None

    def _arrival(self, truck: Truck) -> int | None:
        day = self._delivery_days.after(truck.day, self.transit_days)
        while day is not None:
            arrival_ms = self._delivery_zone.utc_ms(day, self._delivery_second)
            if arrival_ms >= truck.leaves_ms:
                return arrival_ms
            # That day is over there when the truck leaves: a courier of the same day that collects in the evening.
            day = self._delivery_days.after(day, 1)
        return None


class Candidates:
    """The lanes that may serve one (zone, service, channel), cheapest first, and who was left out for good.

    Of each ranked lane, `fixed` is its fixed cost, and `pools` numbers its pool: the position of the first from there.
    """

    def __init__(self, lanes: list[Candidate], ruled_out: list[RuledOut]) -> None:
        self.ranked = sorted(lanes, key=lambda lane: (lane.fixed, lane.rank))
        self.ruled_out = ruled_out
        self._positions: dict[str, tuple[int, ...]] = {}
        """By pool: most pools have one lane, some one for each of several carriers."""
        for at, lane in enumerate(self.ranked):
            self._positions[lane.pool] = (*self._positions.get(lane.pool, ()), at)
        self.fixed = [lane.fixed for lane in self.ranked]
        self.pools = [self._positions[lane.pool][0] for lane in self.ranked]
        self.two_cheapest_fixed = sum(lane.fixed for lane in self.ranked[:2])
        self._handling_floor = min((lane.handling_per_unit for lane in lanes), default=0)
        self._per_kg_floor = min((lane.per_kg for lane in lanes), default=0)

    def lanes_of(self, pool: str) -> int:
        """How many lanes are from this pool."""
        return len(self._positions.get(pool, ()))

    def pools_at(self, positions: Collection[int]) -> int:
        """How many pools the lanes at these positions are from."""
        if len(self._positions) == len(self.ranked):
            return len(positions)
        return len({self.pools[at] for at in positions})

    @property
    def pool_count(self) -> int:
        """How many pools the lanes are from."""
        return len(self._positions)

    def positions_in(self, pools: Iterable[str]) -> list[int]:
        """Positions in `ranked`, ascending, of the lanes from these pools."""
        positions: list[int] = []
        for pool in pools:
            positions += self._positions.get(pool, ())
        positions.sort()
        return positions

    def by_position(self, masks: dict[str, int]) -> dict[int, int]:
        """What is said of these pools, by the position in `ranked` of each of their lanes."""
        by_position: dict[int, int] = {}
        for pool, mask in masks.items():
            for at in self._positions.get(pool, ()):
                by_position[at] = mask
        return by_position

    def unit_floor(self, weight_grams: int) -> int:
        """No lane handles and carries one unit of that weight for less, in micros."""
        return self._handling_floor + self._per_kg_floor * weight_grams // 1000


class Routes:
    """The reference in force, by name, and the candidates for each kind of order."""

    def __init__(self, entities: list[AnyEntity]) -> None:
        by_kind = _by_kind(entities)
        self.network: NetworkEntity = _of(by_kind, NetworkEntity)[0]
        self.items: dict[str, ItemEntity] = {}
        for item in _of(by_kind, ItemEntity):
            sku = intern(item.sku)
            # An equal string: nobody can tell but by its address.
            force_setattr(item, "sku", sku)
            self.items[sku] = item
        self.pools = {pool.pool: pool for pool in _of(by_kind, PoolEntity)}
        self.channels = {channel.channel: channel for channel in _of(by_kind, ChannelEntity)}
        self.policies = {policy.policy: policy for policy in _of(by_kind, PolicyEntity)}
        self.services = {service.service: service for service in _of(by_kind, ServiceLevelEntity)}
        self.zones = {zone.zone: zone for zone in _of(by_kind, ZoneEntity)}
        self.safety: dict[str, dict[str, int]] = {}
        for item_pool in _of(by_kind, ItemPoolEntity):
            self.safety.setdefault(item_pool.sku, {})[item_pool.pool] = item_pool.safety
        self.carriers = {carrier.carrier: carrier for carrier in _of(by_kind, CarrierEntity)}
        self._calendars = {entity.calendar: Calendar(entity) for entity in _of(by_kind, CalendarEntity)}
        self._time_zones = {entity.time_zone: TimeZone(entity) for entity in _of(by_kind, TimeZoneEntity)}
        self._cutoffs = {
            (entity.pool, entity.carrier, entity.service): entity for entity in _of(by_kind, CutoffEntity)
        }
        self._lanes: dict[tuple[str, str], list[LaneEntity]] = {}
        for lane in sorted(_of(by_kind, LaneEntity), key=lambda lane: (lane.pool, lane.carrier)):
            self._lanes.setdefault((lane.zone, lane.service), []).append(lane)
        self._prefixes = _prefixes(list(self.zones.values()))
        self._clocks: dict[tuple[str, str, str], CutoffClock] = {}
        self._candidates: dict[tuple[str, str, str], Candidates] = {}

    def zone_of(self, country: str, postal_code: str | None) -> str | None:
        """The zone with the longest matching postal prefix of the country; None when none matches."""
        postal = postal_code or ""
        for prefix, zone in self._prefixes.get(country, ()):
            if postal.startswith(prefix):
                return zone
        return None

    def policy_of(self, channel: str) -> PolicyEntity:
        """The policy that routes the channel's orders."""
        return self.policies[self.channels[channel].policy]

    def local_day(self, pool: str, now_ms: int) -> int:
        """The day (proleptic ordinal) that the pool's calendar shows now."""
        return day_of(self._time_zones[self.pools[pool].time_zone].local_ms(now_ms))

    def calendars_end_ms(self) -> int:
        """When the first calendar ends; "never" of a network without any."""
        return min((day_start_ms(each.last + 1) for each in self._calendars.values()), default=NEVER_MS)

    def candidates(self, zone: str, service: str, channel: str) -> Candidates:
        """Ranked lanes; computed at the first use of each combination."""
        key = (zone, service, channel)
        candidates = self._candidates.get(key)
        if candidates is None:
            candidates = self._candidates[key] = self._rank(zone, service, self.channels[channel])
        return candidates

    def _rank(self, zone: str, service: str, channel: ChannelEntity) -> Candidates:
        lanes = self._lanes.get((zone, service), [])
        allowed = set(channel.pools)
        served = {lane.pool for lane in lanes}
        active = {name for name, pool in self.pools.items() if pool.status == "active"}
        ruled_out = [
            ("channel_may_not_use", sorted(served - allowed)),
            ("does_not_serve_zone", sorted(allowed - served)),
            ("pool_paused", sorted((served & allowed) - active)),
        ]
        usable = [lane for lane in lanes if lane.pool in allowed and lane.pool in active]
        return Candidates(
            [self._candidate(rank, lane) for rank, lane in enumerate(usable)],
            [
                RuledOut(reason=reason, count=len(pools), pools=pools[:POOLS_NAMED_MAX])
                for reason, pools in ruled_out
                if pools
            ],
        )

    def _candidate(self, rank: int, lane: LaneEntity) -> Candidate:
        zone = self.zones[lane.zone]
        return Candidate(
            rank,
            lane,
            self.pools[lane.pool],
            self._clock(lane.pool, lane.carrier, lane.service),
            self._calendars[zone.calendar],
            self._time_zones[zone.time_zone],
            second_of_day(self.services[lane.service].delivered_by),
        )

    def _clock(self, pool_name: str, carrier: str, service: str) -> CutoffClock:
        key = (pool_name, carrier, service)
        clock = self._clocks.get(key)
        if clock is None:
            pool = self.pools[pool_name]
            clock = self._clocks[key] = CutoffClock(
                self._calendars[pool.calendar],
                self._calendars[self.carriers[carrier].calendar],
                self._time_zones[pool.time_zone],
                second_of_day(self._cutoffs[key].collection),
                (pool.pick_minutes * 60 + pool.pick_seconds) * 1000,
            )
        return clock


def _by_kind(entities: list[AnyEntity]) -> dict[type, list[AnyEntity]]:
    by_kind: dict[type, list[AnyEntity]] = {}
    for entity in entities:
        by_kind.setdefault(type(entity), []).append(entity)
    return by_kind


def _of(by_kind: dict[type, list[AnyEntity]], kind: type[EntityType]) -> list[EntityType]:
    return cast(list[EntityType], by_kind.get(kind, []))


def _prefixes(zones: list[ZoneEntity]) -> dict[str, list[tuple[str, str]]]:
    """By country: (prefix, zone), longest prefix first, so that the first match is the right one."""
    prefixes: dict[str, list[tuple[str, str]]] = {}
    for zone in zones:
        for prefix in zone.postal_prefixes or ("",):
            prefixes.setdefault(zone.country, []).append((prefix, zone.zone))
    for matches in prefixes.values():
        matches.sort(key=lambda match: (-len(match[0]), match))
    return prefixes
