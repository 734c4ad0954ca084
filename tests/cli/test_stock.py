"""`sluice stock`: the ledger's figures, pool by pool, and what may be promised of them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs
from rich.cells import cell_len

from cli.decide.offline import reference_set
from cli.network_dir.example.stock import assortment
from cli.reference.set_records import set_records
from cli.reference.sets import InForce, set_of
from cli.stock.levels import Level, table
from cli.stock.positions import last_position
from infra.kafka.broker import LocalKafka
from operators.stock import new_row
from schemas.codec import decode_input
from schemas.kinds import REFERENCE
from schemas.reference import AnyEntity, ChannelEntity, ItemPoolEntity, PoolEntity
from schemas.times import parse_rfc3339
from tests.published import MORNING, Cluster, cluster, count, decide, event, example_network, offline, order

pytestmark = pytest.mark.kafka

FOUND = {
    "pool": "dc-paris", "sku": "mug-blue", "reason": "found", "document": "A-1", "position": 48_210
}  # fmt: skip
SAFE = next(
    entity
    for entity in example_network().entities
    if isinstance(entity, ItemPoolEntity) and entity.safety and "paris" in entity.pool
)


@pytest.fixture(scope="module")
def router(kafka: LocalKafka) -> Cluster:
    there = cluster(kafka.bootstrap, "test-stock.")
    engine = offline()
    blocked = {
        "pool": "dc-paris", "sku": "mug-blue", "quantity": 2, "reason": "chipped", "document": "Q-1", "position": 11,
    }  # fmt: skip
    decide(
        engine,
        count("mug-blue", "dc-paris", 1_200, 10),
        count("mug-blue", "store-paris", 3, 7),
        count(SAFE.sku, SAFE.pool, 9, 10),
        event("stock.blocked", "block/1", blocked),
        event("stock.adjusted", "found/1", FOUND | {"delta": 1}),
        event("stock.adjusted", "broken/1", FOUND | {"delta": -1, "document": "A-2", "position": 48_211}),
        order("O-1", "mug-blue", 4),
    )
    there.publish(engine.publications)
    return there


def test_figures_and_free_units_are_told(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("stock", "mug-blue") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "mug-blue in network eu"
    assert lines[1].split("  ")[1:3] == ["pool", "       class"] or "pool" in lines[1]
    assert lines[2].split() == ["dc-paris", "good", "1,200", "4", "(4)", "2", "0", "0", "1,194", "10"]
    assert lines[3].split() == ["store-paris", "good", "3", "0", "0", "0", "0", "3", "7"]
    assert lines[4] == "  1,197 may still be promised"


def test_json_of_one_pool_with_its_safety_stock(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("stock", SAFE.sku, "--pool", SAFE.pool, "--json") == 0
    (level,) = json.loads(capsys.readouterr().out)
    assert level == {
        "network": "eu", "pool": SAFE.pool, "sku": SAFE.sku, "class": "good", "on_hand": 9, "reserved": 0,
        "released": 0, "blocked": 0, "suspect": 0, "safety": SAFE.safety, "free": 9 - SAFE.safety, "mark": 10,
        "last_position": 10, "uncertain": False, "withheld": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mug-bleu"], 'nothing is known of the stock of "mug-bleu", among 2 SKUs. Did you mean "mug-blue"?'),
        (
            ["mug-blue", "--pool", "dc-pari"],
            'pool "dc-pari" has no stock row of "mug-blue". Did you mean "dc-paris"?',
        ),
        (["--pool", "dc-pari"], 'of any stock in pool "dc-pari", among 2 pools. Did you mean "dc-paris"?'),
        (["mug-blue", "--pool", "x"], "As far as is known, it has been in dc-paris, store-paris"),
    ],
)
def test_what_is_not_there_is_1_with_a_remedy(
    arguments: list[str], message: str, router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("stock", *arguments) == 1
    assert message in capsys.readouterr().err


@pytest.fixture(scope="module")
def changed(kafka: LocalKafka) -> Cluster:
    """The same network after two sets: one pool paused, one withdrawn, one item withdrawn; of the first of the two
    nothing is left, because the last says anew what it said.
    """
    there = cluster(kafka.bootstrap, "test-stock-changed.")
    engine = offline()
    decide(
        engine,
        count("mug-blue", "dc-paris", 10, 1),
        count("mug-blue", "store-paris", 3, 1),
        count("mug-blue", "dc-leipzig", 5, 1),
        count("bowl-blue", "dc-paris", 7, 1),
    )
    in_force = InForce()
    for value in reference_set(example_network(), parse_rfc3339(MORNING)):
        in_force.fold(decode_input(REFERENCE, value))
    for pick_minutes in (20, 30):
        wanted = [_later(each, pick_minutes) for each in in_force.entities.values() if not _is_gone(each)]
        following = set_of(in_force, wanted)
        assert following is not None
        for record in set_records("eu", following, datetime(2026, 11, 23, 10, tzinfo=UTC)):
            engine.send(REFERENCE, record.value)
            in_force.fold(decode_input(REFERENCE, record.value))
    there.publish(engine.publications)
    return there


def _is_gone(entity: AnyEntity) -> bool:
    return getattr(entity, "pool", "") == "dc-leipzig" or getattr(entity, "sku", "") == "bowl-blue"


def _later(entity: AnyEntity, pick_minutes: int) -> AnyEntity:
    if isinstance(entity, PoolEntity) and entity.pool == "store-paris":
        return structs.replace(entity, status="paused", pick_minutes=pick_minutes)
    if isinstance(entity, ChannelEntity):
        pools = [pool for pool in entity.pools if pool != "dc-leipzig"]
        return structs.replace(entity, pools=tuple(pools if pick_minutes == 20 else reversed(pools)))
    return entity


def test_stock_of_pools_and_items_that_are_not_promised_is_not_counted(
    changed: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert changed.run("stock", "mug-blue") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  not promised: ")[1:] for line in lines[2:5]] == [
        ["the pool is not in force"], [], ["the pool is paused"],
    ]  # fmt: skip
    assert [line.split()[0] for line in lines[2:5]] == ["dc-leipzig", "dc-paris", "store-paris"]
    assert lines[5] == "  10 may still be promised, 8 may not"
    assert changed.run("stock", "bowl-blue", "--json") == 0
    (level,) = json.loads(capsys.readouterr().out)
    assert (level["free"], level["withheld"]) == (7, "item_withdrawn")


# --- how far the sequence of a pool has come ---------------------------------------------------------------


def test_a_pool_tells_its_last_position_in_force_and_what_to_add_to_a_sequence_that_began_anew(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("stock", "--pool", SAFE.pool) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{SAFE.pool} in network eu: 2 stock rows, the last position in force is 10",
        "  half of them are at 7 or before; furthest:",
        f"    {SAFE.sku}  good  mark 10                   last position 10",
        "    mug-blue     good  mark 7                    last position 7",
        "  A sequence that began anew is heard again where it goes on above: "
        "add 11 or more to each position and mark",
    ]


def test_json_of_a_pool_without_an_item(router: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert router.run("stock", "--pool", "dc-paris", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "network": "eu", "pool": "dc-paris", "rows": 1, "last_position": 48_211, "middle_position": 48_211,
            "furthest": [{"sku": "mug-blue", "class": "good", "mark": 10, "last_position": 48_211}],
        }
    ]  # fmt: skip


def test_neither_an_item_nor_a_pool_is_wrong_usage(
    router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("stock") == 2
    assert "name an item, for its stock, or a --pool" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "last"),
    [
        ({}, None),
        ({"mark": 9, "counted": True}, 9),
        ({"mark": 9, "counted": True, "moves": ((10, -1), (12, 3))}, 12),
        ({"floor": 11}, 11),
        ({"mark": 9, "counted": True, "suspect_position": 15}, 15),
    ],
    ids=["nothing", "a count", "movements after it", "movements that were folded", "a short pick"],
)
def test_the_last_position_is_above_all_that_the_row_compares_with(
    changed: dict[str, Any], last: int | None
) -> None:
    assert last_position(structs.replace(new_row("eu", "dc-paris", "mug-blue", "good"), **changed)) == last


def test_columns_are_aligned_by_what_a_screen_shows() -> None:
    level = Level(
        network="eu", pool="東京倉庫", sku="s1", stock_class="good", on_hand=1, reserved=0, released=0, blocked=0,
        suspect=0, safety=0, free=1, mark=1, last_position=1, uncertain=False,
    )  # fmt: skip
    _, header, tokyo, paris, _ = table([level, structs.replace(level, pool="dc-paris")])
    assert {cell_len(line) for line in (header, tokyo, paris)} == {cell_len(header)}
    assert cell_len(tokyo.split("good")[0]) == cell_len(paris.split("good")[0])


def test_the_example_stocks_what_the_readme_asks_about() -> None:
    assert any(item.sku == "powerbank-white" for item, _, _ in assortment())
