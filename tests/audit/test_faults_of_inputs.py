"""Inputs that are lost, invented or taken twice, and what the auditor says of them."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest

from schemas.digest import pack_hashes, unpack_hashes
from schemas.journal import InputRange
from tests.audit.planted import Case, Fault, names_of, require_reported
from tests.audit.story import START_MS, Story


def rerange(story: Story, sequence: int, topic: str, first: int, next_offset: int) -> None:
    """Falsify one input range."""
    ranges = [
        InputRange(topic=topic, first=first, next=next_offset) if each.topic == topic else each
        for each in story.entries[sequence - 1].inputs
    ]
    story.change_entry(sequence, inputs=ranges)


def range_missing(story: Story) -> None:
    rerange(story, 3, "orders", 1, 2)


def range_overlapping(story: Story) -> None:
    rerange(story, 6, "inventory", 5, 7)


def input_lost(story: Story) -> None:
    pairs = unpack_hashes(story.entries[2].accepted)
    story.change_entry(3, accepted=pack_hashes(pairs[:1]))


def input_invented(story: Story) -> None:
    pairs = unpack_hashes(story.entries[2].accepted)
    story.change_entry(3, accepted=pack_hashes([*pairs, (1, 2)]))


def duplicate_accepted(story: Story) -> None:
    """The count comes again in bundle 9 and is accepted a second time."""
    story.inputs["inventory"].append(story.inputs["inventory"][0])
    count = unpack_hashes(story.entries[1].accepted)[0]
    pairs = unpack_hashes(story.entries[8].accepted)
    story.change_entry(9, accepted=pack_hashes([*pairs, count]))
    for sequence in (9, 10):
        rerange(story, sequence, "inventory", 7 if sequence == 9 else 10, 10)


def conflict_swallowed(story: Story) -> None:
    """The id of an accepted input with other content is counted as a duplicate."""
    again = msgspec.json.decode(story.inputs["inventory"][4])
    again["data"]["quantity"] = 11
    story.inputs["inventory"][4] = msgspec.json.encode(again)


def accepted_out_of_order(story: Story) -> None:
    pairs = unpack_hashes(story.entries[2].accepted)
    story.change_entry(3, accepted=pack_hashes(pairs[::-1]))


def dead_letter_lost(story: Story) -> None:
    story.letters.clear()


def dead_letter_altered(story: Story) -> None:
    story.letters[0] = dataclasses.replace(story.letters[0], value=b"{}")


def dead_letter_without_reason(story: Story) -> None:
    story.letters[0] = dataclasses.replace(story.letters[0], reason="")


def dead_letter_of_nothing(story: Story) -> None:
    story.letters[0] = dataclasses.replace(story.letters[0], offset=99)


def early_delivery_not_told(story: Story) -> None:
    """Five arrive where three have left, and nobody is told."""
    story.rewrite_input(8, "fulfilment", 2, lambda data: data.update(lines_total={"1": 5}))


def journal_entry_missing(story: Story) -> None:
    del story.entries[4]


def time_runs_backwards(story: Story) -> None:
    story.change_entry(9, decided_at_ms=START_MS)


def duplicates_miscounted(story: Story) -> None:
    story.change_entry(2, duplicates=0)


def wrong_partition(story: Story) -> None:
    story.partitions = 1_000


CASES: list[Case] = [
    (range_missing, "P3", "orders: no transaction claims offsets 0 to 0; 1 records there were lost"),
    (range_overlapping, "P3", "inventory: offsets 5 to 5 are claimed by two transactions"),
    (input_lost, "P3", "orders offset 1 (test/9) was lost"),
    (input_invented, "P3", "1 accepted inputs are not among the records of the ranges"),
    (duplicate_accepted, "P3", "inventory offset 9 (test/count-1) was accepted a second time"),
    (conflict_swallowed, "P3", "has the id of another input and other content, and there is no dead letter"),
    (accepted_out_of_order, "P3", "orders offset 0 (test/8) was accepted out of order"),
    (dead_letter_lost, "P3", "inventory offset 5 cannot be read"),
    (dead_letter_altered, "P3", "the dead letter of inventory offset 5 does not hold the original bytes"),
    (dead_letter_without_reason, "P3", "the dead letter of inventory offset 5 says no reason"),
    (dead_letter_of_nothing, "P3", "there is a dead letter for inventory offset 99"),
    (
        early_delivery_not_told,
        "P3",
        "shipment A/1/1: 0 exceptions delivered_not_dispatched opened; what its warehouse and its carrier say makes 1",
    ),
    (journal_entry_missing, "P3", "the journal goes from sequence 4 to 6"),
    (time_runs_backwards, "P3", "time runs backwards"),
    (duplicates_miscounted, "P3", "the entry counts 0 duplicates; there are 1"),
    (wrong_partition, "P3", "an input of network shop took effect here; it belongs to partition"),
]


@pytest.mark.parametrize(("plant", "promise", "sentence"), CASES, ids=names_of(CASES))
def test_a_planted_fault_is_reported(plant: Fault, promise: str, sentence: str) -> None:
    require_reported(plant, promise, sentence)
