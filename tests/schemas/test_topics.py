"""The topics table: what other programs and the promises rely on."""

import pytest

from schemas import topics
from schemas.topics import Cleanup, Names, Purpose, all_topics, allocations


def test_the_table_is_the_designs() -> None:
    by_purpose: dict[Purpose, list[str]] = {}
    for topic in topics.FIXED:
        by_purpose.setdefault(topic.purpose, []).append(topic.name)
    assert by_purpose == {
        Purpose.LAYOUT: ["layout"],
        Purpose.INPUT: ["inventory", "orders", "fulfilment", "reference"],
        Purpose.OUTPUT: ["decisions", "exceptions", "dead-letters", "journal"],
        Purpose.STATE: ["ledger", "order-book", "catalog", "router-state"],
    }


def test_state_is_compacted_and_kept_and_nothing_else_is() -> None:
    for topic in topics.FIXED:
        compacted = topic.purpose in {Purpose.STATE, Purpose.LAYOUT}
        assert (topic.cleanup is Cleanup.COMPACT) == compacted, topic.name
        if compacted:
            assert topic.retention_ms == topics.FOR_GOOD


def test_a_dead_letter_always_has_room_for_the_record_it_refuses() -> None:
    inputs_max = max(topic.bytes_max for topic in topics.FIXED if topic.purpose is Purpose.INPUT)
    assert topics.DEAD_LETTERS.bytes_max > inputs_max


def test_others_key_by_the_network_alone() -> None:
    assert {topic.key for topic in (topics.INVENTORY, topics.ORDERS, topics.FULFILMENT)} == {"network"}


def test_full_names_and_back() -> None:
    names = Names("acme.sluice.")
    assert names.of(topics.ORDER_BOOK) == "acme.sluice.order-book"
    assert names.allocations("wms-north") == "acme.sluice.allocations.wms-north"
    for topic in all_topics(["wms-north", "3pl_2"]):
        assert names.topic_of(names.of(topic)) == topic
    assert names.topic_of("sluice.orders") is None
    assert names.topic_of("acme.sluice.unheard-of") is None


def test_each_warehouse_system_has_its_topic_once_and_in_order() -> None:
    wanted = [topic.name for topic in all_topics(["b", "a", "b"])][len(topics.FIXED) :]
    assert wanted == ["allocations.a", "allocations.b"]


@pytest.mark.parametrize("name", ["", "a b", "a.b", "../x", "-a", "å"])
def test_a_warehouse_system_that_cannot_be_a_topic_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a warehouse system"):
        allocations(name)


@pytest.mark.parametrize("prefix", ["sluice", "a b.", ".", "a..", "sluice/"])
def test_a_prefix_that_cannot_be_one_is_refused_by_name(prefix: str) -> None:
    with pytest.raises(ValueError, match="cannot be a topic prefix"):
        Names(prefix)
