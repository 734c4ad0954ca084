"""The run's own outputs, bundle by bundle, so that a pass-through can write the very same records.

Notices and journal entries name their bundle.  Rows do not, but each transaction leaves a marker in every topic that
it wrote to, so the gaps between offsets show where its rows end; the journal says how many there must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bench.cluster import Reader
from bench.frames import read_frames, write_frames
from schemas.codec import decode_journal
from schemas.journal import JournalEntry
from schemas.kinds import CATALOG, JOURNAL, LEDGER, ORDER_BOOK, ROUTER_STATE

ROW_TOPICS = (CATALOG, LEDGER, ORDER_BOOK, ROUTER_STATE)


class Output(Struct, frozen=True, array_like=True, gc=False):
    """One record as it was published."""

    topic: str
    key: bytes | None
    value: bytes | None


class Recorded(Struct, frozen=True, array_like=True):
    """One bundle: how many input records it read, and what it published."""

    records: int
    outputs: list[Output]


class Sequence(Struct):
    """The one field of a notice that is wanted here."""

    sequence: int


class RecordingFault(Exception):
    """The topics do not add up to what the journal says."""


_sequence_of = msgspec.json.Decoder(Sequence).decode
_encoder = msgspec.msgpack.Encoder()


def record(reader: Reader, topics: list[str], input_topic: str) -> list[Recorded]:
    """All bundles since the reader's last look that read from the input, in order."""
    entries: list[tuple[JournalEntry, Output]] = []
    notices: dict[int, list[Output]] = {}
    rows: dict[str, list[list[Output]]] = {topic: [] for topic in ROW_TOPICS}
    next_offset: dict[str, int] = {}
    for topic, message in reader.read(topics):
        output = Output(topic, message.key(), message.value())
        if topic == JOURNAL:
            entries.append((decode_journal(message.value()), output))
        elif topic in rows:
            if next_offset.get(topic) != message.offset():
                rows[topic].append([])
            rows[topic][-1].append(output)
            next_offset[topic] = message.offset() + 1
        else:
            notices.setdefault(_sequence(message), []).append(output)
    bundles = list(_assembled(entries, notices, rows))
    return [bundle for bundle, topics_read in bundles if input_topic in topics_read]


def _sequence(message: Any) -> int:
    for name, value in message.headers() or ():
        if name == "sequence":
            return int(value)
    return _sequence_of(message.value()).sequence


def _assembled(
    entries: list[tuple[JournalEntry, Output]],
    notices: dict[int, list[Output]],
    rows: dict[str, list[list[Output]]],
) -> Iterator[tuple[Recorded, set[str]]]:
    """Every bundle with its rows, and the inputs that it read from."""
    at = dict.fromkeys(rows, 0)
    for entry, journal in entries:
        head = rows[ROUTER_STATE][at[ROUTER_STATE]]
        at[ROUTER_STATE] += 1
        outputs = notices.get(entry.sequence, [])
        # The head is in every bundle and is not counted as a row; a pointer to a set may stand beside it.
        taken: list[Output] = []
        for topic in _touched(entry, entry.rows - (len(head) - 1), rows, at):
            taken += rows[topic][at[topic]]
            at[topic] += 1
        count = sum(each.next - each.first for each in entry.inputs)
        topics_read = {each.topic for each in entry.inputs}
        yield Recorded(count, [*outputs, *taken, journal, *head]), topics_read
    left = {topic: len(groups) - at[topic] for topic, groups in rows.items() if at[topic] < len(groups)}
    if left:
        raise RecordingFault(f"groups of rows that belong to no bundle: {left}")


def _touched(
    entry: JournalEntry, wanted: int, rows: dict[str, list[list[Output]]], at: dict[str, int]
) -> tuple[str, ...]:
    """The topics whose next groups add up to the rows of this bundle."""
    sizes = {
        topic: len(rows[topic][at[topic]])
        for topic in (ORDER_BOOK, LEDGER, CATALOG)
        if at[topic] < len(rows[topic])
    }
    for count in range(len(sizes) + 1):
        for topics in combinations(sizes, count):
            if sum(sizes[topic] for topic in topics) == wanted:
                return topics
    raise RecordingFault(f"bundle {entry.sequence} has {wanted} rows; the next groups have {sizes}")


def save(bundles: list[Recorded], path: Path) -> None:
    """Write for the child."""
    write_frames((_encoder.encode(bundle) for bundle in bundles), path)


def load(path: Path) -> list[Recorded]:
    """The inverse of `save`."""
    decode = msgspec.msgpack.Decoder(Recorded).decode
    return [decode(frame) for frame in read_frames(path)]
