"""Going back is starting the old release with what stands in files and units: it refuses what it has never heard of."""

from __future__ import annotations

import re
from pathlib import Path

from flows.config import RouterConfig
from tests.upgrade import release_0_1

PAGE = Path(__file__).parents[2] / "docs/upgrade.md"
SETTING = re.compile(r"^    (\w+): ", re.MULTILINE)
FLAG = re.compile(r'"(--[a-z-]+)"|^    (\w+): Annotated', re.MULTILINE)


def flags_of(verb: str) -> set[str]:
    """Of a verb's source: a parameter has its own name, unless the option says another."""
    return {option or f"--{name.replace('_', '-')}" for option, name in FLAG.findall(verb)}


def test_the_page_names_every_setting_and_flag_that_the_old_release_refuses(tmp_path: Path) -> None:
    old = release_0_1.sources(tmp_path)
    known = set(SETTING.findall((old / "flows/config.py").read_text(encoding="utf-8")))
    assert "session_timeout_ms" in known
    runs = [(root / "cli/run.py").read_text(encoding="utf-8") for root in (old, PAGE.parents[1])]
    had, has = map(flags_of, runs)
    assert "--instance" in had

    told = PAGE.read_text(encoding="utf-8").partition("0.1 does not know ")[2].partition(". It has no")[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(RouterConfig.__struct_fields__) - known
    assert set(re.findall(r"`(--[a-z-]+)`", told)) == has - had
