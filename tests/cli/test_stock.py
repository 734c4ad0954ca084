"""`sluice stock`: the ledger's figures, pool by pool, and what may be promised of them."""

import json

import pytest

from cli.network_dir.example.stock import assortment
from infra.kafka.broker import LocalKafka
from schemas.reference import ItemPoolEntity
from tests.published import Cluster, cluster, count, decide, event, example_network, offline, order

pytestmark = pytest.mark.kafka

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
        "uncertain": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mug-bleu"], 'nothing is known of the stock of "mug-bleu", among 2 SKUs. Did you mean "mug-blue"?'),
        (
            ["mug-blue", "--pool", "dc-pari"],
            'pool "dc-pari" has no stock row of "mug-blue". Did you mean "dc-paris"?',
        ),
        (["mug-blue", "--pool", "x"], "As far as is known, it has been in dc-paris, store-paris"),
    ],
)
def test_what_is_not_there_is_1_with_a_remedy(
    arguments: list[str], message: str, router: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert router.run("stock", *arguments) == 1
    assert message in capsys.readouterr().err


def test_the_example_stocks_what_the_readme_asks_about() -> None:
    assert any(item.sku == "powerbank-white" for item, _, _ in assortment())
