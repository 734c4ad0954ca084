"""The example network: sound, large enough to be interesting, and the same on every machine."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.network_dir.example.writing import EVENTS_FILE, example
from cli.network_dir.reading import network_of, read_network
from cli.shared.event_file import EventLine, checked, read_lines
from infra.errors import ConfigurationError
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS
from schemas.reference import (
    ChannelEntity,
    ItemEntity,
    ItemPoolEntity,
    LaneEntity,
    PoolEntity,
    ServiceLevelEntity,
    TimeZoneEntity,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("example") / "network"
    example(directory, NOW)
    return directory


@pytest.mark.parametrize("month", range(1, 13))
def test_it_is_sound_in_every_month_and_has_no_warning(directory: Path, month: int) -> None:
    reading = read_network(directory, datetime(2027, month, 15, tzinfo=UTC).date())
    assert [fault.text for fault in reading.faults + reading.warnings] == []


def test_it_is_what_a_retailer_recognises(directory: Path) -> None:
    entities = network_of(directory, NOW.date()).entities
    kinds = Counter(type(entity) for entity in entities)
    pools = [entity for entity in entities if isinstance(entity, PoolEntity)]
    assert len(pools) >= 12
    assert {pool.pool_kind for pool in pools} == {"dc", "3pl", "store", "supplier"}
    assert len({pool.wms for pool in pools}) >= 3
    assert kinds[ItemEntity] == 500
    assert kinds[ServiceLevelEntity] == kinds[ChannelEntity] == 3
    assert kinds[ItemPoolEntity] > 100
    assert kinds[LaneEntity] > 100


def test_its_pools_are_in_four_countries_and_three_clocks(directory: Path) -> None:
    entities = network_of(directory, NOW.date()).entities
    places = {pool.time_zone for pool in entities if isinstance(pool, PoolEntity)}
    assert len(places) >= 4
    clocks = {zone.transitions for zone in entities if isinstance(zone, TimeZoneEntity)}
    assert len(clocks) == 3


def test_it_is_the_same_wherever_it_is_written(directory: Path, tmp_path: Path) -> None:
    example(tmp_path / "again", NOW)
    for file in directory.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_its_events_are_what_the_router_takes(directory: Path) -> None:
    outcomes = [checked(line, value) for line, value in read_lines(directory / EVENTS_FILE)]
    assert all(isinstance(outcome, EventLine) for outcome in outcomes)
    topics = Counter(outcome.topic for outcome in outcomes if isinstance(outcome, EventLine))
    assert topics[INVENTORY] > 1_000
    assert topics[ORDERS] >= 10
    assert topics[FULFILMENT] >= 2


def test_a_directory_that_holds_something_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ConfigurationError, match="is not empty"):
        example(tmp_path, NOW)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(ConfigurationError, match="is a file"):
        example(tmp_path / "mine.txt", NOW)
