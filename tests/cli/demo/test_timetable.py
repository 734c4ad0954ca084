"""The demo's trucks, at awkward hours: the router must see the cut-offs that the story counts on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from cli.demo.assortment import stocked
from cli.demo.network import NETWORK, PATIENT_CHANNEL, write_network
from cli.demo.places import EXPRESS, POOLS, STANDARD, ZONES
from cli.demo.timetable import FIRST_TRUCK, MISSED_TRUCKS, timetable
from cli.network_dir.reading import network_of
from schemas.times import to_ms
from state.routes import Routes

STARTS = {
    "a Monday morning": "2026-11-23T04:00:00",
    "Sunday 23:58 in Paris": "2026-11-22T22:58:00",
    "just before midnight in Lisbon": "2026-11-22T23:59:30",
    "the night the clocks go back": "2026-10-25T00:10:00",
    "the hour that comes twice": "2026-10-25T00:59:59",
    "the night the clocks go forward": "2026-03-29T00:30:00",
    "New Year's Eve": "2026-12-31T22:57:00",
    "Christmas": "2026-12-25T12:00:00",
    "the last of February": "2028-02-29T22:30:00",
}


@pytest.mark.parametrize("start_text", STARTS.values(), ids=STARTS.keys())
def test_each_cut_off_is_the_one_of_the_story(start_text: str, tmp_path: Path) -> None:
    start = datetime.fromisoformat(start_text).replace(tzinfo=UTC)
    trucks = timetable(start)
    write_network(tmp_path, trucks, stocked(Random(1), 1_000).items)
    network = network_of(tmp_path, start.date())
    assert network.name == NETWORK
    routes = Routes(network.entities)
    arrivals = set()
    for zone in ZONES:
        for service in (STANDARD, EXPRESS):
            candidates = routes.candidates(zone.zone, service, PATIENT_CHANNEL).ranked
            assert len(candidates) >= 6
            for lane in candidates:
                departure = lane.next_truck(to_ms(start))
                assert departure is not None
                truck, arrival_ms = departure
                assert truck.cut_off_ms == to_ms(trucks.departure(lane.pool, service).cut_off)
                assert truck.day == trucks.day.toordinal()
                arrivals.add((lane.transit_days, arrival_ms // 86_400_000))
    # One day's way and two days' way: the same two dates from everywhere, so tomorrow's truck is a day later.
    assert len(arrivals) == 2


@pytest.mark.parametrize("start_text", STARTS.values(), ids=STARTS.keys())
def test_the_story_has_its_trucks_and_the_rest_leave_after_it(start_text: str) -> None:
    start = datetime.fromisoformat(start_text).replace(tzinfo=UTC)
    trucks = timetable(start)
    story = {FIRST_TRUCK, *MISSED_TRUCKS}
    assert len(trucks.departures) == 2 * len(POOLS)
    for departure in trucks.departures:
        ahead = departure.cut_off - start
        if (departure.pool, departure.service) in story:
            assert timedelta(0) < ahead < timedelta(seconds=35)
        else:
            assert ahead > timedelta(minutes=30)
        assert departure.collection - departure.cut_off == timedelta(minutes=trucks.lead_minutes)
