"""What a planner is told, before publishing, of orders, shipments and stock that are under way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.network_dir.reading import network_of
from cli.reference.consequences import consequences
from cli.reference.differences import differences
from cli.reference.set_records import set_records
from cli.reference.sets import InForce, ReferenceSet, set_of
from tests.cli.network_dir.small import FILES, TODAY, edited, write_small
from tests.cli.reference.test_sets import NOW

WITH_ZONE = {
    "network_toml": FILES["network.toml"] + '[zones.north]\ncountry = "FR"\npostal_prefixes = ["59"]\n',
    "lanes_csv": FILES["lanes.csv"] + "dc-paris,north,standard,colissimo,2,3.90,0.30\n",
}


def review(tmp_path: Path, before: dict[str, str], after: dict[str, str]) -> tuple[InForce, ReferenceSet]:
    """What is in force, and the set that leads from there to the second directory."""
    in_force = InForce()
    first = set_of(in_force, network_of(write_small(tmp_path / "before", **before), TODAY).entities)
    assert first is not None
    for record in set_records("eu", first, NOW):
        in_force.fold(record.event)
    following = set_of(in_force, network_of(write_small(tmp_path / "after", **after), TODAY).entities)
    assert following is not None
    return in_force, following


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"lanes_csv": edited("lanes.csv", "4.90", "5.10")}, []),
        (
            {},
            {
                "network_toml": edited("network.toml", ', "store-lyon"', ""),
                "pools_csv": "".join(FILES["pools.csv"].splitlines(keepends=True)[:2]),
                "lanes_csv": "".join(FILES["lanes.csv"].splitlines(keepends=True)[:2]),
                "cutoffs_csv": "".join(FILES["cutoffs.csv"].splitlines(keepends=True)[:2]),
            },
            ["pool store-lyon withdrawn: what is planned there is planned elsewhere or waits; what its warehouse"],
        ),
        (
            {},
            {"pools_csv": edited("pools.csv", "manhattan", "korber")},
            [
                "pool dc-paris: what manhattan was told of stays with manhattan, cancellations too; korber is told of "
                "all that follows, and its marks and positions must go on above those of manhattan"
            ],
        ),
        (
            {},
            {"pools_csv": edited("pools.csv", "20000", "500")},
            ["pool dc-paris with fewer orders a day: where too many are planned, the most urgent ones keep"],
        ),
        ({}, {"pools_csv": edited("pools.csv", "20000", "30000")}, []),
        ({}, {"pools_csv": edited("pools.csv", "20000", "0")}, []),
        (
            {"pools_csv": edited("pools.csv", "20000", "0")},
            {},
            ["pool dc-paris with fewer orders a day"],
        ),
        (
            {},
            {"network_toml": edited("network.toml", "[channels.web]", "[channels.shop]")},
            ["channel web withdrawn: its orders of which no warehouse knows wait, as exceptions, until it is back"],
        ),
        (WITH_ZONE, {}, ["zone north withdrawn: orders to it of which no warehouse knows wait, as exceptions"]),
        (
            WITH_ZONE,
            {**WITH_ZONE, "network_toml": WITH_ZONE["network_toml"].replace("59", "62")},
            ["zone north: orders placed before keep the zone that they were placed for"],
        ),
        (
            {},
            {"items_csv": edited("items.csv", "SKU-7", "SKU-8")},
            ["item SKU-7 withdrawn: orders of it of which no warehouse knows wait, as exceptions; its stock"],
        ),
        (
            {},
            {"items_csv": edited("items.csv", "EA", "KGM")},
            ["item SKU-7: orders by the EA of which no warehouse knows wait, as exceptions; figures of stock are not"],
        ),
        (
            {},
            {"network_toml": edited("network.toml", '"EUR"', '"USD"')},
            ["currency EUR -> USD: orders in EUR are refused from then on"],
        ),
        (
            {"network_toml": edited("network.toml", '"at-once"', '"at-once"\nunfilled_request = "wait"')},
            {},
            ["policy default: orders that were only requested and wait are refused at once"],
        ),
        (
            {
                "network_toml": edited(
                    "network.toml", '"at-once"', '"before-cut-off"\nrelease_lead = "90m"'
                )
            },
            {},
            ["policy default: warehouses are told at once of all that is planned"],
        ),
    ],
)  # fmt: skip
def test_what_surprises_is_said(
    before: dict[str, str], after: dict[str, str], told: list[str], tmp_path: Path
) -> None:
    sentences = list(consequences("eu", *review(tmp_path, before, after)))
    assert [sentence[: len(each)] for sentence, each in zip(sentences, told, strict=True)] == told


def test_one_sentence_names_all_that_it_is_true_of(tmp_path: Path) -> None:
    items = FILES["items.csv"] + "".join(f"OLD-{number},EA,1,\n" for number in range(8))
    [sentence] = consequences("eu", *review(tmp_path, {"items_csv": items}, {}))
    assert sentence.startswith("item OLD-0, OLD-1, OLD-2, OLD-3, OLD-4 and 3 more withdrawn: ")


def test_a_network_that_nobody_knows_yet_is_called_new(tmp_path: Path) -> None:
    """A misspelt name would else begin a second network beside the first."""
    first = set_of(InForce(), network_of(write_small(tmp_path), TODAY).entities)
    assert first is not None
    assert list(consequences("eu", InForce(), first)) == [
        "network eu is new here: nothing of that name is in force"
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda pools: [*pools[:3], "p-9", *pools[4:]], "pools + p-9 - p-3"),
        (lambda pools: pools[:-1], "pools - p-7"),
        (lambda pools: pools[::-1], "pools in another order"),
        (lambda pools: pools[:5], "pools - p-5, p-6, p-7"),
    ],
)
def test_of_a_long_list_it_is_said_what_joins_and_what_leaves(
    change: Callable[[list[str]], list[str]], told: str, tmp_path: Path
) -> None:
    def directory(used: list[str]) -> dict[str, str]:
        names = [f"p-{number}" for number in range(10)]
        return {
            "network_toml": edited("network.toml", '["dc-paris", "store-lyon"]', str(used)),
            "pools_csv": "pool,kind,time_zone,wms\n"
            + "".join(f"{name},dc,Europe/Paris,m\n" for name in names),
            "lanes_csv": "pool,zone,service,carrier,transit_days,fixed\n"
            + "".join(f"{name},FR,standard,post,1,1\n" for name in names),
            "cutoffs_csv": "pool,carrier,service,collection\n"
            + "".join(f"{name},post,standard,15:00\n" for name in names),
        }

    pools = [f"p-{number}" for number in range(8)]
    lines = list(differences(*review(tmp_path, directory(pools), directory(change(pools)))))
    assert lines == [f"~ channel web: {told}"]
