"""The journal against the inputs: every record in exactly one range, and each accounted for in one way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cli.audit.report import AuditReport
from schemas.codec import Undecodable, decode_input
from schemas.digest import content_hash, identity_hash, unpack_hashes
from schemas.envelope import Event
from schemas.journal import InputRange, JournalEntry
from schemas.kinds import INPUT_TOPICS
from schemas.records import Record

WINDOW = 1_000_000
"""How many accepted inputs back a router promises to know an id, unless its `identities_max` says otherwise."""


@dataclass(frozen=True)
class Letter:
    """A dead letter: which bundle refused which record, why, and the bytes that were kept."""

    sequence: int
    topic: str
    offset: int
    key: bytes | None
    value: bytes | None
    reason: str
    detail: str


class Inputs:
    """One input topic, read forward, a range at a time."""

    def __init__(self, records: Iterable[Record], earliest: int) -> None:
        self.earliest = earliest
        self.next_offset: int | None = None
        """Where the next range must begin; None before the first."""
        self._records = iter(records)
        self._ahead: Record | None = next(self._records, None)

    def until(self, offset: int) -> Iterator[Record]:
        """Records before the offset that were not read yet."""
        while self._ahead is not None and self._ahead.offset < offset:
            record = self._ahead
            self._ahead = next(self._records, None)
            yield record

    def rest(self) -> int:
        """How many records are left."""
        left = 0 if self._ahead is None else 1 + sum(1 for _ in self._records)
        self._ahead = None
        return left


class Journal:
    """Follows the entries of one partition and says which inputs took effect."""

    def __init__(
        self,
        partition: int,
        inputs: Mapping[str, Iterable[Record]],
        earliest: Mapping[str, int],
        report: AuditReport,
        window: int = WINDOW,
    ) -> None:
        self.partition = partition
        self.report = report
        self.sequence = 0
        self.decided_at_ms = 0
        self.cut = False
        """Whether retention has taken the beginning, so that effects cannot be computed."""
        self._inputs = {
            topic: Inputs(inputs.get(topic, ()), earliest.get(topic, 0)) for topic in INPUT_TOPICS
        }
        self._window = window
        self._seen: dict[int, tuple[int, int]] = {}
        self._accepted = 0

    def blame(self, sentence: str) -> None:
        """A violation of P3 in the entry at hand."""
        self.report.blame("P3", sentence, f"partition {self.partition}, sequence {self.sequence}")

    def begin(self, entry: JournalEntry, journal_earliest: int) -> None:
        """Check that the entry follows the one before it."""
        if self.sequence == 0 and entry.sequence > 1 and journal_earliest > 0:
            self._note_cut(f"retention has taken the journal before sequence {entry.sequence}")
        elif entry.sequence != self.sequence + 1:
            self.blame(f"the journal goes from sequence {self.sequence} to {entry.sequence}")
        if entry.partition != self.partition:
            self.blame(f"entry {entry.sequence} says it is of partition {entry.partition}")
        self.sequence = entry.sequence
        if entry.decided_at_ms < self.decided_at_ms:
            self.blame(
                f"time runs backwards: decided at {entry.decided_at_ms} ms after {self.decided_at_ms} ms"
            )
        self.decided_at_ms = entry.decided_at_ms

    def _note_cut(self, sentence: str) -> None:
        self.cut = True
        self.report.notes.append(f"partition {self.partition}: {sentence}")
        self.report.cannot_prove(("P1", "P2", "P3", "P4"), sentence)

    def accepted_events(self, entry: JournalEntry, letters: dict[tuple[str, int], Letter]) -> list[Event]:
        """The events that took effect in this entry, in order; everything else in its ranges is accounted for."""
        accepting = Accepting(self, entry, letters)
        for topic in INPUT_TOPICS:
            for input_range in entry.inputs:
                if input_range.topic == topic:
                    for record in self._tile(self._inputs[topic], input_range):
                        accepting.account_for(record)
        unknown = {input_range.topic for input_range in entry.inputs} - set(INPUT_TOPICS)
        if unknown:
            self.blame(f"the journal names input topics that do not exist: {', '.join(sorted(unknown))}")
        accepting.finish()
        return accepting.events

    def _tile(self, inputs: Inputs, found: InputRange) -> Iterator[Record]:
        """The records of one range, after checking that it begins where the last one ended."""
        expected = inputs.next_offset
        if expected is None:
            expected = self._first_expected(inputs, found)
        if found.next < found.first:
            self.blame(f"{found.topic}: the range from {found.first} ends before it begins, at {found.next}")
        if found.first < expected:
            self.blame(
                f"{found.topic}: offsets {found.first} to {expected - 1} are claimed by two transactions"
            )
        is_first, inputs.next_offset = inputs.next_offset is None, max(expected, found.next)
        if found.first > expected:
            lost = sum(1 for _ in inputs.until(found.first))
            self.report.counts["inputs"] += lost
            # A topic may begin with offsets that hold no record: an aborted transaction, for one.
            if lost or not is_first:
                self.blame(
                    f"{found.topic}: no transaction claims offsets {expected} to {found.first - 1}; "
                    f"{lost} records there were lost"
                )
        yield from inputs.until(found.next)

    def _first_expected(self, inputs: Inputs, found: InputRange) -> int:
        """Where the first range of a topic must begin: at its beginning, or where retention has left one."""
        if self.cut:
            return found.first
        if inputs.earliest == 0:
            return 0
        taken = f"retention has taken {found.topic} before offset {inputs.earliest}"
        if found.first < inputs.earliest:
            self._note_cut(taken)
            return found.first
        self.report.notes.append(f"partition {self.partition}: {taken}, before any transaction read it")
        self.report.cannot_prove(("P3",), taken)
        return inputs.earliest

    def unprocessed(self) -> dict[str, int]:
        """Records beyond the last range, by topic: not yet processed."""
        left = {topic: inputs.rest() for topic, inputs in self._inputs.items()}
        return {topic: records for topic, records in left.items() if records}

    def content_of(self, identity: int) -> int | None:
        """The content hash under which an id was accepted last; None when it never was."""
        known = self._seen.get(identity)
        return None if known is None else known[0]

    def must_know(self, identity: int) -> bool:
        """Whether a router knows this id for certain.

        What was accepted longer ago it may know still, for it forgets many at once, or take again: then the natural
        keys hold, and the effects are judged as those of any other input.
        """
        known = self._seen.get(identity)
        return known is not None and self._accepted - known[1] <= self._window

    def accept(self, identity: int, content: int) -> None:
        self._accepted += 1
        self._seen[identity] = (content, self._accepted)


class Accepting:
    """Accounts for the records of one entry, one by one."""

    def __init__(self, journal: Journal, entry: JournalEntry, letters: dict[tuple[str, int], Letter]) -> None:
        self.events: list[Event] = []
        self._journal = journal
        self._entry = entry
        self._letters = dict(letters)
        self._duplicates = 0
        self._refused = 0
        self._at = 0
        try:
            self._pairs = unpack_hashes(entry.accepted)
        except ValueError as error:
            journal.blame(str(error))
            self._pairs = []
        self._open = set(self._pairs)
        if len(self._open) != len(self._pairs):
            journal.blame("an input is accepted twice in one transaction")

    def account_for(self, record: Record) -> None:
        """Dead letter, duplicate or accepted: exactly one of them."""
        counts = self._journal.report.counts
        counts["inputs"] += 1
        where = f"{record.topic} offset {record.offset}"
        letter = self._letters.pop((record.topic, record.offset), None)
        if letter is not None:
            self._refused += 1
            counts["dead letters"] += 1
            self._check_letter(record, letter, where)
            return
        try:
            event = decode_input(record.topic, record.value)
        except Undecodable as error:
            self._journal.blame(f"{where} cannot be read ({error.detail}) and there is no dead letter for it")
            return
        identity = identity_hash(event.source, event.id)
        data = event.data  # type: ignore[attr-defined]
        content = content_hash(str(event.__struct_config__.tag), data)
        self._weigh(event, (identity, content), f"{where} ({event.source}/{event.id})")

    def _weigh(self, event: Event, pair: tuple[int, int], where: str) -> None:
        journal = self._journal
        identity, content = pair
        known = journal.content_of(identity)
        if pair in self._open:
            self._open.discard(pair)
            self._check_order(pair, where)
            if journal.must_know(identity):
                journal.blame(f"{where} was accepted a second time")
            journal.accept(identity, content)
            journal.report.counts["accepted"] += 1
            self.events.append(event)
        elif known == content:
            self._duplicates += 1
            journal.report.counts["duplicates"] += 1
        elif known is not None:
            journal.blame(
                f"{where} has the id of another input and other content, and there is no dead letter for it"
            )
        elif journal.cut:
            journal.report.counts["inputs that retention leaves unproved"] += 1
        else:
            journal.blame(f"{where} was lost: neither accepted, nor a duplicate, nor a dead letter")

    def _check_order(self, pair: tuple[int, int], where: str) -> None:
        """Effects follow the order of the topics, as far as retention has left it to be seen."""
        if self._journal.cut:
            return
        if self._pairs[self._at : self._at + 1] == [pair]:
            self._at += 1
            return
        self._journal.blame(f"{where} was accepted out of order")
        self._at = max(self._at, self._pairs.index(pair) + 1)

    def _check_letter(self, record: Record, letter: Letter, where: str) -> None:
        if letter.value != record.value or letter.key != record.key:
            self._journal.blame(f"the dead letter of {where} does not hold the original bytes")
        if not letter.reason or not letter.detail:
            self._journal.blame(f"the dead letter of {where} says no reason")

    def finish(self) -> None:
        """Nothing may be left over, and the entry's own figures must agree."""
        journal, entry = self._journal, self._entry
        for letter in self._letters.values():
            journal.blame(
                f"there is a dead letter for {letter.topic} offset {letter.offset}, which is not in its ranges"
            )
        if self._open and not journal.cut:
            journal.blame(f"{len(self._open)} accepted inputs are not among the records of the ranges")
        if entry.duplicates != self._duplicates and not journal.cut:
            journal.blame(f"the entry counts {entry.duplicates} duplicates; there are {self._duplicates}")
        if entry.dead_letters != self._refused and not journal.cut:
            journal.blame(f"the entry counts {entry.dead_letters} dead letters; there are {self._refused}")
        if not 0 <= entry.stale <= len(self._pairs):
            journal.blame(f"the entry counts {entry.stale} stale inputs of {len(self._pairs)} accepted")
        journal.report.counts["stale"] += entry.stale
