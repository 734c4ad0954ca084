"""Which truck an order still makes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reference import CalendarEntity
from schemas.times import rfc3339
from state.calendars import Calendar
from state.cutoffs import CutoffClock
from tests.small_network import SATURDAYS, SUNDAYS, ms
from tests.state.test_calendars import BERLIN

HOUR_MS = 3_600_000
WEEKEND = tuple(date.fromisoformat(day) for day in SATURDAYS + SUNDAYS)


def days(
    first: date = date(2026, 3, 2), last: date = date(2026, 12, 31), closed: tuple[date, ...] = WEEKEND
) -> Calendar:
    return Calendar(CalendarEntity(calendar="c", first=first, last=last, closed=closed))


def clock(
    collection_s: int = 15 * 3600, lead_ms: int = HOUR_MS, last: date = date(2026, 12, 31)
) -> CutoffClock:
    return CutoffClock(days(), days(last=last), BERLIN, collection_s, lead_ms)


@pytest.mark.parametrize(
    ("now", "later", "cut_off"),
    [
        ("2026-03-16 08:00", 0, "2026-03-16 13:00"),
        ("2026-03-16 13:00", 0, "2026-03-16 13:00"),  # on the dot it is still made
        ("2026-03-16 13:01", 0, "2026-03-17 13:00"),
        ("2026-03-16 08:00", 2, "2026-03-18 13:00"),
        ("2026-03-20 13:01", 0, "2026-03-23 13:00"),  # Friday afternoon: Monday
        ("2026-03-27 13:01", 0, "2026-03-30 12:00"),  # and an hour earlier, in summer time
        ("2026-03-20 13:01", 40, "2026-05-18 12:00"),  # beyond the first stretch that is computed
    ],
)
def test_the_next_truck(now: str, later: int, cut_off: str) -> None:
    truck = clock().truck(ms(now), later)
    assert truck is not None
    assert rfc3339(truck.cut_off_ms) == rfc3339(ms(cut_off))


def test_a_lead_of_days_makes_the_cut_off_days_before_the_truck() -> None:
    truck = clock(lead_ms=72 * HOUR_MS).truck(ms("2026-03-16 08:00"))
    assert truck is not None
    assert (rfc3339(truck.cut_off_ms), date.fromordinal(truck.day)) == (
        "2026-03-16T14:00:00.000Z",
        date(2026, 3, 19),
    )


def test_a_collection_at_midnight_belongs_to_the_day_that_begins() -> None:
    truck = clock(collection_s=0).truck(ms("2026-03-16 08:00"))
    assert truck is not None
    assert (rfc3339(truck.cut_off_ms), date.fromordinal(truck.day)) == (
        "2026-03-16T22:00:00.000Z",
        date(2026, 3, 17),
    )


def test_after_the_calendars_there_is_no_truck() -> None:
    ending = clock(last=date(2026, 3, 17))
    assert ending.truck(ms("2026-03-17 13:00")) is not None
    assert ending.truck(ms("2026-03-17 13:01")) is None
    assert ending.truck(ms("2026-03-16 08:00"), 2) is None


@given(st.lists(st.integers(0, 250 * 24), min_size=1, max_size=8), st.integers(0, 60))
def test_what_was_asked_before_changes_no_answer(hours: list[int], lead_hours: int) -> None:
    """The list of trucks is a cache: one clock that answers all questions, and one for each of them, agree."""
    shared = clock(lead_ms=lead_hours * HOUR_MS)
    for hour in sorted(hours):
        now_ms = ms("2026-03-16 00:00") + hour * HOUR_MS
        fresh = clock(lead_ms=lead_hours * HOUR_MS).truck(now_ms)
        assert shared.truck(now_ms) == fresh
        assert fresh is None or fresh.cut_off_ms >= now_ms
