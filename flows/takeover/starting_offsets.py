"""Where a restored partition starts to read, and whether that may be believed.

The journal head is the truth: it was committed together with the state.  The group's committed offsets were
part of the same transactions, so they must say the same, and the note beside them the same sequence; Kafka forgets them
a week after the group is empty.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from msgspec import Struct

from flows.commit_note import CommitNote, made_anew, read
from flows.config import RouterConfig
from flows.port import KafkaPort, Place, Places
from flows.takeover.gate import STAGES
from state.partition import Partition, RestoreFault


class StartingOffsets(Struct, frozen=True):
    """Next offset and present end of each input, by topic kind.

    It is a cold start for as long as no order was ever read: a crash in the middle of one does not end it.
    """

    positions: dict[str, int]
    ends: dict[str, int]
    is_cold: bool
    judged_ms: int | None
    """Up to when the figures of what fell due are judged, as far as anybody has committed that."""
    topic_ids: Mapping[str, str]


def find_starting_offsets(
    partition: Partition, places: Places, port: KafkaPort, config: RouterConfig
) -> StartingOffsets:
    """Raises `RestoreFault` when head, committed offsets and inputs contradict each other."""
    timeout_s = config.request_timeout_ms / 1000
    topic_ids = port.topic_ids([place.topic for place in places], timeout_s)
    note = _await_agreement(partition, places, port, config)
    fault = made_anew(note.topic_ids, topic_ids)
    if fault:
        raise RestoreFault(fault)
    positions: dict[str, int] = {}
    ends: dict[str, int] = {}
    unread: set[str] = set()
    for place, (low, end) in port.watermarks(places, timeout_s).items():
        start = partition.positions.get(place.topic, low) if partition.sequence else low
        _require_within(place, start, low, end)
        positions[place.topic] = start
        ends[place.topic] = end
        if start == low:
            unread.add(place.topic)
    is_cold = unread >= set(STAGES[-1])
    return StartingOffsets(positions, ends, is_cold, judged_ms=note.judged_ms, topic_ids=topic_ids)


def _await_agreement(
    partition: Partition, places: Places, port: KafkaPort, config: RouterConfig
) -> CommitNote:
    deadline_s = time.monotonic() + config.head_wait_ms / 1000
    while True:
        committed = port.committed(places, config.request_timeout_ms / 1000)
        note = read(committed.note)
        disagreement = _disagreement(partition, committed.offsets, note)
        if not disagreement:
            return note
        if time.monotonic() > deadline_s:
            raise RestoreFault(disagreement)
        time.sleep(0.05)


def _disagreement(partition: Partition, offsets: Mapping[Place, int | None], note: CommitNote) -> str:
    """What contradicts the head, if anything does; what Kafka has forgotten does not."""
    # First: whoever resets a group leaves no note, so where there is one the advice to forget the offsets is none.
    if partition.sequence and note.sequence not in {None, partition.sequence}:
        return (
            f"the journal head stands at sequence {partition.sequence}, and sequence {note.sequence} was committed: "
            "the state topics were read from a broker that is behind, or have lost their ends. Nothing was decided. "
            "Start the router again once the cluster is whole; if it still says so, restore them from a copy"
        )
    for place, committed in offsets.items():
        head = partition.positions.get(place.topic) if partition.sequence else None
        if committed is not None and committed != head:
            return _other_offset(partition, place, committed)
    return ""


def _other_offset(partition: Partition, place: Place, committed: int) -> str:
    if not partition.sequence:
        return (
            f"the group has committed offset {committed} of {place}, but there is no journal: the state "
            "topics were emptied or belong to another --prefix; deciding from here would forget everything before"
        )
    head = partition.positions.get(place.topic)
    return (
        f"the journal head (sequence {partition.sequence}) stands at offset {head} of {place}, the group has "
        f"committed {committed}; a transaction was torn, or somebody reset the group. Nothing was decided. "
        "If the group was reset, delete its offsets (kafka-consumer-groups --delete-offsets): the journal "
        "head then holds"
    )


def _require_within(place: Place, start: int, low: int, end: int) -> None:
    if start < low:
        raise RestoreFault(
            f"{low - start} records of {place} that were never read (offsets {start} to {low - 1}) are gone: "
            "its retention has cut them. Have the sources send them again, then move on with a new --prefix, "
            "or restore the topic from a copy; nothing is skipped in silence"
        )
    if start > end:
        raise RestoreFault(
            f"{place} ends at offset {end}, before offset {start} where reading goes on: the topic was "
            "recreated or lost records. Restore it from a copy, or start over under a new --prefix"
        )
