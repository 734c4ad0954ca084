"""One bundle from records to publications: decide, then encode, then say in the journal what was done."""

from __future__ import annotations

from collections import Counter as Tally

from msgspec import Struct

from operators.effects import Moment
from operators.measures import BundleMeasures, sum_up
from operators.step import Result, Step
from schemas.codec import encode_key, encode_notice, row_encoder
from schemas.digest import pack_hashes
from schemas.formats import ENGINE
from schemas.journal import DeadLetter, InputRange, JournalEntry
from schemas.kinds import DEAD_LETTERS, JOURNAL, ROUTER_STATE
from schemas.records import Record
from schemas.rows import HeadRow, row_key
from schemas.times import rfc3339
from state.partition import Partition

Publication = tuple[str, bytes | None, bytes | None, list[tuple[str, bytes]] | None]
"""(topic kind, key, value, headers); a value of None forgets the key on a compacted topic."""


class Outcome(Struct):
    """What must be committed in one transaction; no publications means that nothing happened.

    `published` counts the publications by topic kind: each of these topics must exist.
    """

    publications: list[Publication]
    published: dict[str, int]
    positions: dict[str, int]
    journal: JournalEntry | None
    measures: BundleMeasures


def decide_bundle(
    partition: Partition, records: dict[str, list[Record]], positions: dict[str, int], now_ms: int
) -> Outcome:
    """Decide one bundle and change `partition` accordingly.

    `records` are by topic kind, in offset order; `positions` are the next offsets after them.  The outcome must be
    committed, or the partition dropped and restored.  Nothing is published for a bundle without records in which
    nothing was due.
    """
    now_ms = max(now_ms, partition.decided_at_ms)
    moment = Moment(now_ms, rfc3339(now_ms), partition.sequence + 1, partition.limits, partition.format)
    result = Step(partition, moment).run(records)
    changed_rows = sum(map(len, result.rows.values()))
    measures = sum_up(result.measures, result.dead_letters, changed_rows)
    inputs = [
        InputRange(
            topic=topic, first=partition.positions.get(topic, _first(records, topic, position)), next=position
        )
        for topic, position in sorted(positions.items())
        if partition.positions.get(topic) != position
    ]
    if not inputs and not changed_rows and not result.notices:
        return Outcome([], {}, positions, None, measures)
    publications = [_dead_letter(partition, moment, letter) for letter in result.dead_letters]
    publications += [
        (outgoing.topic, outgoing.key.encode(), encode_notice(outgoing.notice), None)
        for outgoing in result.notices
    ]
    publications += _encode_rows(partition, result)
    entry = JournalEntry(
        partition=partition.number,
        sequence=moment.sequence,
        decided_at_ms=now_ms,
        inputs=inputs,
        accepted=pack_hashes(result.accepted),
        duplicates=measures.duplicates,
        stale=measures.stale,
        dead_letters=len(result.dead_letters),
        decisions=sum(measures.decisions.values()),
        rows=changed_rows,
        engine=ENGINE,
        digest=partition.digest,
        format=partition.format,
    )
    partition.sequence = moment.sequence
    partition.decided_at_ms = now_ms
    partition.positions = {**partition.positions, **positions}
    head = HeadRow(
        partition.number,
        moment.sequence,
        now_ms,
        partition.digest,
        tuple(sorted(partition.positions.items())),
        partition.format,
        ENGINE,
    )
    publications.append((JOURNAL, str(moment.sequence).encode(), encode_notice(entry), None))
    publications.append((ROUTER_STATE, encode_key(row_key(head)), row_encoder(partition.format)(head), None))
    return Outcome(publications, _published(result), partition.positions, entry, measures)


def next_due_ms(partition: Partition) -> int | None:
    """When the partition must be asked again without a record: now, if orders are still undecided."""
    due_ms: int | None = None
    for network in partition.networks.values():
        if network.orders.undecided:
            return partition.decided_at_ms
        next_ms = network.timers.next_ms()
        if next_ms is not None and (due_ms is None or next_ms < due_ms):
            due_ms = next_ms
    return due_ms


def _first(records: dict[str, list[Record]], topic: str, position: int) -> int:
    """Where a topic's first range begins: at its first record, or at the position when there was none."""
    there = records.get(topic)
    return there[0].offset if there else position


def _encode_rows(partition: Partition, result: Result) -> list[Publication]:
    publications: list[Publication] = []
    encode_row = row_encoder(partition.format)
    for topic, rows in result.rows.items():
        for key, row in rows.items():
            key_bytes = encode_key(key)
            value = None if row is None else encode_row(row)
            partition.note_row(key_bytes, value)
            publications.append((topic, key_bytes, value, None))
    return publications


def _published(result: Result) -> dict[str, int]:
    """How many records of each topic kind; the journal's entry and the head are one each."""
    published = Tally([outgoing.topic for outgoing in result.notices])
    for topic, rows in result.rows.items():
        if rows:
            published[topic] = len(rows)
    if result.dead_letters:
        published[DEAD_LETTERS] = len(result.dead_letters)
    published[JOURNAL] = 1
    published[ROUTER_STATE] += 1
    return published


def _dead_letter(partition: Partition, moment: Moment, letter: DeadLetter) -> Publication:
    headers = {
        "topic": letter.topic,
        "partition": str(partition.number),
        "offset": str(letter.offset),
        "timestamp": str(letter.timestamp_ms),
        "reason": letter.reason,
        "detail": letter.detail,
        "sequence": str(moment.sequence),
    }
    return (DEAD_LETTERS, letter.key, letter.value, [(name, text.encode()) for name, text in headers.items()])
