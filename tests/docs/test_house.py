"""The page that shows the house is true of it, and so is what the code says of its own places."""

import re
from pathlib import Path

import pytest

from tests.test_layers import MAY_IMPORT

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/house.md").read_text(encoding="utf-8")
ROOMS = "|".join((*MAY_IMPORT, "docs", "tests"))
REFERENCE = re.compile(rf"`(?:{ROOMS})(?:\.\w+)+`|(?<![\w/.-])(?:{ROOMS})/[\w/.-]*\w\.(?:py|md)\b")
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


def test_what_a_sentence_in_the_code_refers_to_is_there() -> None:
    """A file, or a module and perhaps a name in it, as comments and docstrings name them: `flows.port.Remedy`."""
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for room in (*MAY_IMPORT, "docs", "tests")
        for path in sorted((ROOT / room).rglob("*.py"))
        for name in REFERENCE.findall(path.read_text(encoding="utf-8"))
        if not _is_there(name.strip("`"))
    ]
    assert lost == []


def _is_there(name: str) -> bool:
    if "/" in name:
        return (ROOT / name).exists()
    place, parts = ROOT, name.split(".")
    while parts and (place / parts[0]).is_dir():
        place = place / parts.pop(0)
    source = place / (
        f"{parts.pop(0)}.py" if parts and (place / f"{parts[0]}.py").exists() else "__init__.py"
    )
    if not parts:
        return True
    return source.exists() and re.search(rf"\b{parts[0]}\b", source.read_text(encoding="utf-8")) is not None


def test_a_reference_that_leads_nowhere_is_seen() -> None:
    assert all(map(_is_there, ("flows.port.Remedy", "flows.metrics", "schemas.kinds", "flows/port.py")))
    nowhere = "/".join(("flows", "ports.py"))  # Not in one piece, or it would be found here.
    assert not any(map(_is_there, ("flows.ports", "flows.port.Gone", "flows.metrics.Gone", nowhere)))
