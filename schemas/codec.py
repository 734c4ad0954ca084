"""Bytes to typed records and back: the only place that encodes or decodes what crosses the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from schemas.envelope import Event
from schemas.format_1 import IN_FORMAT_1, OF_FORMAT_1, RowOfFormat1
from schemas.formats import FORMAT, refusal, tag_of
from schemas.fulfilment import FulfilmentEvent
from schemas.inventory import InventoryEvent
from schemas.journal import JournalEntry
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS, REFERENCE
from schemas.notices import Published
from schemas.orders import OrdersEvent
from schemas.reference import ReferenceEvent
from schemas.rows import AnyRow, RowKey

_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    INVENTORY: msgspec.json.Decoder(InventoryEvent),
    ORDERS: msgspec.json.Decoder(OrdersEvent),
    FULFILMENT: msgspec.json.Decoder(FulfilmentEvent),
    REFERENCE: msgspec.json.Decoder(ReferenceEvent),
}


class BadRecord(Exception):
    """An input that is refused: `reason` is a code, `detail` a sentence that a person can act on."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Undecodable(BadRecord):
    """The bytes are no record of this topic."""


def decode_input(topic: str, value: bytes | None) -> Event:
    """The typed event; raises `Undecodable` for anything else.  `topic` is one of `INPUT_TOPICS`."""
    if value is None:
        raise Undecodable("empty", "the record has no value; send the event as JSON")
    try:
        event: Event = _DECODERS[topic].decode(value)
    except msgspec.ValidationError as error:
        raise _explained(topic, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable("malformed_json", f"this is not JSON: {error}") from None
    except RecursionError:
        raise Undecodable("malformed_json", "the JSON is nested too deeply") from None
    return event


def _explained(topic: str, fault: str) -> Undecodable:
    """msgspec's sentence names expectation, value and path; what is added is the code and the remedy."""
    if fault.startswith("Invalid value") and fault.endswith("`$.type`"):
        known = ", ".join(sorted(_known_types(topic)))
        return Undecodable("unknown_type", f"{fault}; topic {topic} takes: {known}")
    if "missing required field" in fault:
        return Undecodable("missing_field", fault)
    return Undecodable("invalid_field", fault)


def _known_types(topic: str) -> list[str]:
    return [str(kind.__struct_config__.tag) for kind in _event_classes(topic)]


def _event_classes(topic: str) -> tuple[Any, ...]:
    union = _DECODERS[topic].type
    return getattr(union, "__args__", (union,))


TYPE_OF_EVENT: dict[type, str] = {
    kind: str(kind.__struct_config__.tag) for topic in _DECODERS for kind in _event_classes(topic)
}
"""The `type` attribute of each class of events."""

TOPIC_OF_TYPE: dict[str, str] = {name: topic for topic in _DECODERS for name in _known_types(topic)}
"""Every input's type and the kind of topic that it is sent to."""


# --- rows -----------------------------------------------------------------------------------------------------

_encoder = msgspec.json.Encoder()
_row_decoder = msgspec.json.Decoder(AnyRow | RowOfFormat1)


class UnreadableRow(Exception):
    """A state topic holds a row that this version cannot read: a newer router wrote it, or it is damaged."""


class OtherFormat(UnreadableRow):
    """The row is in a format that this release does not read; `row` says what was found."""

    def __init__(self, found: int, row: str) -> None:
        super().__init__(refusal(found, row))


# The encoder's own method, not a function around it: each order comes here eight times.
encode_key: Callable[[RowKey], bytes] = _encoder.encode
"""The Kafka key of a row's key: a JSON array, unambiguous whatever the names hold."""

encode_row: Callable[[AnyRow], bytes] = _encoder.encode
"""The Kafka value of a row, in the newest format."""


def row_encoder(in_force: int) -> Callable[[AnyRow], bytes]:
    """How rows are written where that format is in force: asked once for many rows, so that it costs none of them."""
    return _encoder.encode if in_force == FORMAT else _encode_in_format_1


def _encode_in_format_1(row: AnyRow) -> bytes:
    older = IN_FORMAT_1.get(type(row))
    return _encoder.encode(row if older is None else older(row))


def decode_row(value: bytes) -> AnyRow:
    """The row as it is in memory, whatever format it was written in.

    Raises `UnreadableRow`, which stops the partition: half a memory is worse than none.
    """
    try:
        row = _row_decoder.decode(value)
    except msgspec.MsgspecError as error:
        tag = tag_of(value)
        if tag is not None and tag[1] > FORMAT:
            raise OtherFormat(tag[1], f"a row {tag[0]}.{tag[1]}") from None
        raise UnreadableRow(f"{error}; the row begins {value[:80]!r}") from None
    newest = OF_FORMAT_1.get(type(row))
    read: AnyRow = row if newest is None else newest(row)
    return read


# --- notices --------------------------------------------------------------------------------------------------

_published_decoder = msgspec.json.Decoder(Published)
_journal_decoder = msgspec.json.Decoder(JournalEntry)


encode_notice: Callable[[Published | JournalEntry], bytes] = _encoder.encode
"""The Kafka value of a notice or a journal entry."""


def decode_notice(value: bytes) -> Published:
    """The notice; raises `msgspec.MsgspecError` when it is none."""
    notice: Published = _published_decoder.decode(value)
    return notice


def decode_journal(value: bytes) -> JournalEntry:
    """The journal entry; raises `msgspec.MsgspecError` when it is none."""
    return _journal_decoder.decode(value)
