"""The events of a file as the router would get them: each with the topic it belongs on, bad ones included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from cli.words.names import closest
from schemas.codec import TOPIC_OF_TYPE, Undecodable, decode_input
from schemas.kinds import ORDERS
from schemas.times import to_ms


class Arrival(Struct, frozen=True):
    """One line; `what` is how a person calls it, `time_ms` None where it cannot be read, `fault` says why."""

    line: int
    topic: str
    value: bytes
    what: str
    time_ms: int | None
    fault: str = ""


class _Type(Struct):
    type: str = ""


_type_decoder = msgspec.json.Decoder(_Type)


def arrivals(lines: Iterable[tuple[int, bytes]], topic: str | None = None) -> Iterator[Arrival]:
    """Every line in its order; `topic` is for lines whose type does not say where they belong."""
    for line, value in lines:
        yield _arrival(line, value, topic)


def _arrival(line: int, value: bytes, topic: str | None) -> Arrival:
    try:
        kind = _type_decoder.decode(value).type
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        kind = ""
    topic = TOPIC_OF_TYPE.get(kind) or topic or _likely_topic(kind)
    try:
        event = decode_input(topic, value)
    except Undecodable as error:
        return Arrival(line, topic, value, kind or "unreadable", None, error.detail)
    return Arrival(line, topic, value, kind, to_ms(event.time))


def _likely_topic(kind: str) -> str:
    """The topic that the dead letter names: of the type that looks most like it, so that its reason helps."""
    match = closest(kind, TOPIC_OF_TYPE) if kind else None
    return TOPIC_OF_TYPE[match] if match else ORDERS
