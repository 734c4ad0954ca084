"""Arrows point one way, flows -> operators -> state -> schemas, and the core touches nothing outside itself.

Read from the source, so that a lazy import inside a function counts like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {"schemas", "state", "operators", "flows", "cli", "infra", "bench", "tests"}

MAY_IMPORT = {
    "schemas": {"schemas"},
    "state": {"state", "schemas"},
    "operators": {"operators", "state", "schemas"},
    "flows": {"flows", "operators", "state", "schemas", "infra"},
}
"""Our own rooms that each room may import."""

CORE = ("schemas", "state", "operators")

CORE_LIBRARIES = {
    "__future__", "ast", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "heapq",
    "itertools", "math", "msgspec", "operator", "re", "struct", "string", "sys", "typing", "xxhash",
}  # fmt: skip
"""What the core may build on: nothing that reads a clock, a file, a socket, the environment or chance."""

IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint", "id", "hash"}
"""Builtins with an effect, or whose result differs from one process to the next."""

IMPURE_METHODS = {"now", "today", "utcnow", "getenv", "urandom", "perf_counter", "monotonic", "time_ns"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that the source names in an import, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides where it leads"
            yield node.module or ""


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(ast.parse(path.read_text()))}


def impurities(tree: ast.AST) -> list[str]:
    """Calls in the source that read or change something outside."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
                found.append(f"line {node.lineno}: {node.func.id}()")
            elif isinstance(node.func, ast.Attribute) and node.func.attr in IMPURE_METHODS:
                found.append(f"line {node.lineno}: .{node.func.attr}()")
    return found


def each(*rooms: str) -> list[object]:
    return [
        pytest.param(room, path, id=str(path.relative_to(ROOT))) for room in rooms for path in sources(room)
    ]


@pytest.mark.parametrize(("room", "path"), each(*MAY_IMPORT))
def test_arrows_point_one_way(room: str, path: Path) -> None:
    assert packages(path) & ROOMS <= MAY_IMPORT[room]


@pytest.mark.parametrize(("room", "path"), each(*CORE))
def test_the_core_builds_on_pure_libraries_only(room: str, path: Path) -> None:
    assert packages(path) - ROOMS <= CORE_LIBRARIES


@pytest.mark.parametrize(("room", "path"), each(*CORE))
def test_the_core_asks_no_clock_and_writes_nowhere(room: str, path: Path) -> None:
    assert impurities(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(("room", "path"), each("cli/audit"))
def test_the_auditor_is_no_part_of_what_it_audits(room: str, path: Path) -> None:
    assert not packages(path) & {"operators", "state"}


def test_the_rooms_are_where_this_test_looks_for_them() -> None:
    for room in (*MAY_IMPORT, "cli/audit"):
        assert len(sources(room)) > 3, f"{room} is nearly empty: did it move?"


@pytest.mark.parametrize(
    "fault", ["import time", "def f():\n    import random", "from os import environ", "from state import x"]
)
def test_a_forbidden_import_is_seen_wherever_it_stands(fault: str) -> None:
    names = {name.split(".")[0] for name in imports(ast.parse(fault))}
    assert names - CORE_LIBRARIES - MAY_IMPORT["schemas"]


@pytest.mark.parametrize("fault", ["open('x')", "datetime.now()", "[print(x) for x in y]"])
def test_an_impure_call_is_seen_wherever_it_stands(fault: str) -> None:
    assert impurities(ast.parse(fault))
