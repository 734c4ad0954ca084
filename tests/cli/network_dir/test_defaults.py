"""The smallest directory: what it says, and what holds where it says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest

from cli.network_dir.reading import network_of, read_network
from infra.errors import ConfigurationError
from schemas.reference import (
    AnyEntity,
    CalendarEntity,
    CarrierEntity,
    ChannelEntity,
    LaneEntity,
    PolicyEntity,
    PoolEntity,
    ServiceLevelEntity,
    TimeZoneEntity,
    ZoneEntity,
)
from tests.cli.network_dir.small import TODAY, edited, write_small

Entity = TypeVar("Entity")


def entities(directory: Path, kind: type[Entity]) -> list[Entity]:
    found: list[AnyEntity] = network_of(directory, TODAY).entities
    return [entity for entity in found if isinstance(entity, kind)]


def test_money_is_exact_and_text_becomes_micros(tmp_path: Path) -> None:
    lanes = entities(write_small(tmp_path), LaneEntity)
    assert [(lane.fixed, lane.per_kg) for lane in lanes] == [(4_900_000, 300_000), (6_200_000, 400_000)]


def test_a_country_needs_no_zone(tmp_path: Path) -> None:
    directory = write_small(tmp_path)
    assert entities(directory, ZoneEntity) == [
        ZoneEntity(zone="FR", country="FR", time_zone="Europe/Paris", calendar="country-FR")
    ]
    assert [zone.time_zone for zone in entities(directory, TimeZoneEntity)] == ["Europe/Paris"]


def test_a_zone_says_only_what_differs_from_its_country(tmp_path: Path) -> None:
    zones = '[zones.FR]\n[zones.FR-south]\ncountry = "FR"\npostal_prefixes = ["13", "06"]\ncalendar = "weekdays"\n'
    directory = write_small(
        tmp_path,
        network_toml=edited("network.toml", "[policies.default]", f"{zones}[policies.default]"),
        lanes_csv=edited("lanes.csv", "store-lyon,FR,", "store-lyon,FR-south,"),
    )
    south = entities(directory, ZoneEntity)[1]
    assert (south.postal_prefixes, south.time_zone, south.calendar) == (
        ("13", "06"),
        "Europe/Paris",
        "weekdays",
    )


def test_a_carrier_without_a_table_collects_on_every_day(tmp_path: Path) -> None:
    directory = write_small(tmp_path)
    assert entities(directory, CarrierEntity) == [CarrierEntity(carrier="colissimo", calendar="every-day")]
    every_day = next(each for each in entities(directory, CalendarEntity) if each.calendar == "every-day")
    assert every_day.closed == ()


def test_optional_columns_may_be_left_out(tmp_path: Path) -> None:
    directory = write_small(
        tmp_path,
        pools_csv="pool,kind,time_zone,wms\ndc-paris,dc,Europe/Paris,x\nstore-lyon,store,Europe/Paris,y\n",
        lanes_csv="pool,zone,service,carrier,transit_days,fixed\n"
        "dc-paris,FR,standard,colissimo,1,1\nstore-lyon,FR,standard,colissimo,1,1\n",
        items_csv="sku\nSKU-7\n",
    )
    pool = entities(directory, PoolEntity)[0]
    assert pool == PoolEntity(
        pool="dc-paris", pool_kind="dc", time_zone="Europe/Paris", calendar="every-day", wms="x"
    )


@pytest.mark.parametrize(
    ("columns", "cells", "lead"),
    [
        ("pick_minutes", "1.5", (1, 30)),
        ("pick_seconds", "20", (0, 20)),
        ("pick_minutes,pick_seconds", "2,5", (2, 5)),
        ("pick_minutes", "", (0, 0)),
    ],
)
def test_pick_time_has_seconds(columns: str, cells: str, lead: tuple[int, int], tmp_path: Path) -> None:
    header, place = f"pool,kind,time_zone,wms,{columns}", f"dc,Europe/Paris,x,{cells}"
    pools = f"{header}\ndc-paris,{place}\nstore-lyon,{place}\n"
    pool = entities(write_small(tmp_path, pools_csv=pools), PoolEntity)[0]
    assert (pool.pick_minutes, pool.pick_seconds) == lead


@pytest.mark.parametrize(("text", "lead"), [("90m", (90, 0)), ("20s", (0, 20)), ("1h30m5s", (90, 5))])
def test_a_release_lead_has_seconds(text: str, lead: tuple[int, int], tmp_path: Path) -> None:
    network = edited("network.toml", 'release = "at-once"', f'release_lead = "{text}"')
    (policy,) = entities(write_small(tmp_path, network_toml=network), PolicyEntity)
    assert policy.release == "before-cut-off"
    assert (policy.release_lead_minutes, policy.release_lead_seconds) == lead


def test_a_channel_without_a_policy_follows_the_default_one(tmp_path: Path) -> None:
    network = edited("network.toml", '[policies.default]\nrelease = "at-once"\n', "")
    directory = write_small(tmp_path, network_toml=network)
    assert entities(directory, PolicyEntity) == [PolicyEntity(policy="default")]


def test_a_channel_may_take_all_pools(tmp_path: Path) -> None:
    network = edited("network.toml", '["dc-paris", "store-lyon"]', '"all"')
    (channel,) = entities(write_small(tmp_path, network_toml=network), ChannelEntity)
    assert channel.pools == ("dc-paris", "store-lyon")


def test_a_service_counts_three_days_as_on_time(tmp_path: Path) -> None:
    (service,) = entities(write_small(tmp_path), ServiceLevelEntity)
    assert (service.target_days, service.delivered_by) == (3, "20:00")


def test_cells_may_be_quoted_and_hold_commas(tmp_path: Path) -> None:
    items = 'sku,unit\n"SKU, 7",EA\n" SKU-8 ",EA\n'
    network = network_of(write_small(tmp_path, items_csv=items), TODAY)
    assert [getattr(entity, "sku", "") for entity in network.entities[-2:]] == ["SKU, 7", "SKU-8"]


def test_a_verb_that_needs_a_sound_directory_says_all_its_faults(tmp_path: Path) -> None:
    directory = write_small(tmp_path, items_csv="sku,unit\nA,KG\nB,L\n")
    with pytest.raises(ConfigurationError, match=r"(?s)has 2 faults.*items.csv:2: .*items.csv:3: "):
        network_of(directory, TODAY)


def test_the_same_directory_gives_the_same_entities(tmp_path: Path) -> None:
    assert (
        read_network(write_small(tmp_path / "a"), TODAY).network
        == read_network(write_small(tmp_path / "b"), TODAY).network
    )
