"""What holds where the directory says nothing, so that the smallest one can be written by hand.

- A zone that is a country's code and has no table is that whole country, in the time zone most of its people
  live by, delivered to on Monday to Friday except its public holidays.
- A pool or carrier without a calendar works on every day: only the other one's calendar then counts.
- A channel without a policy follows `default`, which releases at once unless the directory says otherwise.
"""

from __future__ import annotations

from msgspec.structs import replace

from cli.network_dir.calendars import WEEKDAYS, CalendarRule, holiday_countries
from cli.network_dir.network_toml import DEFAULT_POLICY
from cli.network_dir.stated import Stated
from cli.network_dir.time_zones import main_time_zone
from schemas.reference import PolicyEntity, ZoneEntity

EVERY_DAY = "every-day"
_COUNTRY_PREFIX = "country-"


def is_country(zone: str) -> bool:
    """Whether a zone's name alone says where it is."""
    return len(zone) == 2 and zone in holiday_countries() and main_time_zone(zone) is not None


def completed_zone(stated: ZoneEntity) -> ZoneEntity:
    """The zone with everything that its country implies; what stays empty cannot be derived."""
    country = stated.country or (stated.zone if is_country(stated.zone) else "")
    return replace(
        stated,
        country=country,
        time_zone=stated.time_zone or main_time_zone(country) or "",
        calendar=stated.calendar or (f"{_COUNTRY_PREFIX}{country}" if country in holiday_countries() else ""),
    )


def zones_in_use(stated: Stated) -> dict[str, ZoneEntity]:
    """Every zone that has a table, and every country that a lane goes to without one."""
    zones = {zone: completed_zone(placed.entity) for zone, placed in stated.zones.items()}
    for placed in (stated.lanes or {}).values():
        zone = placed.entity.zone
        if zone not in zones and is_country(zone):
            zones[zone] = completed_zone(ZoneEntity(zone=zone, country="", time_zone="", calendar=""))
    return zones


def derived_calendar(calendar: str) -> CalendarRule | None:
    """The rule of a calendar that the directory need not write, or None."""
    if calendar == EVERY_DAY:
        return CalendarRule(days=WEEKDAYS)
    country = calendar.removeprefix(_COUNTRY_PREFIX)
    if calendar.startswith(_COUNTRY_PREFIX) and country in holiday_countries():
        return CalendarRule(holidays=country)
    return None


def derived_policy(policy: str) -> PolicyEntity | None:
    """The policy that the directory need not write, or None."""
    return PolicyEntity(policy=DEFAULT_POLICY) if policy == DEFAULT_POLICY else None


def pools_of_channel(stated: Stated, channel: str) -> tuple[str, ...]:
    """The pools a channel may be filled from; `all` means every pool of pools.csv, in its order."""
    if channel in stated.all_pools:
        return tuple(stated.pools or ())
    return stated.channels[channel].entity.pools
