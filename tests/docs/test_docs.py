"""What the documents say is so: tables are those of the code, links lead somewhere, verbs and reasons exist."""

import re
from pathlib import Path

import pytest

from cli.main import VERBS
from docs.configuration_tables import DOCUMENTS, TABLE, refreshed
from docs.paste_output import BLOCK, replaced
from operators import delivery

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?://)(?P<target>[^)#]*)(?:#(?P<heading>[^)]*))?\)")


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_tables_are_those_of_the_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert TABLE.search(text)
    assert refreshed(text) == text, f"{page.name} is stale; remedy: make contract"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.finditer(page.read_text(encoding="utf-8")):
        there = page.parent / link["target"] if link["target"] else page
        assert there.exists(), link[0]
        assert link["heading"] is None or link["heading"] in headings(there), link[0]


def headings(page: Path) -> set[str]:
    """As a browser names them in an address: small letters, words joined by dashes."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_verb_that_is_named_exists(page: Path) -> None:
    named = re.findall(
        r"(?:^|`|&& |\| )sluice ([a-z][a-z-]*)", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(named) <= VERBS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_command_prints_was_pasted(page: Path) -> None:
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        if "test" in block["command"].split():
            continue  # Pasted after the run of which this test is a part.
        shown = block[0].split("```")[1].split("\n", 1)[1]
        assert shown.strip(), f"{block['command']}: run docs/paste_output.py {page.relative_to(ROOT)}"


def test_a_block_is_replaced_by_what_its_command_prints(tmp_path: Path) -> None:
    before = "a\n<!-- output of: echo one && echo two -->\n```\nold\n```\n<!-- end of output -->\nb\n"
    assert replaced(before, directory=tmp_path) == before.replace("old\n", "one\ntwo\n")
    assert replaced(before, only="something else", directory=tmp_path) == before


def test_a_command_that_fails_is_never_pasted(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        replaced("<!-- output of: echo no; exit 3 -->\n```\n```\n<!-- end of output -->", directory=tmp_path)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_exists(page: Path) -> None:
    rooms = "bench|cli|docs|flows|infra|operators|schemas|state|tests"
    for path in re.findall(rf"`((?:{rooms})/[A-Za-z0-9_./-]+)`", page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


def test_every_reason_of_a_dead_letter_is_explained() -> None:
    page = (ROOT / "docs/contract/README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.*?`) \|", page, re.MULTILINE))))
    source = "".join(
        path.read_text(encoding="utf-8")
        for room in ("schemas", "operators")
        for path in sorted((ROOT / room).glob("*.py"))
    )
    raised = set(re.findall(r'(?:BadRecord|Undecodable)\(\s*"([a-z_]+)"', source))
    # Several faults of one order are collected as (reason, sentence).
    raised |= set(re.findall(r'append\(\s*\(\s*"([a-z_]+)"', source))
    assert raised
    assert raised <= explained


def test_every_kind_of_exception_is_explained() -> None:
    page = (ROOT / "docs/contract/README.md").read_text(encoding="utf-8")
    table = page.split("## Exceptions", 1)[1].split("\n## ", 1)[0]
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "operators").glob("*.py")))
    kinds = set(re.findall(r'\bkind="([a-z_]+)"', source))
    kinds |= set(re.findall(r'shipment_exception\(\s*order,\s*shipment,\s*"([a-z_]+)"', source))
    kinds |= {delivery.UNDISPATCHED}
    assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == kinds


def test_the_contract_begins_with_what_clients_must_set() -> None:
    for page in (ROOT / "README.md", ROOT / "docs/contract/README.md"):
        contract = page.read_text(encoding="utf-8").split("contract", 1)[1]
        first = next(line for line in contract.splitlines()[1:] if line.strip())
        assert "read_committed" in first
        assert "partitioner=murmur2_random" in first
