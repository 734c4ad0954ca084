"""Which sets count, and the set that leads from one network to another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from cli.decide.offline import Offline
from cli.network_dir.reading import network_of
from cli.network_dir.time_zones import expand_time_zone
from cli.reference.differences import differences
from cli.reference.set_records import set_records
from cli.reference.sets import InForce, ReferenceSet, set_of
from schemas.codec import decode_input
from schemas.kinds import REFERENCE
from schemas.reference import AnyEntity, ItemEntity, NetworkEntity, SetCommitted, TimeZoneEntity
from schemas.reference_set import members_hash
from schemas.times import to_ms
from tests.cli.network_dir.small import FILES, TODAY, write_small

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EURO = NetworkEntity(currency="EUR")


def item(sku: str, weight_grams: int = 0) -> ItemEntity:
    return ItemEntity(sku=sku, unit="EA", weight_grams=weight_grams)


def change(in_force: InForce, *wanted: AnyEntity) -> ReferenceSet:
    found = set_of(in_force, [EURO, *wanted])
    assert found is not None
    return found


def fold(in_force: InForce, reference_set: ReferenceSet) -> InForce:
    """Takes the set as it comes off the wire."""
    for record in set_records("eu", reference_set, NOW):
        in_force.fold(decode_input(REFERENCE, record.value))
    return in_force


def skus(in_force: InForce) -> dict[str, int]:
    return {
        entity.sku: entity.weight_grams
        for entity in in_force.entities.values()
        if isinstance(entity, ItemEntity)
    }


def test_a_set_takes_effect_as_a_whole() -> None:
    first = change(InForce(), item("A"), item("B"))
    in_force = fold(InForce(), first)
    assert in_force.set_id == first.commit.set_id == f"1-{first.commit.hash[:8]}"
    assert skus(in_force) == {"A": 0, "B": 0}


def test_only_what_changed_is_in_a_set() -> None:
    in_force = fold(InForce(), change(InForce(), item("A"), item("B"), item("C")))
    second = change(in_force, item("A", 5), item("B"), item("D"))
    assert len(second.members) == 3
    assert second.commit.based_on == in_force.set_id
    assert second.commit.set_id.startswith("2-")
    assert skus(fold(in_force, second)) == {"A": 5, "B": 0, "D": 0}


def test_nothing_to_change_is_no_set() -> None:
    in_force = fold(InForce(), change(InForce(), item("A")))
    assert set_of(in_force, [item("A"), EURO]) is None


def test_members_without_a_commit_have_no_effect() -> None:
    in_force = InForce()
    *members, _commit = set_records("eu", change(InForce(), item("A")), NOW)
    for record in members:
        in_force.fold(record.event)
    assert (in_force.set_id, skus(in_force)) == ("", {})


@pytest.mark.parametrize("fault", [{"members": 7}, {"hash": "0" * 16}, {"based_on": "9-deadbeef"}])
def test_a_commit_that_does_not_agree_has_no_effect(fault: dict[str, object]) -> None:
    first = change(InForce(), item("A"))
    commit: SetCommitted = msgspec.structs.replace(first.commit, **fault)
    assert fold(InForce(), ReferenceSet(members=first.members, commit=commit)).set_id == ""


def test_a_set_based_on_an_older_one_has_no_effect() -> None:
    in_force = fold(InForce(), change(InForce(), item("A")))
    mine, theirs = change(in_force, item("A"), item("B")), change(in_force, item("A"), item("C"))
    in_force = fold(fold(in_force, theirs), mine)
    assert in_force.set_id == theirs.commit.set_id
    assert skus(in_force) == {"A": 0, "C": 0}


def test_a_set_that_contradicts_itself_has_no_effect() -> None:
    without_network = set_of(InForce(), [item("A")])
    assert without_network is not None
    assert fold(InForce(), without_network).set_id == ""


def test_no_name_comes_twice_even_after_a_refusal() -> None:
    refused = change(InForce(), item("A"))
    stale = ReferenceSet(
        members=refused.members, commit=msgspec.structs.replace(refused.commit, based_on="0-other")
    )
    in_force = fold(InForce(), stale)
    again = change(in_force, item("A"))
    assert again.commit.set_id != stale.commit.set_id
    assert fold(in_force, again).set_id == again.commit.set_id


def test_a_set_says_what_it_hashes_to() -> None:
    first = change(InForce(), item("A"), item("B"))
    assert members_hash(first.members) == first.commit.hash
    assert first.commit.members == len(first.members) == 3


def test_long_names_do_not_make_an_id_too_long() -> None:
    first = change(InForce(), item("x" * 128), item("x" * 127))
    ids = [record.event.id for record in set_records("eu", first, NOW)]
    assert max(map(len, ids)) <= 128
    assert len(set(ids)) == len(ids)
    assert skus(fold(InForce(), first)) == {"x" * 128: 0, "x" * 127: 0}


def test_names_with_slashes_do_not_make_two_records_of_one_id(tmp_path: Path) -> None:
    """A lane from `a/b` to `FR`'s zone `c` and one from `a` to `b/c`: to the router one id would be one event."""
    lanes = "pool,zone,service,carrier,transit_days,fixed\na/b,c,standard,post,1,4.90\na,b/c,standard,post,1,4.90\n"
    directory = write_small(
        tmp_path,
        network_toml='network = "eu"\ncurrency = "EUR"\n[channels.web]\npools = "all"\n[services.standard]\n'
        '[zones."c"]\ncountry = "FR"\n[zones."b/c"]\ncountry = "DE"\n',
        pools_csv="pool,kind,time_zone,wms\na/b,dc,Europe/Paris,m\na,dc,Europe/Paris,m\n",
        lanes_csv=lanes,
        cutoffs_csv="pool,carrier,service,collection\na/b,post,standard,15:00\na,post,standard,15:00\n",
        items_csv="sku,unit\nA,EA\n",
    )
    router = Offline(network_of(directory, TODAY), to_ms(NOW))
    assert [topic for topic, *_ in router.publications if topic == "dead-letters"] == []
    assert len(router.partition.networks["eu"].catalog.sets) == 1


