"""Writes the small part of YAML that the rules need, so that a person likes to read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

# What needs no quotation marks: no number, no word of YAML's own, and no sign that means something.
_PLAIN = re.compile(
    r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[A-Za-z][A-Za-z0-9_/.-]*(?::[A-Za-z0-9_/.-]+)*|\d+[a-z]+"
)


def yaml_text(value: dict[str, object]) -> str:
    return "\n".join(_lines(value, 0)) + "\n"


def _lines(value: object, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, dict | list):
                yield f"{indent}{key}:"
                yield from _lines(member, depth + 1)
            else:
                yield f"{indent}{key}: {_scalar(member, indent)}"
    elif isinstance(value, list):
        for member in value:
            first, *rest = _lines(member, depth + 1)
            yield f"{indent}- {first.strip()}"
            yield from rest
    else:
        yield indent + _scalar(value, indent)


def _scalar(value: object, indent: str) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value)
    if "\n" in text:
        return "|-\n" + "\n".join(f"{indent}  {line}" for line in text.split("\n"))
    # A text in JSON is a text in YAML.
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
