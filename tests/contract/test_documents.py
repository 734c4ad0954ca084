"""The contract's documents are those of the types, and hold together."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from docs.contract_files import CONTRACT, contract_files, samples
from schemas.asyncapi import CHANNELS, DEAD_LETTER, message_types
from schemas.glossary import MEANINGS
from schemas.topics import Purpose, all_topics

DOCUMENT: dict[str, Any] = json.loads((CONTRACT / "asyncapi.json").read_text(encoding="utf-8"))


def resolved(reference: str) -> Any:
    """What a local reference leads to; raises when it leads nowhere."""
    assert reference.startswith("#/"), reference
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if isinstance(document.get("$ref"), str):
            yield document["$ref"]
        for name, value in document.items():
            if name != "examples":
                yield from references(value)
    elif isinstance(document, list):
        for value in document:
            yield from references(value)


def test_the_files_are_those_of_the_types() -> None:
    files = contract_files()
    stale = [
        str(path.name)
        for path, text in files.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    left = set((CONTRACT / "schemas").glob("*.json")) - files.keys()
    assert not stale, f"{', '.join(stale)}: the types say something else now; remedy: make contract"
    assert not left, f"{left}: no such types any more; remedy: make contract"


def test_every_message_has_a_sample_and_no_sample_is_left_over() -> None:
    assert {path.stem for path in (CONTRACT / "samples").iterdir()} == set(message_types()) == set(samples())


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > len(message_types())
    for reference in found:
        resolved(reference)


def test_it_is_an_asyncapi_3_document_with_what_that_requires() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    for channel in DOCUMENT["channels"].values():
        assert channel["address"].startswith("sluice.")
        assert channel["messages"]
        assert set(channel.get("parameters", {})) == ({"wms"} if "{wms}" in channel["address"] else set()), (
            "parameters are those of the address"
        )
    for message in DOCUMENT["components"]["messages"].values():
        assert message["name"]
        assert message["contentType"]
        assert message["bindings"]["kafka"]["key"]["type"] == "string"


def test_operations_lead_to_a_channel_and_to_messages_of_that_channel() -> None:
    operated = set()
    for name, operation in DOCUMENT["operations"].items():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"]
        operated.add(channel)
        assert resolved(channel)
        messages = [message["$ref"] for message in operation["messages"]]
        assert all(reference.startswith(f"{channel}/messages/") for reference in messages), name
        assert len(messages) == len(resolved(channel)["messages"])
    assert operated == {f"#/channels/{name}" for name in DOCUMENT["channels"]}


def test_every_topic_that_is_not_internal_is_a_channel() -> None:
    public = {
        topic.name for topic in all_topics(["wms"]) if topic.purpose in (Purpose.INPUT, Purpose.OUTPUT)
    }  # fmt: skip
    assert {channel.topic.name for channel in CHANNELS} == public
    assert DEAD_LETTER in DOCUMENT["channels"]["dead-letters"]["messages"]


def test_the_first_line_says_what_clients_must_set() -> None:
    description = DOCUMENT["info"]["description"]
    assert "read_committed" in description
    assert "partitioner=murmur2_random" in description


@pytest.mark.parametrize("name", sorted(message_types()))
def test_a_message_shows_its_sample(name: str) -> None:
    (example,) = DOCUMENT["components"]["messages"][name]["examples"]
    assert example["payload"] == samples()[name]


def test_every_field_says_what_it_means_and_no_sentence_is_left_over() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    dumb = [
        f"{owner}.{name}"
        for owner, schema in schemas.items()
        for name, field in schema.get("properties", {}).items()
        if not ({"description", "$ref"} & field.keys())
    ]
    assert not dumb, "say in schemas/glossary.py what they mean, then make contract"
    fields = {name for schema in schemas.values() for name in schema.get("properties", {})}
    owners = {"", "Event", "Notice", *schemas}
    left_over = [
        key for key in MEANINGS if key.split(".")[-1] not in fields or key.rpartition(".")[0] not in owners
    ]
    assert not left_over


def test_a_field_of_several_messages_says_of_each_what_it_is_there() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    said = {
        owner: schemas[owner]["properties"]["quantity"]["description"]
        for owner in ("OrderLine", "StockCounted", "StockSold")
    }
    assert said == {
        "OrderLine": "How many were ordered. Units, in the item's base unit.",
        "StockCounted": "All that is in the building: blocked, promised, picked and packed units too. Units, in the "
        "item's base unit; zero allowed.",
        "StockSold": "How many. Units, in the item's base unit.",
    }
