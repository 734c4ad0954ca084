"""What was in force when an earlier decision was taken, from the log of all sets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.reference.set_records import set_records
from cli.reference.sets import InForce, ReferenceSet, entities_under, set_of
from schemas.codec import decode_input
from schemas.kinds import REFERENCE
from schemas.reference import AnyEntity, ItemEntity, NetworkEntity, SetCommitted
from tests.promises import promise

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EURO = NetworkEntity(currency="EUR")


class Writer:
    """`sluice apply`, set after set, and what else gets into the log."""

    def __init__(self) -> None:
        self.log: list[bytes | None] = []
        self._in_force = InForce()

    def apply(self, *wanted: AnyEntity, network: str = "eu") -> str:
        reference_set = set_of(self._in_force, [EURO, *wanted])
        assert reference_set is not None
        for value in self.write(reference_set, network):
            self._in_force.fold(decode_input(REFERENCE, value))
        return reference_set.commit.set_id

    def write(self, reference_set: ReferenceSet, network: str = "eu") -> list[bytes]:
        values = [record.value for record in set_records(network, reference_set, NOW)]
        self.log += values
        return values

    def weights(self, *set_ids: str) -> dict[str, dict[str, int]]:
        found = entities_under(set_ids, "eu", self.log)
        return {
            set_id: {each.sku: each.weight_grams for each in entities if isinstance(each, ItemEntity)}
            for set_id, entities in found.items()
        }


def item(sku: str, weight_grams: int = 0) -> ItemEntity:
    return ItemEntity(sku=sku, unit="EA", weight_grams=weight_grams)


@promise("P5")
def test_each_set_is_what_held_before_the_next_one() -> None:
    writer = Writer()
    first = writer.apply(item("A", 1), item("B", 1))
    second = writer.apply(item("A", 2), item("B", 1))
    third = writer.apply(item("B", 3))
    assert writer.weights(first, second, third) == {
        first: {"A": 1, "B": 1},
        second: {"A": 2, "B": 1},
        third: {"B": 3},
    }
    assert writer.weights(second) == {second: {"A": 2, "B": 1}}


def test_a_set_that_the_router_refused_changed_nothing() -> None:
    """Whatever it was refused for: the next one is based on what held before it."""
    writer = Writer()
    first = writer.apply(item("A", 1))
    refused = ReferenceSet(
        members=[],
        commit=SetCommitted(set_id="2-refused", members=0, hash="e3b0c44298fc1c14", based_on=first),
    )
    writer.write(refused)
    second = writer.apply(item("A", 2))
    assert writer.weights(first, second) == {first: {"A": 1}, second: {"A": 2}}


@pytest.mark.parametrize("noise", [None, b"{", b"[]", b'{"type":"set.committed"}'])
def test_what_is_no_statement_is_passed_over(noise: bytes | None) -> None:
    writer = Writer()
    first = writer.apply(item("A", 1))
    writer.log.insert(0, noise)
    writer.log.append(noise)
    assert writer.weights(first) == {first: {"A": 1}}


def test_a_set_that_the_log_does_not_have_is_left_out() -> None:
    writer = Writer()
    first = writer.apply(item("A", 1))
    assert writer.weights("9-unknown", first) == {first: {"A": 1}}


def test_another_network_may_use_the_same_names() -> None:
    writer, other = Writer(), Writer()
    first = writer.apply(item("A", 1))
    assert other.apply(item("A", 1), network="us") == first
    writer.log = [*other.log, *writer.log, *other.log]
    assert writer.weights(first) == {first: {"A": 1}}
