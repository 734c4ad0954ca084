"""Reads the Containerfile: its stages, and in each the instructions with their variables filled in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

CONTAINERFILE = Path(__file__).with_name("Containerfile")

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
# A shell fills these in by itself.
_AS_WRITTEN = frozenset({"RUN"})


class Instruction(Struct, frozen=True):
    """One instruction: its word in capitals, and what follows on its line and on those that continue it."""

    word: str
    rest: str

    def exec_form(self) -> list[str]:
        """The list of words of an instruction in exec form; raises `ValueError` for the shell form."""
        try:
            words = json.loads(self.rest)
        except ValueError:
            words = None
        if not isinstance(words, list):
            raise ValueError(f"{self.word} {self.rest}: expected the exec form, a list of words in JSON")
        return [str(word) for word in words]


class Stage(Struct, frozen=True):
    """What is between one FROM and the next."""

    base: str
    name: str
    instructions: list[Instruction]
    arguments: dict[str, str]
    """Of its ARGs, which the shell of each RUN finds in its environment."""

    def all(self, word: str) -> list[Instruction]:
        """Every instruction of one kind, in order."""
        return [each for each in self.instructions if each.word == word]

    def last(self, word: str) -> Instruction:
        """The one that holds; raises `ValueError` when there is none."""
        found = self.all(word)
        if not found:
            raise ValueError(f"stage {self.name or self.base}: there is no {word}")
        return found[-1]

    def environment(self) -> dict[str, str]:
        """What ENV sets."""
        return {
            name: value
            for each in self.all("ENV")
            for name, value in re.findall(r'(\w+)="([^"]*)"', each.rest)
        }


def stages(text: str, arguments: Mapping[str, str] | None = None) -> list[Stage]:
    """The stages in order; `arguments` are those of --build-arg."""
    found: list[Stage] = []
    variables: dict[str, str] = {}
    for word, rest in _lines(text):
        if word not in _AS_WRITTEN:
            rest = _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], match[0]), rest)
        if word == "ARG":
            name, _, default = rest.partition("=")
            variables[name] = (arguments or {}).get(name, default)
            if found:
                found[-1].arguments[name] = variables[name]
        elif word == "FROM":
            base, _, name = re.sub(r"\s+AS\s+", " ", rest, flags=re.IGNORECASE).partition(" ")
            found.append(Stage(base, name, [], {}))
        else:
            found[-1].instructions.append(Instruction(word, rest))
    return found


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Word and rest of each instruction, with its continued lines joined."""
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", "", kept).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()
