"""The contract as documents: an AsyncAPI 3 description and one JSON Schema for each message, from the types.

Nothing here is written twice: topics come from `topics`, shapes from the message types, sentences from their
docstrings.  The state topics are left out, because nobody but the router may depend on them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from msgspec import Struct

from schemas.fulfilment import FulfilmentEvent
from schemas.glossary import meaning
from schemas.inventory import InventoryEvent
from schemas.journal import JournalEntry
from schemas.notices import (
    CancelRequestedOfWms,
    CountRequested,
    Decision,
    ExceptionClosed,
    ExceptionOpened,
    Notice,
    SetActivated,
    SetRefused,
    ShipmentRequested,
    StockDriftFound,
)
from schemas.orders import OrdersEvent
from schemas.reference import (
    FormatFinalisedEvent,
    ReferenceEvent,
    ReferenceStatedEvent,
    ReferenceWithdrawnEvent,
    SetCommittedEvent,
)
from schemas.topics import (
    DEAD_LETTERS,
    DECISIONS,
    DEFAULT_PREFIX,
    EXCEPTIONS,
    FULFILMENT,
    INVENTORY,
    JOURNAL,
    ORDERS,
    REFERENCE,
    Purpose,
    Topic,
    allocations,
)

CONTRACT_VERSION = "1.0.0"
DEAD_LETTER = "dead-letter"
JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
CONTENT_TYPE = "application/cloudevents+json"

Json = dict[str, Any]


class Channel(Struct, frozen=True):
    """A topic and the messages on it."""

    name: str
    topic: Topic
    address: str
    about: str
    messages: tuple[type, ...]


_ABOUT = (
    "A record's partition is that of its network: murmur2 of the network's name, modulo the partition count."
)

CHANNELS: tuple[Channel, ...] = (
    Channel("inventory", INVENTORY, "inventory", "Counts and movements of stock.", get_args(InventoryEvent)),
    Channel("orders", ORDERS, "orders", "Orders, and commands on them.", get_args(OrdersEvent)),
    Channel("fulfilment", FULFILMENT, "fulfilment", "What became of each shipment.", get_args(FulfilmentEvent)),
    Channel(
        "reference", REFERENCE, "reference",
        "The network's own description, in sets that take effect as a whole; `sluice apply` writes it.",
        get_args(ReferenceEvent),
    ),
    Channel(
        "decisions", DECISIONS, "decisions",
        "Every change to an order's plan, always the whole plan, with its reasons.", (Decision,),
    ),
    Channel(
        "allocations", allocations("wms"), "allocations.{wms}",
        "What one warehouse system must do. Each system has a topic of its own; read it read_committed.",
        (ShipmentRequested, CancelRequestedOfWms, CountRequested),
    ),
    Channel(
        "exceptions", EXCEPTIONS, "exceptions", "What a person must look at, with the ways out.",
        (ExceptionOpened, ExceptionClosed, SetActivated, SetRefused, StockDriftFound),
    ),
    Channel(
        "dead-letters", DEAD_LETTERS, "dead-letters",
        "Refused input: the original bytes, and in the headers where they came from and why they were refused.", (),
    ),
    Channel("journal", JOURNAL, "journal", "One record for each transaction of the router.", (JournalEntry,)),
)  # fmt: skip

KEYS: Mapping[type, str] = {
    ReferenceStatedEvent: "the entity's kind and key, as a JSON array",
    ReferenceWithdrawnEvent: "the entity's kind and key, as a JSON array",
    SetCommittedEvent: '["set", set_id], as a JSON array',
    FormatFinalisedEvent: '["format", format], as a JSON array',
    Decision: "the order_id",
    ShipmentRequested: "the shipment_id",
    CancelRequestedOfWms: "the shipment_id",
    CountRequested: "the pool",
    ExceptionOpened: "the exception_id",
    ExceptionClosed: "the exception_id",
    SetActivated: "the set_id",
    SetRefused: "the set_id",
    StockDriftFound: "pool/sku/class",
    JournalEntry: "the partition's number",
}
"""What a message is keyed by; inputs that are not named here are keyed by their network."""

DEAD_LETTER_HEADERS: Mapping[str, str] = {
    "topic": "the topic's kind that the input came on: orders, inventory, fulfilment, reference",
    "partition": "its partition, as decimal digits",
    "offset": "its offset, as decimal digits",
    "timestamp": "when Kafka got it, in milliseconds since 1970 UTC",
    "reason": "a code, such as unknown_pool",
    "detail": "a sentence that a person can act on",
    "sequence": "the transaction that refused it",
}


def type_name(message: type) -> str:
    """`order.placed`: the message's `type` on the wire."""
    return str(message.__struct_config__.tag)  # type: ignore[attr-defined]


