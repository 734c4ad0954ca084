"""Which line of a TOML file a key is on: the standard library's reader does not say."""

from __future__ import annotations

import re

from msgspec import Struct

Path = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")


class TomlLines(Struct, frozen=True):
    """The first line of every key and table; what is there again as (path, first line, second line)."""

    line_of: dict[Path, int]
    repeated: list[tuple[Path, int, int]]


def find_lines(text: str) -> TomlLines:
    """Scans headers and keys line by line; a key inside an inline table counts with its outer key."""
    lines: dict[Path, int] = {}
    repeated: list[tuple[Path, int, int]] = []
    declared: set[Path] = set()
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _parts(header[1])
            path = table
        elif key:
            path = table + _parts(key[1])
        else:
            continue
        if path in declared:
            repeated.append((path, lines[path], number))
            continue
        declared.add(path)
        # A table's own line is that of its header; `[services.standard]` also places `services`.
        for length in range(1, len(path) + 1):
            lines.setdefault(path[:length], number)
        lines[path] = number
    return TomlLines(lines, repeated)


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
