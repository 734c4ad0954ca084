"""Refused inputs as the dead-letters topic holds them: original bytes, and the headers that say why."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from cli.shared.connection import Connection
from cli.shared.own_name import with_deployment
from cli.shared.topic_reader import read_topic
from cli.words.names import closest, shown
from infra.errors import ConfigurationError, SluiceError
from infra.reading import headers_of
from schemas.kinds import INPUT_TOPICS
from schemas.times import rfc3339
from schemas.topics import DEAD_LETTERS

FIRST_BYTES = 100


class Letter(Struct, frozen=True, kw_only=True):
    """One refused input; `received_ms` is when Kafka got it, `refused_ms` when the router gave it back.

    `times` counts the refusals of the same bytes: the ID is that of the last one.
    """

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str
    received_ms: int
    refused_ms: int
    key: bytes | None
    value: bytes | None
    times: int = 1

    @property
    def id(self) -> str:
        """`orders/0/17`: where the refused input stands."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def place(self) -> tuple[int, str, int]:
        """Partition, topic, offset: the order in which letters are shown and sent again."""
        return self.partition, self.topic, self.offset

    @property
    def event(self) -> dict[str, Any] | None:
        """The value where it is a JSON object."""
        try:
            event = msgspec.json.decode(self.value or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return event if isinstance(event, dict) else None

    @property
    def source(self) -> str:
        """Who sent it, as the event says; empty where it says nothing."""
        source = (self.event or {}).get("source")
        return source if isinstance(source, str) else ""

    @property
    def about(self) -> str:
        """`order "O-17"`: what the event is about, as it says; empty where it names nothing."""
        data = (self.event or {}).get("data")
        named = data if isinstance(data, dict) else {}
        for kind, field in (("order", "order_id"), ("shipment", "shipment_id"), ("SKU", "sku")):
            if isinstance(name := named.get(field), str):
                return f"{kind} {shown(name)}"
        return ""

    def first_bytes(self) -> str:
        """The beginning of the value on one line."""
        if self.value is None:
            return "(no value)"
        text = self.value[:FIRST_BYTES].decode(errors="backslashreplace")
        one_line = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
        more = len(self.value) - FIRST_BYTES
        return f"{one_line}... and {more:,} more bytes" if more > 0 else one_line

    def as_dict(self) -> dict[str, Any]:
        """For JSON: a line that can be repaired and given to `retry --repaired`."""
        fields: dict[str, Any] = {
            "id": self.id,
            "reason": self.reason,
            "detail": self.detail,
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "received": rfc3339(self.received_ms),
            "refused": rfc3339(self.refused_ms),
            "times": self.times,
        }
        event = self.event
        if event is not None:
            return fields | {"event": event}
        try:
            return fields | {"text": None if self.value is None else self.value.decode()}
        except UnicodeDecodeError:
            return fields | {"base64": base64.b64encode(self.value or b"").decode()}


def letters(connection: Connection, partitions: Sequence[int], since_ms: int = 0) -> Iterator[Letter]:
    """Every letter of these partitions that retention has kept, or those that were refused since."""
    for message in read_topic(connection, DEAD_LETTERS, partitions, since_ms):
        said = headers_of(message)
        if said.get("topic") in INPUT_TOPICS and said.get("offset", "").isdecimal():
            yield Letter(
                topic=said["topic"],
                partition=int(said.get("partition", message.partition() or 0)),
                offset=int(said["offset"]),
                reason=said.get("reason", ""),
                detail=said.get("detail", ""),
                received_ms=int(said.get("timestamp", "0")),
                refused_ms=message.timestamp()[1],
                key=message.key(),
                value=message.value(),
            )


def once_each(found: Iterable[Letter]) -> list[Letter]:
    """By place, and of inputs that were sent again and refused again only the last refusal, with their number."""
    latest: dict[tuple[str, int, bytes | None, bytes | None], Letter] = {}
    for letter in sorted(found, key=lambda letter: letter.place):
        bytes_at = (letter.topic, letter.partition, letter.key, letter.value)
        before = latest.pop(bytes_at, None)
        latest[bytes_at] = letter if before is None else replace(letter, times=before.times + 1)
    return list(latest.values())


def place_of(letter_id: str, partitions: int) -> tuple[int, str, int] | str:
    """The place that an ID names, or why it can name none."""
    topic, _, rest = letter_id.partition("/")
    partition, _, offset = rest.partition("/")
    if topic not in INPUT_TOPICS or not partition.isdecimal() or not offset.isdecimal():
        return (
            f'"{letter_id}" is no ID of a dead letter; expected topic/partition/offset such as orders/0/17, '
            f"as `sluice {with_deployment('dead-letters', 'list')}` shows it"
        )
    if int(partition) >= partitions:
        return f'"{letter_id}": there are {partitions} partitions, counted from 0'
    return int(partition), topic, int(offset)


def letters_by_id(connection: Connection, letter_ids: list[str]) -> dict[str, Letter]:
    """The named letters, by ID; an error that names every ID that cannot be one, and all that are not there."""
    named = {letter_id: place_of(letter_id, connection.partitions) for letter_id in letter_ids}
    faults = [fault for fault in named.values() if isinstance(fault, str)]
    places = {letter_id: place for letter_id, place in named.items() if not isinstance(place, str)}
    partitions = sorted({partition for partition, _, _ in places.values()})
    kept = {letter.place: letter for letter in letters(connection, partitions)} if partitions else {}
    missing = [letter_id for letter_id, place in places.items() if place not in kept]
    if missing:
        match = closest(missing[0], [letter.id for letter in kept.values()])
        listing = f"`sluice {with_deployment('dead-letters', 'list')}` shows those there are"
        hint = f'; did you mean "{match}"?' if match else f"; {listing}"
        absent = f"no dead letter {', '.join(missing)}{hint}"
        if not faults:
            raise SluiceError(absent)
        faults.append(absent)
    if faults:
        raise ConfigurationError("nothing was sent:\n" + "\n".join(f"  {fault}" for fault in faults))
    return {letter_id: kept[place] for letter_id, place in places.items()}