def test_two_networks_that_are_described_alike_can_share_a_partition(tmp_path: Path) -> None:
    network = network_of(write_small(tmp_path), TODAY)
    first = set_of(InForce(), network.entities)
    assert first is not None
    router = Offline(network, to_ms(NOW))
    for name in ("north", "south"):
        for record in set_records(name, first, NOW):
            router.send(REFERENCE, record.value)
    sets = {name: there.catalog.sets for name, there in router.partition.networks.items()}
    assert sets == dict.fromkeys(("eu", "north", "south"), (first.commit.set_id,))


def test_a_network_of_long_names_is_decided_offline(tmp_path: Path) -> None:
    long = "x" * 120
    files = {name.replace(".", "_"): text.replace("dc-paris", long) for name, text in FILES.items()}
    router = Offline(network_of(write_small(tmp_path, **files), TODAY), to_ms(NOW))
    assert [topic for topic, *_ in router.publications if topic == "dead-letters"] == []
    assert len(router.partition.networks["eu"].catalog.sets) == 1


def test_differences_read_like_a_list_of_changes() -> None:
    in_force = fold(InForce(), change(InForce(), item("A"), item("B")))
    wanted = set_of(
        in_force,
        [NetworkEntity(currency="EUR", capacity_price=1_250_000), item("A", 5), item("C"), item("D")],
    )
    assert wanted is not None
    assert list(differences(in_force, wanted)) == [
        "+ 2 items: C, D",
        "~ network: capacity_price 0.00 -> 1.25",
        "~ item A: weight_grams 0 -> 5",
        "- 1 item: B",
    ]


def test_of_a_clock_it_is_said_on_which_days_it_is_set() -> None:
    """Half a year later the horizon has moved by one change of the clock; then summer time is abolished."""

    def paris(*first_and_last: date) -> TimeZoneEntity:
        return expand_time_zone("Europe/Paris", *first_and_last)

    today = paris(date(2026, 10, 1), date(2027, 9, 30))
    later = paris(date(2026, 11, 1), date(2027, 11, 30))
    always = msgspec.structs.replace(later, transitions=later.transitions[:1])
    reviews: list[str] = []
    in_force = fold(InForce(), change(InForce(), today))
    for clock in (later, always):
        following = change(in_force, clock)
        reviews += differences(in_force, following)
        in_force = fold(in_force, following)
    assert reviews == [
        "~ time zone Europe/Paris: clock set on 2027-10-31",
        "~ time zone Europe/Paris: clock no longer set on 2027-03-28, 2027-10-31",
    ]
