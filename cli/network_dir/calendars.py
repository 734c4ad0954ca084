"""Calendars: working days of the week and public holidays, expanded to the dates on which nothing moves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from functools import cache

import holidays
from msgspec import Struct

from cli.network_dir.values import BadValueError
from cli.words.names import did_you_mean
from schemas.reference import CalendarEntity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_BACK = 31
DAYS_AHEAD = 400


class CalendarRule(Struct, frozen=True, kw_only=True):
    """A calendar as its author describes it: `closed` and `open` dates override days and holidays."""

    days: tuple[str, ...] = WEEKDAYS[:5]
    holidays: str = ""
    closed: tuple[date, ...] = ()
    open: tuple[date, ...] = ()


def horizon(today: date) -> tuple[date, date]:
    """The days that calendars and time zones are expanded for: whole months around today.

    Whole months, so that applying the same directory on two days of one month finds nothing to change.
    """
    first = (today - timedelta(days=DAYS_BACK)).replace(day=1)
    month_after = ((today + timedelta(days=DAYS_AHEAD)).replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, month_after - timedelta(days=1)


def expand_calendar(calendar: str, rule: CalendarRule, first: date, last: date) -> CalendarEntity:
    """The calendar's closed dates from `first` to `last`, both included."""
    years = range(first.year, last.year + 1)
    public = public_holidays(rule.holidays, years) if rule.holidays else frozenset()
    working = {WEEKDAYS.index(day) for day in rule.days}
    closed = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        works = day.weekday() in working and day not in public and day not in rule.closed
        if not works and day not in rule.open:
            closed.append(day)
    return CalendarEntity(calendar=calendar, first=first, last=last, closed=tuple(closed))


def works_never(calendar: CalendarEntity) -> bool:
    """Whether no day of the whole horizon is a working day."""
    return len(calendar.closed) > (calendar.last - calendar.first).days


@cache
def holiday_countries() -> dict[str, tuple[str, ...]]:
    """Countries whose public holidays are known, by their two letters, with their subdivisions."""
    supported = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(divisions) for country, divisions in supported.items() if len(country) == 2}


def holiday_code(text: str) -> str:
    """A country whose holidays are known, or one of its subdivisions: `FR`, `DE-BY`."""
    country, _, division = text.partition("-")
    if country not in holiday_countries():
        hint = did_you_mean(country, holiday_countries()) or "; write its ISO code, for example FR or DE-BY"
        raise BadValueError(f"is no country whose holidays are known{hint}")
    divisions = holiday_countries()[country]
    if division and division not in divisions:
        known = f"it has {', '.join(divisions)}" if divisions else f"write {country} alone"
        raise BadValueError(f"names no subdivision of {country} with holidays of its own; {known}")
    return text


def public_holidays(code: str, years: Collection[int]) -> frozenset[date]:
    """The public holidays of a country or a subdivision in some years."""
    country, _, division = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=division or None, years=years))
