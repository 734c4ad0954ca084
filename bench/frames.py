"""Byte strings in a file, each after its length: how the parent hands records to its children."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LENGTH_BYTES = 8


def write_frames(values: Iterable[bytes], path: Path) -> None:
    """All of them, in order."""
    with path.open("wb") as stream:
        for value in values:
            stream.write(len(value).to_bytes(LENGTH_BYTES, "big"))
            stream.write(value)


def read_frames(path: Path) -> list[bytes]:
    """The inverse of `write_frames`."""
    values: list[bytes] = []
    with path.open("rb") as stream:
        while length := stream.read(LENGTH_BYTES):
            values.append(stream.read(int.from_bytes(length, "big")))
    return values
