"""Every fault of a network directory and the exact sentence a person gets for it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cli.network_dir.example.writing import example
from cli.network_dir.reading import read_network
from tests.cli.network_dir.small import TODAY, edited, write_small

NETWORK, POOLS, LANES, CUTOFFS, ITEMS = "network.toml", "pools.csv", "lanes.csv", "cutoffs.csv", "items.csv"


class Case(NamedTuple):
    """A piece of a file that is replaced, and everything that is then said."""

    file: str
    old: str
    new: str
    said: list[str]


def cases() -> list[Case]:
    """The table of faults.txt: a file, what is replaced (-), by what (+), and all sentences that follow."""
    blocks = Path(__file__).with_name("faults.txt").read_text(encoding="utf-8").split("\n\n")[1:]
    return [_case(block.splitlines()) for block in blocks]


def _case(lines: list[str]) -> Case:
    file, old, new, *said = lines
    assert (old[:2], new[:2]) == ("- ", "+ "), f"a block of faults.txt begins {lines[:3]}"
    return Case(file, old[2:].replace("\\n", "\n"), new[2:].replace("\\n", "\n"), said)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.file}: {case.new[:40]!r}")
def test_a_fault_is_said_in_this_sentence(case: Case, tmp_path: Path) -> None:
    changed = {case.file.replace(".", "_"): edited(case.file, case.old, case.new)}
    reading = read_network(write_small(tmp_path / "network", **changed), TODAY)
    assert [fault.text for fault in reading.faults + reading.warnings] == case.said
    assert (reading.network is None) == any(": warning: " not in text for text in case.said)


def test_a_large_directory_with_many_slips_is_read_in_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To compare each misspelt name with all of a large assortment would take hours."""
    compared: list[int] = []
    really = difflib.get_close_matches

    def counting(word: str, possibilities: Sequence[str], *arguments: Any, **options: Any) -> list[str]:
        compared.append(len(possibilities))
        return really(word, possibilities, *arguments, **options)

    monkeypatch.setattr(difflib, "get_close_matches", counting)
    items = "".join(f"SKU-{number},EA\n" for number in range(10_000))
    slips = "".join(f"SKU_{number},dc-paris,1\nSKV-{number},dc-paris,1\n" for number in range(9_000, 9_200))
    directory = write_small(
        tmp_path / "network", items_csv=f"sku,unit\n{items}", item_pools_csv=f"sku,pool,safety\n{slips}"
    )
    faults = read_network(directory, TODAY).faults
    assert len(faults) == 400, "none is left out"
    assert 'sku "SKU_9000" is not in items.csv; did you mean "SKU-9000"?' in faults[0].text
    assert 'sku "SKV-9199" is not in items.csv; add it there, or correct the name' in faults[-1].text
    assert (max(compared), sum(size > 100 for size in compared)) <= (2_000, 100)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    directory = write_small(
        tmp_path / "network",
        network_toml=edited(NETWORK, '"40.00"', "40"),
        pools_csv=edited(POOLS, "store,Europe/Paris", "store,Europe/Lyon"),
        lanes_csv=edited(LANES, "dc-paris", "dc-pari"),
        cutoffs_csv=edited(CUTOFFS, "15:00", "3pm"),
        items_csv=edited(ITEMS, "EA", "KG"),
    )
    assert [fault.text for fault in read_network(directory, TODAY).faults] == [
        'network.toml:7: services.standard.late_penalty_per_day: 40 is a number; write money as text, "40"',
        'pools.csv:3: time_zone "Europe/Lyon" is no IANA time zone; did you mean "Europe/London"?',
        'lanes.csv:2: pool "dc-pari" is not in pools.csv; did you mean "dc-paris"?',
        'cutoffs.csv:2: collection "3pm" is no time of day; write HH:MM or HH:MM:SS, for example 15:00',
        'items.csv:2: unit "KG" is no UN/CEFACT unit code; did you mean "KGM" (kilogram)?',
    ]


def test_a_file_that_cannot_be_read_is_not_blamed_on_the_others(tmp_path: Path) -> None:
    directory = write_small(tmp_path / "network", pools_csv=None)
    assert [fault.text for fault in read_network(directory, TODAY).faults] == [
        "pools.csv: the file is missing; a network directory holds network.toml, pools.csv, lanes.csv, "
        "cutoffs.csv, items.csv"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (ITEMS, "sku,", "SKU,", 'items.csv:1: column "SKU" is unknown; did you mean "sku"?'),
        (ITEMS, ",unit,", ",sku,", 'items.csv:1: column "sku" is there twice; remove one of them'),
        (ITEMS, "EA,", '"EA,', "items.csv:2: this is no CSV: "),
        (LANES, "pool,", "# by pool\npool,", 'lanes.csv:1: "# by pool" is a comment, and CSV has none; '),
        (CUTOFFS, ",collection", "", 'cutoffs.csv:1: column "collection" is missing; '),
        (POOLS, "dc,", ",dc,", "pools.csv:2: the row has 10 cells, but the header has 9; "),
        (POOLS, "pool,", "depot,", "pools.csv:1: column "),
        (NETWORK, "[services", "[service", 'network.toml:27: service: unknown key; did you mean "services"?'),
        (NETWORK, "[zones", "[zone", 'network.toml:134: zone: unknown key; did you mean "zones"?'),
        (
            NETWORK,
            "[calendars",
            "[calendar",
            'network.toml:64: calendar: unknown key; did you mean "calendars"?',
        ),
    ],
)
def test_one_fault_of_a_file_is_not_told_again_for_every_row_that_refers_to_it(
    file: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    example(tmp_path / "network")
    path = tmp_path / "network" / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, -1 if file == NETWORK else 1), encoding="utf-8")
    faults = [fault.text for fault in read_network(tmp_path / "network", TODAY).faults]
    assert faults[0].startswith(said)
    assert {fault.split(" ")[0] for fault in faults} == {said.split(" ")[0]}
    assert len(faults) <= 2


