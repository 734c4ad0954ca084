"""Samples with single fields taken out or set to what is just within or just beyond what their schema allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

GONE = object()
"""Stands for a field that is taken out."""


class Place(NamedTuple):
    """Where a value stands in an event: `holder[key]`, which may not be there yet."""

    holder: Any
    key: str | int

    def set(self, value: Any) -> Any:
        """Put it there, and return what was there before; an element of a list is not taken out."""
        if isinstance(self.holder, list):
            before = self.holder[int(self.key)]
            self.holder[int(self.key)] = before if value is GONE else value
        else:
            before = self.holder.pop(self.key, GONE)
            if value is not GONE:
                self.holder[self.key] = value
        return before


def places(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> Iterator[Place]:
    """Every field that the schema speaks of, and every element that the sample shows."""
    schema = _of_its_kind(value, schema, root)
    if isinstance(value, dict):
        declared = schema.get("properties", {})
        for key in sorted({*declared, *value}):
            yield Place(value, key)
            if key in value:
                yield from places(value[key], declared.get(key, schema.get("additionalProperties", {})), root)
    elif isinstance(value, list):
        for at, element in enumerate(value):
            yield Place(value, at)
            yield from places(element, schema.get("items", {}), root)


def _of_its_kind(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The schema itself behind references and alternatives: of these, the one that speaks of such a value."""
    if "$ref" in schema:
        return _of_its_kind(value, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    for each in schema.get("anyOf", ()):
        found = _of_its_kind(value, each, root)
        kind = found.get("properties", {}).get("kind", {}).get("enum")
        if found.get("type") == _TYPES.get(type(value)) and kind in (None, [_kind(value)]):
            return found
    return schema


_TYPES: dict[type, str] = {dict: "object", list: "array"}


def _kind(value: Any) -> Any:
    return value.get("kind") if isinstance(value, dict) else None


def values(schema: Any) -> list[Any]:
    """What to put there: something of every kind, and all bounds of this schema, met and just missed."""
    found: list[Any] = [
        GONE,
        None,
        True,
        {},
        [],
        [None],
        {"1": 1},
        {"1": 0},
        {"": 1},
        {"x" * 129: 1},
        0.5,
        *_TEXTS,
    ]
    bounds: set[int] = set()
    lengths: set[int] = {0, 1, 128, 160, 1024}
    for part in parts(schema):
        bounds |= {part[name] for name in _BOUNDS if isinstance(part.get(name), int)}
        lengths |= {part[name] for name in _LENGTHS if isinstance(part.get(name), int)}
        found += [each for each in part.get("enum", ()) if isinstance(each, str)]
    found += sorted({bound + by for bound in {*bounds, 0, 2**63} for by in (-1, 0, 1)})
    # A letter beyond the sixteen bits of some languages' characters is one letter all the same.
    found += [
        "\U0001f455" * length for length in sorted({length + by for length in lengths for by in (0, 1)})
    ]
    return found


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within the schema."""
    if isinstance(schema, dict):
        yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from parts(inner)


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_LENGTHS = ("minLength", "maxLength", "minProperties", "minItems")
_TEXTS = (
    "\x00", "EUR", "15:00", "24:00", "\uff11\uff15:00",
    "2026-11-23T09:00:00Z", "2026-11-23T09:00:00.123456789+01:00", "2026-11-23T09:00:00", "2026-11-23T09:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23", "2026-02-30", "20261123", "1795424400",
)  # fmt: skip
