"""The JSON Schemas take what the router reads, and nothing else: whatever is done to the fields of a sample."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.contract_files import samples
from schemas.asyncapi import message_schema, message_types
from schemas.codec import TOPIC_OF_TYPE, Undecodable, decode_input
from schemas.orders import LINES_MAX
from tests.contract.spoilt import Place, parts, places, values
from tests.side_by_side import takes

TYPES = message_types()
INPUTS = sorted(name for name in TYPES if name in TOPIC_OF_TYPE)
SAMPLES = samples()
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_time(value: object) -> bool:
    shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or bool(re.fullmatch(shape, value) and datetime.fromisoformat(value))


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    shape = r"\d{4}-\d\d-\d\d"
    return not isinstance(value, str) or bool(re.fullmatch(shape, value) and datetime.fromisoformat(value))


@cache
def schema(name: str) -> dict[str, Any]:
    return message_schema(TYPES[name])


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(name), format_checker=FORMATS)


def sample(name: str) -> tuple[dict[str, Any], list[Place]]:
    """A copy to spoil, and where that can be done."""
    event: dict[str, Any] = json.loads(json.dumps(SAMPLES[name]))
    return event, list(places(event, schema(name), schema(name)))


def is_read(name: str, event: dict[str, Any]) -> bool:
    try:
        return type(decode_input(TOPIC_OF_TYPE[name], json.dumps(event).encode())) is TYPES[name]
    except Undecodable:
        return False


@takes(3)
@pytest.mark.parametrize("name", INPUTS)
def test_a_schema_takes_what_the_router_reads_in_every_field(name: str) -> None:
    event, fields = sample(name)
    differ = []
    for field in fields:
        if field.holder is event and name != INPUTS[0]:
            continue  # The envelope is the same for all.
        for value in values(schema(name)):
            before = field.set(value)
            if validator(name).is_valid(event) != is_read(name, event):
                differ.append((field.key, value))
            field.set(before)
    assert differ == []
    assert event == SAMPLES[name]


@pytest.mark.parametrize("name", INPUTS)
@settings(max_examples=30)
@given(st.data())
def test_a_schema_takes_what_the_router_reads_in_several_fields_at_once(
    name: str, data: st.DataObject
) -> None:
    event, fields = sample(name)
    for field in data.draw(st.lists(st.sampled_from(fields), min_size=2, max_size=4, unique_by=id)):
        field.set(data.draw(st.sampled_from(values(schema(name)))))
    assert validator(name).is_valid(event) == is_read(name, event)


@pytest.mark.parametrize(("count", "is_taken"), [(LINES_MAX, True), (LINES_MAX + 1, False)])
def test_an_order_has_a_bounded_number_of_lines(count: int, is_taken: bool) -> None:
    event, _ = sample("order.placed")
    event["data"]["lines"] *= count
    assert validator("order.placed").is_valid(event) == is_read("order.placed", event) == is_taken


@pytest.mark.parametrize("name", INPUTS)
def test_every_integer_has_room_in_64_bits(name: str) -> None:
    for part in parts(schema(name)):
        if part.get("type") == "integer":
            assert part.get("minimum", part.get("exclusiveMinimum", -(2**64))) >= -(2**63), part
            assert part.get("maximum", 2**64) < 2**63, part


def test_a_cancel_that_names_no_line_is_refused_before_it_reaches_an_order() -> None:
    event, _ = sample("cancel.requested")
    event["data"]["lines"] = {}
    assert not validator("cancel.requested").is_valid(event)
    with pytest.raises(Undecodable, match="lines"):
        decode_input("orders", json.dumps(event).encode())


@pytest.mark.parametrize("name", INPUTS)
def test_every_field_of_a_sample_is_one_that_is_read(name: str) -> None:
    """A misspelt one would be ignored, and the sample show nothing."""
    read = decode_input(TOPIC_OF_TYPE[name], json.dumps(SAMPLES[name]).encode())
    assert shown(SAMPLES[name]) <= shown(json.loads(msgspec.json.encode(read)))


def shown(value: Any, path: str = "") -> set[str]:
    """The paths of all fields."""
    if isinstance(value, list):
        return set().union(*[shown(inner, f"{path}[]") for inner in value])
    if not isinstance(value, dict):
        return {path}
    return {path}.union(*[shown(inner, f"{path}.{name}") for name, inner in value.items()])
