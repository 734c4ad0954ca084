"""The two forms of the pure core: its sources, and the same compiled, where `make compiled` has built it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
COMPILED = ROOT / "build" / "compiled"
BUILT = COMPILED / ".built"
ROOMS = ("operators", "state")

SOURCE = "source"
MYPYC = "compiled"


def best_core() -> str:
    """The compiled core where it is there and no source is newer."""
    if not BUILT.exists():
        return SOURCE
    built_at = BUILT.stat().st_mtime
    sources = [path for room in ROOMS for path in (ROOT / room).glob("*.py")]
    return MYPYC if all(path.stat().st_mtime <= built_at for path in sources) else SOURCE


def python_path(core: str) -> str:
    """Where a child finds the core of that form, and everything else."""
    return f"{COMPILED}:{ROOT}" if core == MYPYC else str(ROOT)
