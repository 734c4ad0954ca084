"""A second opinion is worth nothing when it is formed by the first one's code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cli.audit

SOURCES = sorted(Path(cli.audit.__file__).parent.glob("*.py"))
FORBIDDEN = {"operators", "state", "flows", "bytewax"}
WITH_IO = {"topics.py", "run.py", "command.py"}


def imported(path: Path) -> set[str]:
    """The top-level packages that a source file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_auditor_shares_no_logic_with_the_router(path: Path) -> None:
    assert not imported(path) & FORBIDDEN


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name not in WITH_IO], ids=lambda path: path.name
)
def test_its_arithmetic_does_no_input_or_output(path: Path) -> None:
    assert not imported(path) & {"confluent_kafka", "infra", "time", "os", "pathlib"}
