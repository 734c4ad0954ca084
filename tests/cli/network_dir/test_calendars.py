"""Calendars against holidays that everybody knows, and horizons."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cli.network_dir.calendars import (
    DAYS_AHEAD,
    DAYS_BACK,
    WEEKDAYS,
    CalendarRule,
    expand_calendar,
    horizon,
    works_never,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("FR", date(2026, 7, 14)),
        ("FR", date(2026, 5, 25)),
        ("DE", date(2026, 10, 3)),
        ("DE-SN", date(2026, 11, 18)),
        ("ES", date(2026, 10, 12)),
        ("PT", date(2026, 4, 25)),
        ("FI", date(2026, 12, 6)),
        ("GB-ENG", date(2026, 8, 31)),
        ("BE", date(2026, 7, 21)),
    ],
)
def test_a_public_holiday_is_closed(code: str, day: date) -> None:
    calendar = expand_calendar("test", CalendarRule(days=WEEKDAYS, holidays=code), FIRST, LAST)
    assert day in calendar.closed


def test_a_subdivision_has_holidays_of_its_own() -> None:
    repentance_day = date(2026, 11, 18)
    bavaria = expand_calendar("test", CalendarRule(days=WEEKDAYS, holidays="DE-BY"), FIRST, LAST)
    assert repentance_day not in bavaria.closed


def test_weekends_are_closed_unless_they_are_working_days() -> None:
    saturday, sunday = date(2026, 11, 21), date(2026, 11, 22)
    weekdays = expand_calendar("test", CalendarRule(), FIRST, LAST).closed
    shops = expand_calendar("test", CalendarRule(days=WEEKDAYS[:6]), FIRST, LAST).closed
    assert {saturday, sunday} <= set(weekdays)
    assert saturday not in shops
    assert sunday in shops


def test_closed_and_open_dates_override_days_and_holidays() -> None:
    rule = CalendarRule(
        holidays="FR", closed=(date(2026, 12, 24),), open=(date(2026, 7, 14), date(2026, 12, 20))
    )
    closed = expand_calendar("test", rule, FIRST, LAST).closed
    assert date(2026, 12, 24) in closed
    assert not {date(2026, 7, 14), date(2026, 12, 20)} & set(closed)


def test_closed_dates_ascend_within_the_horizon() -> None:
    closed = expand_calendar("test", CalendarRule(holidays="FR"), FIRST, LAST).closed
    assert list(closed) == sorted(set(closed))
    assert FIRST <= closed[0] <= closed[-1] <= LAST


@pytest.mark.parametrize("today", [FIRST + timedelta(days=days) for days in range(0, 800, 13)])
def test_the_horizon_reaches_far_enough_in_whole_months(today: date) -> None:
    first, last = horizon(today)
    assert first <= today - timedelta(days=DAYS_BACK)
    assert last >= today + timedelta(days=DAYS_AHEAD)
    assert first.day == 1
    assert (last + timedelta(days=1)).day == 1


def test_the_horizon_is_the_same_for_most_of_a_month() -> None:
    assert horizon(date(2026, 11, 10)) == horizon(date(2026, 11, 20))


def test_a_calendar_without_a_working_day_is_known_as_such() -> None:
    assert works_never(expand_calendar("test", CalendarRule(days=()), FIRST, LAST))
    assert not works_never(expand_calendar("test", CalendarRule(days=(), open=(LAST,)), FIRST, LAST))