def message_types() -> dict[str, type]:
    """Every message of the contract, by its `type`, in the order of the channels."""
    return {type_name(message): message for channel in CHANNELS for message in channel.messages}


def message_schema(message: type) -> Json:
    """A JSON Schema that stands alone.  Unknown fields are allowed: consumers ignore them."""
    head = {"$schema": JSON_SCHEMA, "title": type_name(message), "description": _sentence(message)}
    schema = msgspec.json.schema(message)
    _explain(schema["$defs"])
    return head | schema


def document(samples: Mapping[str, Json]) -> Json:
    """The AsyncAPI document; `samples` are by message type."""
    messages = message_types()
    _, schemas = msgspec.json.schema_components(messages.values(), ref_template="#/components/schemas/{name}")
    _explain(schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sluice",
            "version": CONTRACT_VERSION,
            "description": "Consumers read `read_committed`; producers use murmur2 (librdkafka: "
            "`partitioner=murmur2_random`) and key every input by its network. Unknown fields are ignored; a break "
            "is a new type. Topic names begin with a prefix, `sluice.` by default.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {_operation_name(channel): _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {
                name: _message(name, message, samples.get(name)) for name, message in messages.items()
            }
            | {DEAD_LETTER: _dead_letter()},
            "schemas": schemas,
        },
    }


def _explain(schemas: Mapping[str, Json]) -> None:
    """Say of each field what it means, before its type says what it looks like."""
    envelopes = {
        message.__name__: "Notice" if issubclass(message, Notice) else "Event"
        for message in message_types().values()
    }
    for owner, schema in schemas.items():
        for name, field in schema.get("properties", {}).items():
            sentences = (meaning(owner, envelopes.get(owner, ""), name), field.get("description"))
            if "$ref" not in field and any(sentences):
                field["description"] = " ".join(filter(None, sentences))


def _channel(channel: Channel) -> Json:
    topic = channel.topic
    described: Json = {
        "address": DEFAULT_PREFIX + channel.address,
        "title": channel.name,
        "description": f"{channel.about} Written by: {topic.written_by}. {_ABOUT}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(channel)},
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": [str(topic.cleanup)],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.bytes_max,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }
    if "{wms}" in channel.address:
        described["parameters"] = {"wms": {"description": "The warehouse system, as the pool names it."}}
    return described


def _names(channel: Channel) -> list[str]:
    return [type_name(message) for message in channel.messages] or [DEAD_LETTER]


def _operation_name(channel: Channel) -> str:
    return f"{_action(channel)}-{channel.name}"


def _action(channel: Channel) -> str:
    """As AsyncAPI 3 means it: what the router does."""
    return "receive" if channel.topic.purpose is Purpose.INPUT else "send"


def _operation(channel: Channel) -> Json:
    return {
        "action": _action(channel),
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "summary": channel.about,
        "messages": [{"$ref": f"#/channels/{channel.name}/messages/{name}"} for name in _names(channel)],
    }


def _message(name: str, message: type, sample: Json | None) -> Json:
    described: Json = {
        "name": name,
        "title": name,
        "summary": _sentence(message),
        "contentType": "application/json" if message is JournalEntry else CONTENT_TYPE,
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
        "bindings": {"kafka": _key(KEYS.get(message, "the network"))},
    }
    if sample is not None:
        described["examples"] = [{"name": name, "payload": sample}]
    return described


def _dead_letter() -> Json:
    properties = {
        name: {"type": "string", "description": about} for name, about in DEAD_LETTER_HEADERS.items()
    }
    return {
        "name": DEAD_LETTER,
        "title": DEAD_LETTER,
        "summary": "A refused input, byte for byte.",
        "contentType": "application/octet-stream",
        "headers": {"type": "object", "properties": properties, "required": list(properties)},
        "payload": {"description": "The record's own bytes, whatever they are."},
        "bindings": {"kafka": _key("the record's own key")},
    }


def _key(about: str) -> Json:
    return {"key": {"type": "string", "description": f"UTF-8 text: {about}."}, "bindingVersion": "0.5.0"}


def _sentence(message: type) -> str:
    """What payload and message say of themselves, each in its first paragraph."""
    data = message.__annotations__.get("data")
    payload = getattr(sys.modules[message.__module__], data) if isinstance(data, str) else None
    own = _first_paragraph(message)
    if payload is None:
        return own
    # The wrapper of an input only points to its payload.
    return _first_paragraph(payload) + ("" if own.startswith("See `") else f" {own}")


def _first_paragraph(described: type) -> str:
    return " ".join((described.__doc__ or "").split("\n\n", 1)[0].split())
