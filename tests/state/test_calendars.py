"""Working days and wall clocks, from tables alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reference import CalendarEntity, TimeZoneEntity
from schemas.times import rfc3339
from state.calendars import Calendar, TimeZone, second_of_day
from tests.small_network import BERLIN_TIME, ms

MARCH = [date(2026, 3, day) for day in range(1, 32)]


def calendar(*closed: date) -> Calendar:
    return Calendar(CalendarEntity(calendar="c", first=MARCH[0], last=MARCH[-1], closed=closed))


def zone(transitions: list[list[int]]) -> TimeZone:
    pairs = tuple((from_s, offset_s) for from_s, offset_s in transitions)
    return TimeZone(TimeZoneEntity(time_zone="z", transitions=pairs))


BERLIN = zone(BERLIN_TIME)


@pytest.mark.parametrize(
    ("day", "clock", "instant"),
    [
        ("2026-03-16", "15:00", "2026-03-16 14:00"),
        ("2026-03-16", "00:00", "2026-03-15 23:00"),
        ("2026-07-01", "15:00", "2026-07-01 13:00"),
        ("2026-07-01", "00:00", "2026-06-30 22:00"),
        # The clock jumps from 02:00 to 03:00 on 29 March.
        ("2026-03-29", "01:59", "2026-03-29 00:59"),
        ("2026-03-29", "02:00", "2026-03-29 01:00"),
        ("2026-03-29", "02:30", "2026-03-29 01:00"),
        ("2026-03-29", "03:00", "2026-03-29 01:00"),
        ("2026-03-29", "03:01", "2026-03-29 01:01"),
        ("2026-03-29", "00:00", "2026-03-28 23:00"),
        # It runs from 02:00 to 03:00 twice on 25 October: the first one counts.
        ("2026-10-25", "01:59", "2026-10-24 23:59"),
        ("2026-10-25", "02:00", "2026-10-25 00:00"),
        ("2026-10-25", "02:59", "2026-10-25 00:59"),
        ("2026-10-25", "03:00", "2026-10-25 02:00"),
        ("2026-10-26", "00:00", "2026-10-25 23:00"),
    ],
)
def test_wall_time_to_instant(day: str, clock: str, instant: str) -> None:
    found = BERLIN.utc_ms(date.fromisoformat(day).toordinal(), second_of_day(clock))
    assert rfc3339(found) == rfc3339(ms(instant))


@given(st.integers(0, 364), st.integers(0, 86_399), st.integers(0, 86_399))
def test_a_later_wall_time_is_never_an_earlier_instant(day: int, second: int, other: int) -> None:
    ordinal = date(2026, 1, 1).toordinal() + day
    earlier, later = sorted((second, other))
    assert BERLIN.utc_ms(ordinal, earlier) <= BERLIN.utc_ms(ordinal, later)
    assert BERLIN.utc_ms(ordinal, later) <= BERLIN.utc_ms(ordinal + 1, 0)


@pytest.mark.parametrize(("clock", "seconds"), [("00:00", 0), ("15:30", 55_800), ("23:59:59", 86_399)])
def test_clock_times(clock: str, seconds: int) -> None:
    assert second_of_day(clock) == seconds


@pytest.mark.parametrize(
    ("day", "working_days", "expected"),
    [
        (16, 0, 16),  # a working day is itself
        (17, 0, 19),  # closed: the next one that is open
        (16, 1, 19),
        (16, 2, 20),
        (17, 1, 19),
        (18, 1, 19),
        (31, 0, 31),
        (31, 1, None),  # the calendar ends
        (30, 5, None),
    ],
)
def test_working_days_ahead(day: int, working_days: int, expected: int | None) -> None:
    days = calendar(date(2026, 3, 17), date(2026, 3, 18))
    found = days.after(date(2026, 3, day).toordinal(), working_days)
    assert found == (None if expected is None else date(2026, 3, expected).toordinal())


@given(st.sets(st.sampled_from(MARCH)), st.sampled_from(MARCH), st.integers(0, 40))
def test_counting_days_agrees_with_walking_them(closed: set[date], start: date, working_days: int) -> None:
    days = calendar(*sorted(closed))
    day, left = start, working_days
    if working_days == 0:
        while day in closed:
            day += timedelta(days=1)
    while left:
        day += timedelta(days=1)
        left -= day not in closed
        if day > MARCH[-1]:
            break
    expected = None if day > MARCH[-1] else day.toordinal()
    assert days.after(start.toordinal(), working_days) == expected


def test_beyond_the_calendar_nothing_is_open() -> None:
    days = calendar()
    assert days.is_open(MARCH[0].toordinal())
    assert not days.is_open(MARCH[0].toordinal() - 1)
    assert not days.is_open(MARCH[-1].toordinal() + 1)
