"""One partition's history: folds the journal's bundles over the auditor's books and checks every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from cli.audit import decisions, deliveries, facts, forgotten, instructions
from cli.audit.balances import compare_rows
from cli.audit.books import Books
from cli.audit.bundles import InBundles, LettersInBundles
from cli.audit.closing import close_bundle
from cli.audit.formats import Formats
from cli.audit.journal import WINDOW, Journal, Letter
from cli.audit.report import AuditReport
from schemas.codec import decode_journal
from schemas.envelope import Event
from schemas.journal import JournalEntry
from schemas.kinds import ALLOCATIONS, DECISIONS, EXCEPTIONS
from schemas.notices import (
    CancelRequestedOfWms,
    Decision,
    ExceptionOpened,
    Published,
    SetActivated,
    ShipmentRequested,
)
from schemas.placement import partition_of
from schemas.records import Record
from schemas.reference import FormatFinalisedEvent, ReferenceEvent


@dataclass
class PartitionTopics:
    """What the topics hold for one partition, each from its earliest offset on.

    `notices` are `decisions`, `exceptions` and `allocations.<wms>` by kind, `rows` the records of all compacted
    topics.  `settled` says that the router wrote nothing until the rows were read, so that rows and journal agree.
    """

    partition: int
    partitions: int
    inputs: Mapping[str, Iterable[Record]]
    journal: Iterable[Record]
    notices: Mapping[str, Iterable[Record]]
    letters: Iterable[Letter]
    rows: Iterable[Record]
    earliest: Mapping[str, int] = field(default_factory=dict)
    settled: bool = True


def audit_partition(
    topics: PartitionTopics, report: AuditReport, complete: bool = False, window: int = WINDOW
) -> None:
    """Check one partition into the report; `complete` makes inputs that were not processed yet a violation.

    `window` is how many inputs back its routers know an id again.
    """
    journal = Journal(topics.partition, topics.inputs, topics.earliest, report, window)
    books = Books(topics.partition, report)
    notices = {kind: InBundles(kind, records, books) for kind, records in sorted(topics.notices.items())}
    letters = LettersInBundles(topics.letters, books)
    formats = Formats(books)

    last: JournalEntry | None = None
    for record in topics.journal:
        entry = _entry(record, report, topics.partition)
        if entry is None:
            break
        journal.begin(entry, topics.earliest.get("journal", 0))
        books.open_bundle(entry.sequence, entry.decided_at_ms)
        events = journal.accepted_events(entry, letters.take(entry.sequence))
        _check_placement(books, events, topics.partitions)
        formats.follow(entry, events)
        published = {kind: each.take(entry.sequence) for kind, each in notices.items()}
        report.counts["transactions"] += 1
        if not journal.cut:
            _fold(books, entry, events, published)
        last = entry

    report.counts["partitions"] += last is not None
    _check_rest(topics, report, journal, notices, letters, complete)
    if not topics.settled:
        report.cannot_prove(("P2",), "the router was at work during the audit: its rows were not compared")
        report.notes.append(
            f"partition {topics.partition}: the router was at work during the audit, so its balances were not "
            "compared; audit again when it is idle"
        )
    elif not journal.cut:
        compare_rows(books, topics.rows, last)


def _entry(record: Record, report: AuditReport, partition: int) -> JournalEntry | None:
    try:
        return decode_journal(record.value or b"")
    except msgspec.MsgspecError as error:
        report.blame(
            "P3", f"the journal cannot be read: {error}", f"partition {partition}, offset {record.offset}"
        )
        return None


def _check_placement(books: Books, events: list[Event], partitions: int) -> None:
    for event in events:
        if isinstance(event, FormatFinalisedEvent):
            # It is about a partition, whatever network its envelope names.
            home = event.data.partition
        else:
            home = partition_of(event.network, partitions)
        if home != books.partition:
            books.blame(
                "P3", f"an input of network {event.network} took effect here; it belongs to partition "
                f"{home} ({event.source}/{event.id})",
            )  # fmt: skip


def _fold(
    books: Books, entry: JournalEntry, events: list[Event], published: Mapping[str, list[Published]]
) -> None:
    """One bundle, in the order of work: reference, facts, decisions, instructions; then what must hold after it."""
    reference = [event for event in events if isinstance(event, ReferenceEvent)]
    for statement in reference:
        facts.apply(books, statement)
    for notice in published.get(EXCEPTIONS, ()):
        if isinstance(notice, SetActivated):
            books.safety.activate(notice.network, notice.data.set_id)
        elif isinstance(notice, ExceptionOpened):
            forgotten.hear(books, notice)
            if notice.data.order_id:
                books.for_a_person.add((notice.network, notice.data.order_id))
    for fact in events[len(reference) :]:
        facts.apply(books, fact)

    deliveries.check_said(books, published.get(EXCEPTIONS, ()))
    decided = published.get(DECISIONS, [])
    for decision in decided:
        if isinstance(decision, Decision):
            books.report.counts["decisions"] += 1
            decisions.judge(books, decision)
    if len(decided) != entry.decisions:
        books.blame("P2", f"the journal counts {entry.decisions} decisions; {len(decided)} were published")

    for kind, told in published.items():
        if kind.startswith(ALLOCATIONS):
            for instruction in told:
                if isinstance(instruction, ShipmentRequested):
                    instructions.judge_request(books, kind, instruction)
                elif isinstance(instruction, CancelRequestedOfWms):
                    instructions.judge_cancel_request(books, kind, instruction)
    close_bundle(books)


def _check_rest(
    topics: PartitionTopics,
    report: AuditReport,
    journal: Journal,
    notices: Mapping[str, InBundles],
    letters: LettersInBundles,
    complete: bool,
) -> None:
    """What no journal entry claims: inputs may wait their turn, outputs may not exist."""
    where = f"partition {topics.partition}, after sequence {journal.sequence}"
    for topic, records in journal.unprocessed().items():
        report.counts["inputs not yet processed"] += records
        if complete:
            report.blame("P3", f"{records} records of {topic} are not processed", where)
    if not topics.settled:
        return
    for kind, bundles in notices.items():
        left = bundles.rest()
        if left:
            report.blame("P2", f"{left} records on {kind} belong to no journalled transaction", where)
    left = letters.rest()
    if left:
        report.blame("P3", f"{left} dead letters belong to no journalled transaction", where)
