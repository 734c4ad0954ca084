"""Where a restored partition starts to read, and whether that may be believed.

The journal head is the truth: it was committed together with the state.  The group's committed offsets were
part of the same transactions, so they must say the same; Kafka forgets them a week after the group is empty.
"""

from __future__ import annotations

import time

from msgspec import Struct

from flows.config import RouterConfig
from flows.judged_note import judged_in
from flows.port import Committed, KafkaPort, Place, Places
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


def find_starting_offsets(
    partition: Partition, places: Places, port: KafkaPort, config: RouterConfig
) -> StartingOffsets:
    """Raises `RestoreFault` when head, committed offsets and inputs contradict each other."""
    timeout_s = config.request_timeout_ms / 1000
    committed = _await_agreement(partition, places, port, config)
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
    return StartingOffsets(
        positions, ends, is_cold=unread >= set(STAGES[-1]), judged_ms=judged_in(committed.note)
    )


def _await_agreement(
    partition: Partition, places: Places, port: KafkaPort, config: RouterConfig
) -> Committed:
    deadline_s = time.monotonic() + config.head_wait_ms / 1000
    while True:
        committed = port.committed(places, config.request_timeout_ms / 1000)
        offsets = committed.offsets
        differing = [place for place in places if not _agrees(partition, place, offsets[place])]
        if not differing:
            return committed
        if time.monotonic() > deadline_s:
            raise RestoreFault(_disagreement(partition, differing[0], offsets[differing[0]]))
        time.sleep(0.05)


def _agrees(partition: Partition, place: Place, committed: int | None) -> bool:
    """What Kafka has forgotten does not contradict the head."""
    head = partition.positions.get(place.topic) if partition.sequence else None
    return committed is None or committed == head


def _disagreement(partition: Partition, place: Place, committed: int | None) -> str:
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
