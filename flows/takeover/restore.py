"""Reads a partition's memory back from its own topics, in slices, so that other partitions go on meanwhile."""

from __future__ import annotations

from enum import Enum

import msgspec

from flows.logs.quoting import what_was_expected
from flows.port import KafkaPort, LogReader, Place
from schemas.codec import OtherFormat, UnreadableRow, decode_journal
from schemas.digest import unpack_hashes
from schemas.journal import JournalEntry
from schemas.kinds import JOURNAL, STATE_TOPICS
from schemas.records import Record
from state.limits import Limits
from state.partition import Partition, RestoreFault

TAIL_ENTRIES_FIRST = 1_000
TAIL_GROWTH = 8
"""The journal's tail is read in stretches that grow, until they hold enough identities."""
IDENTITIES_A_ROW = 20
"""Remembering so many identities takes as long as taking back one row."""


class Stage(Enum):
    """How far a restore has come."""

    ROWS = "rows"
    TAIL = "journal's tail"
    WINDOW = "idempotency window"
    FOLLOWING = "following"
    REST = "rest"


class Restore:
    """One restore of one partition.  The previous owner must be fenced before: only then the end is the end.  Making
    one waits for the broker, and closing one may, so both are done beside the flow.

    With `follows` it may begin while somebody else still decides: once everything is read it goes on reading what is
    committed, and never ends by itself.  After the fence, `take_over` lets it read what is left, and only that end
    counts.
    """

    def __init__(
        self,
        port: KafkaPort,
        partition: Partition,
        limits: Limits,
        request_timeout_s: float,
        *,
        follows: bool = False,
    ) -> None:
        self.partition = partition
        self.records_read = 0
        self.stage = Stage.ROWS
        self._limits = limits
        self._after_window = Stage.FOLLOWING if follows else None
        """What is read once everything was read: what was committed meanwhile, unless nobody could commit any more."""
        self._journal = Place(JOURNAL, partition.number)
        self._stretch: list[JournalEntry] = []
        self._tail: list[JournalEntry] = []
        self._identities = 0
        self._stretch_first = 0
        self._stretch_next = 0
        rows = [Place(topic, partition.number) for topic in STATE_TOPICS]
        there = port.watermarks([*rows, self._journal], request_timeout_s)
        # Where reading goes on in each place, once everything was read for the first time.
        self._next = {place: there[place][0] for place in rows}
        # The rows may be newer than this end of the journal while the owner goes on: what it adds is read afterwards.
        self._journal_low, self._journal_end = there[self._journal]
        self._reader: LogReader = port.reader(follows=follows)
        self._reader.assign(self._next)

    def step(self, records_max: int, timeout_s: float) -> bool:
        """Read one slice; True when everything is read and agrees.

        Raises `RestoreFault` when it contradicts itself or is in a format that this release does not read,
        `PortFault` when reading fails.
        """
        if self.stage is Stage.ROWS:
            self._read_on(records_max, timeout_s)
            if self._reader.at_end():
                self.stage = Stage.TAIL
                self._next_stretch(self._journal_end, TAIL_ENTRIES_FIRST)
            return False
        if self.stage is Stage.TAIL:
            self._read_journal(records_max, timeout_s)
            return False
        if self.stage is Stage.WINDOW:
            return self._remember(records_max)
        self._read_on(records_max, timeout_s)
        if self.stage is Stage.FOLLOWING or not self._reader.at_end():
            return False
        self._finish()
        return True

    @property
    def has_caught_up(self) -> bool:
        """It follows, and has been where the owner was."""
        return self.stage is Stage.FOLLOWING and self._reader.at_end()

    def take_over(self) -> None:
        """The owner before is fenced: what is there now is all there will ever be of it."""
        self._after_window = Stage.REST
        if self.stage is Stage.FOLLOWING:
            self._follow_as(Stage.REST)

    def lag(self) -> int:
        """Records between here and the end, as of the last fetch."""
        return self._reader.lag()

    def close(self) -> None:
        self._reader.close()

    def _read_on(self, records_max: int, timeout_s: float) -> None:
        records = self._reader.read(records_max, timeout_s)
        self._take(records)
        last = {record.topic: record.offset for record in records}
        for topic, offset in last.items():
            self._next[Place(topic, self.partition.number)] = offset + 1
        self.records_read += len(records)

    def _take(self, records: list[Record]) -> None:
        restore_row = self.partition.restore_row
        record: Record | None = None
        try:
            for record in records:
                if record.topic == JOURNAL:
                    self._take_entry(record)
                elif record.key is not None:
                    restore_row(record.key, record.value)
                else:
                    raise RestoreFault(
                        f"{record.topic}, offset {record.offset}: a row without a key; who wrote it?"
                    )
        except OtherFormat as error:
            raise RestoreFault(str(error)) from None
        except (UnreadableRow, msgspec.MsgspecError) as error:
            assert record is not None
            raise RestoreFault(
                f"{record.topic}, partition {self.partition.number}, offset {record.offset} cannot be "
                f"read by this version: {what_was_expected(error)}; run the version that wrote it"
            ) from None

    def _take_entry(self, record: Record) -> None:
        if record.value is not None:
            self.partition.restore_journal(_entry(self._journal, record.offset, record.value))

    def _read_journal(self, records_max: int, timeout_s: float) -> None:
        """Read backwards, stretch by stretch: the journal may be far longer than the idempotency window."""
        entries = [record for record in self._reader.read(records_max, timeout_s) if record.value is not None]
        self.records_read += len(entries)
        self._stretch += [_entry(self._journal, record.offset, record.value) for record in entries
                          if record.value is not None and record.offset < self._stretch_next]  # fmt: skip
        passed = bool(entries) and entries[-1].offset >= self._stretch_next - 1
        if not (passed or self._reader.at_end()):
            return
        self._identities += sum(len(entry.accepted) // 16 for entry in self._stretch)
        self._tail, self._stretch = self._stretch + self._tail, []
        if self._identities >= self._limits.identities_max or self._stretch_first <= self._journal_low:
            self._tail.reverse()
            self.stage = Stage.WINDOW
        else:
            self._next_stretch(self._stretch_first, TAIL_GROWTH * (self._stretch_next - self._stretch_first))

    def _remember(self, records_max: int) -> bool:
        """Take the tail's entries, oldest first; True when that was all there is to do."""
        left = records_max * IDENTITIES_A_ROW
        while self._tail and left > 0:
            entry = self._tail.pop()
            self.partition.restore_journal(entry)
            left -= 1 + len(entry.accepted) // 16
        if self._tail:
            return False
        self._next[self._journal] = self._journal_end
        if self._after_window is None:
            self._finish()
            return True
        self._follow_as(self._after_window)
        return False

    def _next_stretch(self, end: int, length: int) -> None:
        self._stretch_next = end
        self._stretch_first = max(self._journal_low, end - length)
        self._stretch = []
        self._reader.assign({self._journal: self._stretch_first})

    def _follow_as(self, stage: Stage) -> None:
        """Read on everywhere; the ends that are met from here on are those of now."""
        self.stage = stage
        self._reader.assign(self._next)

    def _finish(self) -> None:
        # Retention, where it takes anything, moves the beginning.
        is_journal_whole = self._journal_low == self._stretch_first == 0
        self.partition.finish_restore(is_journal_whole=is_journal_whole)


def _entry(place: Place, offset: int, value: bytes) -> JournalEntry:
    try:
        entry = decode_journal(value)
        unpack_hashes(entry.accepted[:16])
    except (msgspec.MsgspecError, ValueError) as error:
        raise RestoreFault(
            f"{place}, offset {offset}: not a journal entry ({what_was_expected(error)}); who wrote it?"
        ) from None
    return entry