def test_a_network_toml_that_says_nothing_is_one_fault(tmp_path: Path) -> None:
    example(tmp_path / "network")
    (tmp_path / "network" / NETWORK).write_text("# later\n")
    assert [fault.text for fault in read_network(tmp_path / "network", TODAY).faults] == [
        'network.toml:1: the file says nothing; it begins with network = "eu" and currency = "EUR"'
    ]


@pytest.mark.parametrize("file", [ITEMS, "item_pools.csv"])
def test_a_directory_in_the_place_of_a_file_is_refused(file: str, tmp_path: Path) -> None:
    """An optional one that is passed over would withdraw all safety stocks."""
    example(tmp_path / "network")
    (tmp_path / "network" / file).unlink()
    (tmp_path / "network" / file).mkdir()
    (fault,) = read_network(tmp_path / "network", TODAY).faults
    assert fault.text.startswith(f"{file}: is a directory; a network directory holds network.toml, ")


def test_a_misnamed_file_is_pointed_out(tmp_path: Path) -> None:
    directory = write_small(tmp_path / "network")
    (directory / "lanes.csv").rename(directory / "lane.csv")
    reading = read_network(directory, TODAY)
    assert [fault.text for fault in reading.warnings] == [
        'lane.csv: warning: this file is not read; did you mean "lanes.csv"?'
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "sku,unit\nSKU-é,EA\n".encode("latin-1"),
            'items.csv:2: byte 0xE9 is not UTF-8; save the file as UTF-8 (a spreadsheet calls it "CSV UTF-8")',
        ),
        (
            "sku,unit\n".encode("utf-16"),
            'items.csv:1: the file is UTF-16; save it as UTF-8 (a spreadsheet calls it "CSV UTF-8")',
        ),
        (b"sku,unit\nSKU\0,EA\n", "items.csv:2: holds a zero byte, so it is no text; save it as UTF-8"),
        (
            b"",
            "items.csv:1: the file is empty; its first line names the columns: sku,unit,weight_grams,restrictions",
        ),
    ],
)
def test_bytes_that_are_no_table(content: bytes, said: str, tmp_path: Path) -> None:
    directory = write_small(tmp_path / "network")
    (directory / ITEMS).write_bytes(content)
    assert [fault.text for fault in read_network(directory, TODAY).faults] == [said]


@pytest.mark.parametrize("file", [NETWORK, POOLS, LANES, CUTOFFS, ITEMS])
def test_what_a_spreadsheet_adds_to_sound_files_is_understood(file: str, tmp_path: Path) -> None:
    directory = write_small(tmp_path / "network")
    path = directory / file
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    reading = read_network(directory, TODAY)
    assert reading.faults == []
    assert reading.network == read_network(write_small(tmp_path / "plain"), TODAY).network


def test_a_faulty_country_is_one_fault(tmp_path: Path) -> None:
    zones = '[zones.DE-south]\ncountry = "de"\n[zones.DE-north]\ncontry = "DE"\n[policies.default]'
    lanes = "dc-paris,DE-south,standard,colissimo,2,4.90,\ndc-paris,DE-north,standard,colissimo,2,4.90,\nstore-lyon"
    directory = write_small(
        tmp_path / "network",
        network_toml=edited(NETWORK, "[policies.default]", zones),
        lanes_csv=edited(LANES, "store-lyon", lanes),
    )
    assert [fault.text for fault in read_network(directory, TODAY).faults] == [
        'network.toml:9: zones.DE-south.country: "de" is no country; write "DE"',
        'network.toml:11: zones.DE-north.contry: unknown key; did you mean "country"?',
    ]


def test_a_path_that_is_no_directory(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    (fault,) = read_network(missing, TODAY).faults
    assert fault.text.startswith(f"{missing}: does not exist; a network directory holds network.toml, ")
    file = tmp_path / "file"
    file.touch()
    (fault,) = read_network(file, TODAY).faults
    assert fault.text.startswith(f"{file}: is a file, not a directory; ")
    assert fault.text.endswith(f". Name the directory: {tmp_path}")
