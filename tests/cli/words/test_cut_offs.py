"""A cut-off is said to have passed today where one has, by the pool's own clock, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from cli.words.decision import decision_lines
from cli.words.places import Places
from schemas.codec import decode_notice
from schemas.notices import Decision
from tests.promises import promise
from tests.small_network import calendar, cutoff, ms, network, pool, with_entities
from tests.world import World, counted, placed

MONDAY = ms("2026-03-23 00:00")
MINUTE_MS = 60_000
HOURS_AHEAD = {"berlin": 1, "london": 0}


def passed_today(pool_name: str, now_ms: int) -> bool:
    """Trucks leave on weekdays at three, and picking takes an hour; summer begins on the 29th at one."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    is_summer = now >= datetime(2026, 3, 29, 1, tzinfo=UTC)
    local = now + timedelta(hours=HOURS_AHEAD[pool_name] + is_summer)
    return local.weekday() < 5 and (local.hour, local.minute) > (14, 0)


@promise("P5")
@given(st.integers(0, 8 * 1440))
@example(5_101)
def test_a_cut_off_of_today_is_named_where_it_has_passed(minutes: int) -> None:
    world = World(network())
    world.send(counted("berlin", "lamp", 5, 1), counted("london", "lamp", 5, 1))
    world.now_ms = MONDAY + minutes * MINUTE_MS
    outcome = world.send(placed("A", ("lamp", 2))).outcome
    [decision] = [
        notice
        for topic, _, value, _ in outcome.publications
        if topic == "decisions" and isinstance(notice := decode_notice(value or b""), Decision)
    ]
    catalog = world.network.catalog
    text = list(decision_lines(decision, Places(catalog.entities(catalog.sets).values())))
    [ships] = [line for line in text if line.startswith("    ship by ")]
    # While only the one of Berlin has passed, the truck from London may be the better one.
    chosen, rival = (
        ("berlin", "london") if any(line.startswith("  berlin: ") for line in text) else ("london", "berlin")
    )
    assert ("(today's cut-off, 14:00, has passed)" in ships) == passed_today(chosen, world.now_ms)
    for line in text:
        if line.startswith(f"  not {rival}"):
            gone = "today's cut-off there (14:00) has passed" in line
            assert gone == passed_today(rival, world.now_ms)


def test_what_left_just_before_the_clock_jumped_is_of_yesterday() -> None:
    """On the day that has 23 hours, so many since midnight reach back into the evening before."""
    entities = with_entities(
        network(),
        calendar("daily", []),
        {"kind": "carrier", "carrier": "post", "calendar": "daily"},
        pool("berlin", calendar="daily", pick_minutes=0),
        cutoff("berlin", "23:30"),
    )
    catalog = World(entities).network.catalog
    places = Places(catalog.entities(catalog.sets).values())
    sunday_morning, sunday_evening = ms("2026-03-29 03:00"), ms("2026-03-29 21:30")
    assert places.truck_gone("web", "de", "standard", "berlin", sunday_morning, sunday_evening) is None
