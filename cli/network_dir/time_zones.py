"""Time zones: which exist, which one a country keeps, and when their clocks change.

The data is that of the `tzdata` package, never of the machine, so that everybody who applies a directory
publishes the same transitions.
"""

from __future__ import annotations

import importlib.resources
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from schemas.reference import TimeZoneEntity

_OFFSET = re.compile(r"(UTC|GMT|Z|Etc/GMT)?\s*([+-]\s*\d.*|\d{1,2}(:?\d{2})?)|Z|UTC[+-].*", re.IGNORECASE)


def is_offset(text: str) -> bool:
    """Whether this is `+01:00`, `UTC+1`, `Etc/GMT-1` and the like: a distance from UTC instead of a place."""
    return bool(_OFFSET.fullmatch(text))


@cache
def known_time_zones() -> frozenset[str]:
    """The names of all IANA time zones."""
    return frozenset(_table("zones").split())


@cache
def main_time_zone(country: str) -> str | None:
    """The time zone most people of a country live by: the first that the IANA table lists for it."""
    for line in _table("zoneinfo", "zone.tab").splitlines():
        columns = line.split("\t")
        if columns[0] == country:
            return columns[2].strip()
    return None


@cache
def zone_rules(time_zone: str) -> ZoneInfo:
    """The rules of a known time zone."""
    resource = importlib.resources.files("tzdata").joinpath("zoneinfo", *time_zone.split("/"))
    with resource.open("rb") as stream:
        return ZoneInfo.from_file(stream, key=time_zone)


def expand_time_zone(time_zone: str, first: date, last: date) -> TimeZoneEntity:
    """The offsets of a zone from `first` to `last`; the first entry also holds for everything before it."""
    rules = zone_rules(time_zone)
    # A day more on both sides, because a local day begins up to 14 hours before the UTC day of the same date.
    instant_s = _midnight_s(first - timedelta(days=1))
    end_s = _midnight_s(last + timedelta(days=2))
    transitions = [(instant_s, _offset_s(rules, instant_s))]
    while instant_s < end_s:
        next_s = min(instant_s + 86_400, end_s)
        if _offset_s(rules, next_s) != transitions[-1][1]:
            transition_s = _first_instant_of_change_s(rules, instant_s, next_s)
            transitions.append((transition_s, _offset_s(rules, transition_s)))
        instant_s = next_s
    return TimeZoneEntity(time_zone=time_zone, transitions=tuple(transitions))


def _first_instant_of_change_s(rules: ZoneInfo, before_s: int, after_s: int) -> int:
    """The offsets at the two instants differ: halve the distance until one second lies between them."""
    offset_before_s = _offset_s(rules, before_s)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if _offset_s(rules, middle_s) == offset_before_s:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s


def _offset_s(rules: ZoneInfo, instant_s: int) -> int:
    offset = datetime.fromtimestamp(instant_s, UTC).astimezone(rules).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _midnight_s(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _table(*path: str) -> str:
    return importlib.resources.files("tzdata").joinpath(*path).read_text(encoding="utf-8")
