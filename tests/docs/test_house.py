"""The page that shows the house is true of it: its files, what they hold, and every room."""

import re
from pathlib import Path

import pytest

from tests.test_layers import MAY_IMPORT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/house.md").read_text(encoding="utf-8")
WAY = PAGE.partition("## One order's way")[2].split("```")[1].strip().splitlines()


@pytest.mark.parametrize("line", WAY, ids=lambda line: line.split()[0])
def test_the_way_of_an_order_leads_through_files_that_hold_what_is_said(line: str) -> None:
    place, said = line.split(maxsplit=1)
    path = ROOT / place
    assert path.exists()
    for name in re.findall(r"(\w+)\(", said) + re.findall(r"^(\w+_\w+):", said):
        room = path.parent.glob("*.py") if name[0].isupper() else [path]
        sources = [each.read_text(encoding="utf-8") for each in room]
        assert any(re.search(rf"(?:def|class) {name}\b", source) for source in sources), name


def test_every_room_and_every_folder_of_flows_is_shown() -> None:
    picture = PAGE.split("```")[1]
    assert set(re.findall(r"\b[a-z]+\b", picture)) >= MAY_IMPORT.keys()
    folders = {f"`flows/{path.parent.name}`" for path in (ROOT / "flows").glob("*/__init__.py")}
    assert folders <= set(re.findall(r"`flows/\w+`", PAGE))


def test_what_is_to_be_typed_can_be() -> None:
    commands = PAGE.partition("## Running some of it")[2].split("```")[1]
    for path in re.findall(r"\b(?:tests|operators)\b[\w/.]*", commands):
        assert (ROOT / path).exists(), path
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z-]+)", PAGE, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_it_is_read_in_an_hour() -> None:
    assert len(PAGE.splitlines()) <= 120
