"""Samples are what the router takes and gives: by JSON Schema, by the decoders, and by its own outputs."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from cli.decide.offline import Offline
from docs.contract_files import CONTRACT, SAMPLES
from infra.kafka.broker import LocalKafka
from schemas.asyncapi import message_types
from schemas.codec import TOPIC_OF_TYPE, Undecodable, decode_input, decode_journal, decode_notice
from schemas.journal import JournalEntry
from schemas.kinds import DEAD_LETTERS, INPUT_TOPICS, JOURNAL
from tests.promises import promise
from tests.published import HOME, cluster, count, decide, event, offline, order

TYPES = message_types()
NAMES = sorted(TYPES)
V1 = Path(__file__).parent / "v1"
FROZEN = sorted(path.stem for path in V1.glob("*.json"))


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((CONTRACT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def decoded(name: str, value: bytes) -> Any:
    """By the decoder that a consumer of its topic uses."""
    if name in TOPIC_OF_TYPE:
        return decode_input(TOPIC_OF_TYPE[name], value)
    return decode_journal(value) if TYPES[name] is JournalEntry else decode_notice(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_fits_its_schema_and_its_decoder(name: str) -> None:
    value = (SAMPLES / f"{name}.json").read_bytes()
    validator(name).validate(json.loads(value))
    message = decoded(name, value)
    assert type(message) is TYPES[name]
    validator(name).validate(json.loads(msgspec.json.encode(message)))


@pytest.mark.parametrize("name", FROZEN)
def test_yesterdays_sample_still_decodes(name: str) -> None:
    assert name in TYPES, f"{name} was published once: a break of the contract is a new type beside it"
    value = (V1 / f"{name}.json").read_bytes()
    message = decoded(name, value)
    assert type(message) is TYPES[name]
    validator(name).validate(json.loads(value))
    said = json.loads(msgspec.json.encode(message))
    assert holds(said, json.loads(value)), "what was said yesterday must not be read as something else"


def holds(said: Any, sample: Any) -> bool:
    """Whether everything in the sample is in what was decoded: fields may be added, never lost."""
    if isinstance(sample, dict):
        return all(
            name in said and holds(said[name], value)
            for name, value in sample.items()
            if value not in (None, [], 0, "")
        )
    if isinstance(sample, list):
        return len(said) == len(sample) and all(map(holds, said, sample))
    return bool(said == sample)


@pytest.mark.parametrize("name", [name for name in NAMES if name in TOPIC_OF_TYPE])
def test_unknown_fields_are_ignored(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_bytes())
    plain = decoded(name, json.dumps(sample).encode())
    sample["data"]["colour_of_the_future"] = {"deep": [1, None]}
    sample["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert decoded(name, json.dumps(sample).encode()) == plain
    validator(name).validate(sample)


@pytest.mark.parametrize("topic", INPUT_TOPICS)
def test_unknown_types_are_refused_with_the_known_ones(topic: str) -> None:
    name = next(name for name, home in TOPIC_OF_TYPE.items() if home == topic)
    sample = json.loads((SAMPLES / f"{name}.json").read_bytes())
    with pytest.raises(Undecodable) as refused:
        decode_input(topic, json.dumps(sample | {"type": f"{name}.v2"}).encode())
    assert refused.value.reason == "unknown_type"
    for known in (known for known, home in TOPIC_OF_TYPE.items() if home == topic):
        assert known in refused.value.detail


@pytest.mark.parametrize("name", [name for name in NAMES if name in TOPIC_OF_TYPE])
def test_what_the_schema_refuses_the_decoder_refuses(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_bytes())
    for field in sample["data"]:
        spoilt = json.loads(json.dumps(sample))
        spoilt["data"][field] = {"no": "such value"}
        accepted = validator(name).is_valid(spoilt)
        try:
            decoded(name, json.dumps(spoilt).encode())
        except Undecodable:
            assert not accepted, field
        else:
            assert accepted, field


IN_ORDER = (
    "stock.counted", "stock.adjusted", "stock.blocked", "stock.unblocked", "stock.sold", "order.placed",
    "shipment.accepted", "cancel.requested", "cancel.refused", "shipment.dispatched",
)  # fmt: skip


def test_the_router_takes_the_samples() -> None:
    router = offline()
    decide(router, count("tee-white-m", "store-paris", 3, 1))
    for name in IN_ORDER:
        router.send(TOPIC_OF_TYPE[name], (SAMPLES / f"{name}.json").read_bytes())
    assert [each for each in router.publications if each[0] == DEAD_LETTERS] == []
    assert router.partition.networks["eu"].orders.rows["O-2001"].shipments[0].pool == "dc-paris"


def conversation() -> Offline:
    """Enough to make the router say nearly everything that it can say."""
    router = offline()
    shipment = {"shipment_id": "O-1/1/1"}
    decide(
        router,
        count("mug-blue", "dc-paris", 9, 1), count("mug-blue", "dc-leipzig", 9, 1),
        order("O-1", "mug-blue", 3), order("O-2", "no-such-item"),
        event("line.short_picked", "f1", shipment | {"line_id": "1", "missing": 1, "position": 5}),
        event("cancel.requested", "f2", {"order_id": "O-1", "request_id": "C-1"}),
        event("cancel.accepted", "f3", shipment | {"request_id": "C-1"}),
        event("cancel.accepted", "f4", shipment | {"request_id": "C-7"}),
        event("shipment.rejected", "f5", {"shipment_id": "O-1/2/1"}),
        count("mug-blue", "dc-paris", 2, 9),
    )  # fmt: skip
    return router


@promise("P5")
def test_what_the_router_publishes_fits_the_contract() -> None:
    said = set()
    for topic, _, value, _ in conversation().publications:
        if topic in ("decisions", "exceptions", JOURNAL) or topic.startswith("allocations."):
            message = json.loads(value or b"")
            validator(message["type"]).validate(message)
            said.add(message["type"])
    assert said >= {
        "order.decided", "shipment.requested", "shipment.cancel_requested", "count.requested", "exception.opened",
        "set.activated", "stock.drift_found", "bundle.committed",
    }  # fmt: skip


def test_the_samples_go_through_a_real_broker(kafka: LocalKafka, prefix: str, tmp_path: Path) -> None:
    there = cluster(kafka.bootstrap, prefix)
    file = tmp_path / "samples.jsonl"
    inputs = [name for name in TYPES if name in TOPIC_OF_TYPE]
    lines = [json.dumps(json.loads((SAMPLES / f"{name}.json").read_bytes())) for name in inputs]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert there.run("send", str(file)) == 0
    from schemas import topics

    sent = [
        record
        for topic in (topics.INVENTORY, topics.ORDERS, topics.FULFILMENT, topics.REFERENCE)
        for record in there.values(topic)
    ]
    assert len(sent) == len(inputs)
    for partition, _, value in sent:
        assert partition == HOME
        assert decoded(json.loads(value or b"")["type"], value or b"").network == "eu"
