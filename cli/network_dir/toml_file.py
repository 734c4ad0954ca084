"""TOML tables: every key is asked for by name, and what nobody asked for is reported."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.network_dir.faults import Faults
from cli.network_dir.text_file import read_text
from cli.network_dir.toml_lines import TomlLines, find_lines
from cli.network_dir.values import BadValueError, Parsed, Parser
from cli.words.names import did_you_mean, shown


class Written:
    """A number with a point, kept as it was written: 2.00 must not become 2.0 in a message."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


class Table:
    """One table of the file: its values, its place, and the faults that reading them finds."""

    def __init__(
        self, file: str, path: tuple[str, ...], values: Mapping[str, Any], lines: TomlLines, faults: Faults
    ) -> None:
        self.file = file
        self.path = path
        self.faults = faults
        self._values = values
        self._lines = lines
        self._asked: list[str] = []

    @property
    def name(self) -> str:
        """The last part of its path: `standard` of `[services.standard]`."""
        return self.path[-1] if self.path else ""

    def line(self, key: str | None = None) -> int | None:
        """The line of a key, or else of the table."""
        path = self.path if key is None else (*self.path, key)
        while path and path not in self._lines.line_of:
            path = path[:-1]
        return self._lines.line_of.get(path)

    def key_lines(self) -> dict[str, int | None]:
        """The lines of all its keys."""
        return {key: self.line(key) for key in self._values}

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def refuse(self, key: str, complaint: str) -> None:
        """Reports a fault of one key: `services.standard.target_days: "3" is text; ...`."""
        self.faults.add(self.file, self.line(key), f"{'.'.join((*self.path, key))}: {complaint}")

    def value(self, key: str) -> Any:
        """The raw value, or None; from now on the key counts as known."""
        self._asked.append(key)
        return self._values.get(key)

    def required(self, key: str, parse: Parser[Parsed], stand_in: Parsed, example: str) -> Parsed:
        """Parsed text; a missing key is a fault, and the stand-in lets the reading go on."""
        if key not in self._values:
            self._asked.append(key)
            place = f"[{'.'.join(self.path)}] " if self.path else ""
            # A misspelt key is reported as that, once.
            if not any(did_you_mean(other, [key]) for other in self._values if other != key):
                self.faults.add(
                    self.file, self.line(), f'{place}has no key "{key}"; write {key} = "{example}"'
                )
            return stand_in
        return self.optional(key, parse, stand_in)

    def optional(self, key: str, parse: Parser[Parsed], default: Parsed) -> Parsed:
        """Parsed text, or the default when the key is not there."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self._refuse_kind(key, value, parse, "text")
            return default
        return self._parsed(key, value, parse, default)

    def _refuse_kind(self, key: str, value: Any, parse: Parser[Any], kind: str) -> None:
        """Says how to write as text what is none; where even that would be refused, what it would be refused for."""
        found = f"{as_written(value)} is {kind_of(value)}"
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(inner, list | dict):
            self.refuse(key, f"{found}; write {kind}, in quotes")
            return
        text = inner if isinstance(inner, str) else as_written(inner)
        try:
            parse(text)
        except BadValueError as fault:
            self.refuse(key, f"{as_written(value)} {fault}")
        else:
            self.refuse(key, f"{found}; write {kind}, {shown(text)}")

    def money(self, key: str, parse: Parser[int]) -> int:
        """An amount as text, else 0; a number is refused, because it would be read as a binary fraction."""
        value = self.value(key)
        if isinstance(value, int | Written) and not isinstance(value, bool):
            self._refuse_kind(key, value, parse, "money as text")
            return 0
        return self.optional(key, parse, 0)

    def whole(self, key: str, parse: Parser[int], default: int) -> int:
        """A whole number, written as one."""
        value = self.value(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            written = value if isinstance(value, str) else str(value)
            try:
                remedy = f"write {parse(written)} without quotes"
            except BadValueError as fault:
                self.refuse(key, f"{as_written(value)} {fault}")
            else:
                self.refuse(key, f"{as_written(value)} is {kind_of(value)}; {remedy}")
            return default
        return self._parsed(key, str(value), parse, default, quoted=False)

    def texts(self, key: str, parse: Parser[Parsed]) -> list[Parsed]:
        """A list of texts; each faulty element is reported and left out."""
        value = self.value(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(key, f'{as_written(value)} is {kind_of(value)}; write a list, ["..."]')
            return []
        parsed: list[Parsed] = []
        for element in value:
            if not isinstance(element, str):
                self.refuse(key, f"{as_written(element)} is {kind_of(element)}; write a list of texts")
                continue
            try:
                parsed.append(parse(element))
            except BadValueError as fault:
                self.refuse(key, f"{shown(element)} {fault}")
        return parsed

    def table(self, key: str) -> list[Table]:
        """The tables inside a table: `[services.standard]` and `[services.express]` of `services`."""
        inner = self.value(key)
        if inner is None:
            return []
        if not isinstance(inner, dict):
            self.refuse(key, f"{as_written(inner)} is {kind_of(inner)}; write a table, [{key}.name]")
            return []
        tables: list[Table] = []
        for name, values in inner.items():
            if isinstance(values, dict):
                tables.append(Table(self.file, (*self.path, key, name), values, self._lines, self.faults))
            else:
                line = Table(self.file, (*self.path, key), inner, self._lines, self.faults).line(name)
                found = f"{key}.{name}: {as_written(values)} is {kind_of(values)}"
                self.faults.add(self.file, line, f"{found}; give the table a name, [{key}.name]")
        return tables

    def size_of(self, key: str) -> int:
        """How many keys stand in a table, faulty ones included; what should be a table and is none counts as one."""
        inner = self._values.get(key, {})
        return len(inner) if isinstance(inner, dict) else 1

    def unknown_keys(self) -> list[str]:
        """The keys that nobody asked for."""
        return [key for key in self._values if key not in self._asked]

    def no_other_keys(self) -> None:
        """Reports every key that nobody asked for."""
        known = list(dict.fromkeys(self._asked))
        for key in self.unknown_keys():
            unused = [word for word in known if word not in self._values]
            remedy = did_you_mean(key, unused) or f"; the keys here are {', '.join(known)}"
            self.refuse(key, f"unknown key{remedy}")

    def _parsed(
        self, key: str, text: str, parse: Parser[Parsed], default: Parsed, quoted: bool = True
    ) -> Parsed:
        try:
            return parse(text)
        except BadValueError as fault:
            self.refuse(key, f"{shown(text) if quoted else text} {fault}")
            return default


def read_toml(directory: Path, file: str, faults: Faults) -> Table | None:
    """The file as one table, or None after a fault that says why it is no TOML."""
    text = read_text(directory, file, faults)
    if text is None:
        return None
    lines = find_lines(text)
    try:
        values = tomllib.loads(text.replace("\r\n", "\n"), parse_float=Written)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        _explain_toml_error(str(error), file, lines, faults)
        return None
    return Table(file, (), values, lines, faults)


def _explain_toml_error(error: str, file: str, lines: TomlLines, faults: Faults) -> None:
    """A repeated key is named with both its lines; anything else in the words of the TOML reader."""
    for path, first, again in lines.repeated:
        faults.add(file, again, f'"{".".join(path)}" is already on line {first}; keep one of them')
    if not lines.repeated:
        placed = re.search(r"\(at line (\d+), column (\d+)\)", error)
        line = int(placed[1]) if placed else None
        reason = re.sub(r"\s*\(at .*\)$", "", error)
        column = f" at column {placed[2]}" if placed else ""
        faults.add(file, line, f'this is no TOML{column}: {reason}; text stands in quotes, key = "value"')


def as_written(value: Any) -> str:
    """A value of any kind, roughly as its author wrote it."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"[{', '.join(map(as_written, value))}]" if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}..."


def kind_of(value: Any) -> str:
    """What a value is, in the words of a message."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | Written):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else "a date or a time"
