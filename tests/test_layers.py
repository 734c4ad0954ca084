"""Arrows point one way, bench -> cli -> flows -> operators -> state -> schemas, nowhere in a circle, and the core
touches nothing outside itself.

Read from the source, so that a lazy import inside a function counts like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from cli.main import VERBS

ROOT = Path(__file__).parent.parent
ROOMS = {"schemas", "state", "operators", "flows", "cli", "infra", "bench", "tests"}

MAY_IMPORT = {
    "schemas": {"schemas"},
    "state": {"state", "schemas"},
    "operators": {"operators", "state", "schemas"},
    "infra": {"infra", "schemas"},
    "flows": {"flows", "operators", "state", "schemas", "infra"},
    "cli": {"cli", "flows", "operators", "state", "schemas", "infra"},
    "bench": {"bench", "cli", "flows", "operators", "state", "schemas", "infra"},
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


def arrows(rooms: Mapping[str, str]) -> dict[str, set[str]]:
    """Which of these modules, given as source by name, each one imports, be it for its types alone."""
    found: dict[str, set[str]] = {}
    for name, source in rooms.items():
        named: set[str] = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                # What is imported may itself be a module.
                whole = {f"{node.module}.{alias.name}" for alias in node.names}
                named |= whole if whole <= rooms.keys() else {*whole, node.module or ""}
        found[name] = named & rooms.keys() - {name}
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that lead from one to the next and back to the first; empty when there are none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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


def test_no_import_goes_in_a_circle() -> None:
    paths = [path for room in ROOMS - {"tests"} for path in sources(room)]
    assert circle(arrows({module_name(path): path.read_text() for path in paths})) == []


@pytest.mark.parametrize(("room", "path"), each(*CORE))
def test_the_core_builds_on_pure_libraries_only(room: str, path: Path) -> None:
    assert packages(path) - ROOMS <= CORE_LIBRARIES


@pytest.mark.parametrize(("room", "path"), each(*CORE))
def test_the_core_asks_no_clock_and_writes_nowhere(room: str, path: Path) -> None:
    assert impurities(ast.parse(path.read_text())) == []


@pytest.mark.parametrize(("room", "path"), each("flows"))
def test_engine_and_client_are_each_known_in_one_place(room: str, path: Path) -> None:
    name = path.relative_to(ROOT / room)
    if "bytewax" in packages(path):
        assert str(name) in {"router.py", "source.py", "route.py"}
    if "confluent_kafka" in packages(path):
        assert name.parts[0] == "kafka"


@pytest.mark.parametrize(("room", "path"), each("cli/audit"))
def test_the_auditor_is_no_part_of_what_it_audits(room: str, path: Path) -> None:
    assert not packages(path) & {"operators", "state"}


@pytest.mark.parametrize(("room", "path"), each("cli"))
def test_a_verb_knows_no_other_verb(room: str, path: Path) -> None:
    """What several need is no verb's own; only the demo, which ends with an audit, runs another one."""
    verbs = {verb.replace("-", "_") for verb in VERBS}
    own = path.relative_to(ROOT / room).with_suffix("").parts[0]
    known = {name.split(".")[1] for name in imports(ast.parse(path.read_text())) if name.startswith("cli.")}
    assert known & verbs - {own} <= ({"audit"} if own == "demo" else set())


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


@pytest.mark.parametrize(
    "back",
    [
        "from room.a import thing",
        "from room import a",
        "import room.a",
        "def f():\n    from room.a import thing",
        "if TYPE_CHECKING:\n    from room.a import thing",
    ],
)
def test_a_circle_is_seen_however_it_is_closed(back: str) -> None:
    modules = {"room": "", "room.a": "from room.b import thing", "room.b": "from room.c import thing"}
    assert circle(arrows(modules | {"room.c": "import os"})) == []
    assert set(circle(arrows(modules | {"room.c": back}))) == {"room.a", "room.b", "room.c"}
