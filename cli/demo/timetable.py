"""When the trucks leave, counted from the start of the demo: it tells the same story at any hour of any day.

A cut-off is the truck's collection less the time to pick and pack, so the same cut-off can belong to a truck a little
later or much later.  The lead is chosen so that all trucks leave on one local date, away from midnight and from the
nights on which the clocks change; only then is "tomorrow's truck" a day later for every pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from cli.demo.places import EXPRESS, POOLS, STANDARD, Pool, carrier_of
from cli.network_dir.time_zones import zone_rules

FIRST_TRUCK = ("dc-paris", STANDARD)
"""The truck that everybody sees leave."""
FIRST_CUT_OFF_S = 10.0

MISSED_TRUCKS = (("dc-leipzig", STANDARD), ("dc-leipzig", EXPRESS))
"""Trucks that leave while the router is down.  The second is there for a machine too slow for the first."""
MISSED_CUT_OFFS_S = (17.0, 28.0)

STORY_CUT_OFFS_S: Mapping[tuple[str, str], float] = {
    FIRST_TRUCK: FIRST_CUT_OFF_S,
    **dict(zip(MISSED_TRUCKS, MISSED_CUT_OFFS_S, strict=True)),
}
"""By pool and service, the trucks that leave while the story is told."""

OTHER_CUT_OFFS_S = 45 * 60.0
"""All other trucks leave long after the demo has ended, a minute apart."""

LEAD_LEAST_MINUTES = 45
LEAD_STEP_MINUTES = 30
LEAD_STEPS_MAX = 48


class Departure(NamedTuple):
    """One truck."""

    pool: str
    carrier: str
    service: str
    cut_off: datetime
    collection: datetime
    """In the pool's local time."""


class Timetable(NamedTuple):
    """All trucks of the day, and how long before a truck its goods must be asked for."""

    departures: tuple[Departure, ...]
    lead_minutes: int

    @property
    def day(self) -> date:
        """The local date on which all of them leave."""
        return self.departures[0].collection.date()

    def departure(self, pool: str, service: str) -> Departure:
        """The truck of one pool for one service."""
        return next(each for each in self.departures if (each.pool, each.service) == (pool, service))


def timetable(
    start: datetime,
    stated_s: Mapping[tuple[str, str], float] = STORY_CUT_OFFS_S,
    lead_minutes: int | None = None,
) -> Timetable:
    """The trucks of a demo that starts now; `stated_s` are those that leave soon.

    With a lead of its own, trucks may leave on two dates when it is near midnight: then "tomorrow" is not to be told.
    """
    # Collections are stated to the second.
    start = start.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    if lead_minutes is not None:
        return _trucks(start, stated_s, lead_minutes)
    for step in range(LEAD_STEPS_MAX):
        trucks = _trucks(start, stated_s, LEAD_LEAST_MINUTES + step * LEAD_STEP_MINUTES)
        dates = {departure.collection.date() for departure in trucks.departures}
        if len(dates) == 1 and all(_is_plain(departure) for departure in trucks.departures):
            return trucks
    raise AssertionError("within a day there is always an evening of a few hours without a change of clocks")


def _trucks(start: datetime, stated_s: Mapping[tuple[str, str], float], lead_minutes: int) -> Timetable:
    departures = tuple(
        _departure(pool, service, start + timedelta(seconds=offset_s), lead_minutes)
        for pool, service, offset_s in _offsets(stated_s)
    )
    return Timetable(departures, lead_minutes)


def _offsets(stated_s: Mapping[tuple[str, str], float]) -> list[tuple[Pool, str, float]]:
    """Seconds from the start to each cut-off."""
    services = [(pool, service) for pool in POOLS for service in (STANDARD, EXPRESS)]
    return [
        (pool, service, stated_s.get((pool.pool, service), OTHER_CUT_OFFS_S + 60 * place))
        for place, (pool, service) in enumerate(services)
    ]


def _departure(pool: Pool, service: str, cut_off: datetime, lead_minutes: int) -> Departure:
    collection = (cut_off + timedelta(minutes=lead_minutes)).astimezone(zone_rules(pool.time_zone))
    return Departure(pool.pool, carrier_of(pool, service), service, cut_off, collection)


def _is_plain(departure: Departure) -> bool:
    """Whether the clock on the wall names this instant and no other: neither twice in a night nor never."""
    return all(
        departure.collection.replace(fold=fold).astimezone(UTC) == departure.collection.astimezone(UTC)
        for fold in (0, 1)
    )
