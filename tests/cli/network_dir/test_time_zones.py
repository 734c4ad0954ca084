"""Offset transitions against the dates on which clocks really change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from cli.network_dir.time_zones import (
    expand_time_zone,
    is_offset,
    known_time_zones,
    main_time_zone,
    zone_rules,
)

FIRST, LAST = date(2026, 10, 1), date(2027, 12, 31)
# In the European Union and in Britain clocks change at 01:00 UTC on the last Sunday of March and October.
AUTUMN_2026 = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
SPRING_2027 = int(datetime(2027, 3, 28, 1, tzinfo=UTC).timestamp())
AUTUMN_2027 = int(datetime(2027, 10, 31, 1, tzinfo=UTC).timestamp())
BEFORE = int(datetime(2026, 9, 30, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("time_zone", "winter_s"), [("Europe/London", 0), ("Europe/Paris", 3600), ("Europe/Helsinki", 7200)]
)
def test_europe_changes_its_clocks_together(time_zone: str, winter_s: int) -> None:
    assert expand_time_zone(time_zone, FIRST, LAST).transitions == (
        (BEFORE, winter_s + 3600),
        (AUTUMN_2026, winter_s),
        (SPRING_2027, winter_s + 3600),
        (AUTUMN_2027, winter_s),
    )


def test_a_zone_that_keeps_its_offset_has_one_entry() -> None:
    assert expand_time_zone("Asia/Tokyo", FIRST, LAST).transitions == ((BEFORE, 9 * 3600),)


@pytest.mark.parametrize(
    "time_zone", ["America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kolkata"]
)
def test_every_hour_of_the_horizon_has_the_offset_of_the_rules(time_zone: str) -> None:
    transitions = expand_time_zone(time_zone, FIRST, LAST).transitions
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    while moment < datetime(2028, 1, 1, tzinfo=UTC):
        offset_s = [offset for start, offset in transitions if start <= moment.timestamp()][-1]
        assert zone_rules(time_zone).utcoffset(moment.astimezone(zone_rules(time_zone))) == timedelta(
            seconds=offset_s
        )
        moment += timedelta(hours=1)


@pytest.mark.parametrize("text", ["+01:00", "-5", "UTC+1", "GMT-3", "Etc/GMT-1", "Z", "01:00", "utc+2"])
def test_an_offset_is_known_as_one(text: str) -> None:
    assert is_offset(text)


def test_no_place_is_taken_for_an_offset() -> None:
    refused = {name for name in known_time_zones() if is_offset(name) and not name.startswith("Etc/GMT")}
    assert refused == {"GMT+0", "GMT-0", "GMT0"}


@pytest.mark.parametrize(
    ("country", "time_zone"),
    [
        ("FR", "Europe/Paris"),
        ("PT", "Europe/Lisbon"),
        ("ES", "Europe/Madrid"),
        ("US", "America/New_York"),
        ("XX", None),
    ],
)
def test_a_country_has_a_main_time_zone(country: str, time_zone: str | None) -> None:
    assert main_time_zone(country) == time_zone
