"""A file of events: JSON lines, each of a type that says on which topic it belongs."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from cli.words.names import did_you_mean, shown
from infra.errors import ConfigurationError
from schemas.codec import TOPIC_OF_TYPE, Undecodable, decode_input


class EventLine(Struct, frozen=True):
    """One event as it will be sent."""

    line: int
    topic: str
    network: str
    value: bytes


class LineFault(Struct, frozen=True):
    """Why a line cannot be sent."""

    line: int
    message: str


class _Outline(Struct):
    """What placing an event needs of it; everything else is left as it is."""

    type: str
    network: str


_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_outline_decoder = msgspec.json.Decoder(_Outline)


def read_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Line number and content of every line that is not blank; `-` reads standard input."""
    if str(file) == "-":
        yield from _numbered(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as stream:
            yield from _numbered(stream)
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be read: {error.strerror}; name a file of JSON lines, or -"
        ) from None


def _numbered(stream: Any) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(stream, start=1):
        # An editor or a spreadsheet puts a byte order mark before the first line; it is no part of the event.
        content = (line.removeprefix(codecs.BOM_UTF8) if number == 1 else line).strip()
        if number == 1 and content.startswith(_UTF16):
            raise ConfigurationError("the events are in UTF-16; save the file as UTF-8")
        if content:
            yield number, content


def checked(line: int, value: bytes) -> EventLine | LineFault:
    """The event when the router would accept it, otherwise a sentence that says why not."""
    try:
        outline = _outline_decoder.decode(value)
    except msgspec.ValidationError as error:
        return LineFault(line, f"{error}; an event has a type and a network")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return LineFault(line, f"this is not JSON: {error}")
    topic = TOPIC_OF_TYPE.get(outline.type)
    if topic is None:
        remedy = (
            did_you_mean(outline.type, TOPIC_OF_TYPE) or f"; known are {', '.join(sorted(TOPIC_OF_TYPE))}"
        )
        return LineFault(line, f"type {shown(outline.type)} is unknown{remedy}")
    try:
        event = decode_input(topic, value)
    except Undecodable as error:
        return LineFault(line, error.detail)
    return EventLine(line, topic, event.network, value)


def unchecked(line: int, value: bytes, topic: str | None, network: str) -> EventLine | LineFault:
    """The line as it is, for tests of bad input: only its place must be known."""
    try:
        outline = _outline_decoder.decode(value)
        found_topic, found_network = TOPIC_OF_TYPE.get(outline.type), outline.network
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found_topic, found_network = None, network
    topic = topic or found_topic
    if topic is None:
        return LineFault(line, "its type does not say where it belongs; name a topic with --topic")
    return EventLine(line, topic, found_network or network, value)
