"""From what the files state to what is published: defaults filled in, calendars and time zones expanded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, TypeVar

from msgspec.structs import replace

from cli.network_dir.calendars import CalendarRule, expand_calendar, horizon, works_never
from cli.network_dir.defaults import (
    EVERY_DAY,
    derived_calendar,
    derived_policy,
    pools_of_channel,
    zones_in_use,
)
from cli.network_dir.faults import Faults
from cli.network_dir.stated import NETWORK_FILE, Placed, Stated
from cli.network_dir.time_zones import expand_time_zone
from schemas.reference import AnyEntity, CalendarEntity, CarrierEntity

Entity = TypeVar("Entity")


def entities_of(stated: Stated, calendars: list[CalendarEntity], today: date) -> list[AnyEntity]:
    """Everything the directory describes, in an order to follow it by; only for one without faults."""
    entities: list[AnyEntity] = [stated.settings] if stated.settings else []
    entities.extend(calendars)
    pools = [replace(pool, calendar=pool.calendar or EVERY_DAY) for pool in _entities(stated.pools)]
    zones = zones_in_use(stated).values()
    time_zones = {pool.time_zone for pool in pools} | {zone.time_zone for zone in zones}
    entities.extend(_time_zones(time_zones, today))
    entities.extend(zones)
    entities.extend(_carriers(stated))
    entities.extend(_entities(stated.services))
    entities.extend(_policies(stated))
    entities.extend(
        replace(channel, pools=pools_of_channel(stated, channel.channel))
        for channel in _entities(stated.channels)
    )
    entities.extend(pools)
    entities.extend(_entities(stated.lanes))
    entities.extend(_entities(stated.cutoffs))
    entities.extend(_entities(stated.items))
    entities.extend(_entities(stated.item_pools))
    return entities


def calendars_of(stated: Stated, today: date, faults: Faults) -> list[CalendarEntity]:
    """Every stated calendar and the derived ones in use, expanded; one that never works is a fault."""
    rules: dict[str, CalendarRule] = {name: placed.entity for name, placed in stated.calendars.items()}
    for name in _calendars_in_use(stated):
        rule = derived_calendar(name)
        if name not in rules and rule is not None:
            rules[name] = rule
    first, last = horizon(today)
    calendars = [expand_calendar(name, rule, first, last) for name, rule in rules.items()]
    for calendar in calendars:
        if works_never(calendar):
            line = stated.calendars[calendar.calendar].line if calendar.calendar in stated.calendars else None
            found = f"calendars.{calendar.calendar}: has no working day from {first} to {last}"
            faults.add(NETWORK_FILE, line, f'{found}; write days = ["mon", "tue", "wed", "thu", "fri"]')
    return calendars


def _calendars_in_use(stated: Stated) -> Iterator[str]:
    for pool in _entities(stated.pools):
        yield pool.calendar or EVERY_DAY
    for zone in zones_in_use(stated).values():
        yield zone.calendar
    for carrier in _carriers(stated):
        yield carrier.calendar


def _carriers(stated: Stated) -> list[CarrierEntity]:
    used = dict.fromkeys(lane.carrier for lane in _entities(stated.lanes))
    calendars = {name: placed.entity for name, placed in stated.carriers.items()}
    return [
        CarrierEntity(carrier=carrier, calendar=calendars.get(carrier) or EVERY_DAY)
        for carrier in dict.fromkeys([*calendars, *used])
    ]


def _policies(stated: Stated) -> list[AnyEntity]:
    policies: list[AnyEntity] = list(_entities(stated.policies))
    for name in dict.fromkeys(channel.policy for channel in _entities(stated.channels)):
        policy = derived_policy(name)
        if policy is not None and name not in stated.policies:
            policies.append(policy)
    return policies


def _time_zones(names: set[str], today: date) -> list[AnyEntity]:
    first, last = horizon(today)
    return [expand_time_zone(name, first, last) for name in sorted(names)]


def _entities(table: Mapping[Any, Placed[Entity]] | None) -> list[Entity]:
    return [placed.entity for placed in (table or {}).values()]
