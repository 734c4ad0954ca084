"""Reads a partition's memory back from its own topics, in slices, so that other partitions go on
meanwhile.
"""

from __future__ import annotations

import msgspec

from flows.port import KafkaPort, LogReader, Place
from flows.quoting import what_was_expected
from schemas.codec import OtherFormat, UnreadableRow, decode_journal
from schemas.digest import unpack_hashes
from schemas.notices import JOURNAL, JournalEntry
from schemas.rows import CATALOG, LEDGER, ORDER_BOOK, ROUTER_STATE
from state.limits import Limits
from state.partition import Partition, RestoreFault

STATE_TOPICS = (CATALOG, LEDGER, ORDER_BOOK, ROUTER_STATE)

TAIL_ENTRIES_FIRST = 1_000
TAIL_GROWTH = 8
"""The journal's tail is read in stretches that grow, until they hold enough identities."""


class Restore:
    """One restore of one partition.  The previous owner must be fenced before: only then the end is the
    end.
    """

    def __init__(
        self, port: KafkaPort, partition: Partition, limits: Limits, request_timeout_s: float
    ) -> None:
        self.partition = partition
        self.rows_read = 0
        self._limits = limits
        self._timeout_s = request_timeout_s
        self._reader: LogReader = port.reader()
        self._journal = Place(JOURNAL, partition.number)
        self._reading_rows = True
        self._stretch: list[JournalEntry] = []
        self._tail: list[JournalEntry] = []
        self._identities = 0
        self._stretch_first = 0
        self._stretch_next = 0
        self._journal_low = 0
        self._reader.assign({Place(topic, partition.number): self._low(topic) for topic in STATE_TOPICS})

    def step(self, records_max: int, timeout_s: float) -> bool:
        """Read one slice; True when everything is read and agrees.

        Raises `RestoreFault` when it contradicts itself or is in a format that this release does not read,
        `PortFault` when reading fails.
        """
        if self._reading_rows:
            self._read_rows(records_max, timeout_s)
            return False
        if not self._read_journal(records_max, timeout_s):
            return False
        for entry in self._tail:
            self.partition.restore_journal(entry)
        self.partition.finish_restore()
        self.close()
        return True

    def close(self) -> None:
        self._reader.close()

    def _read_rows(self, records_max: int, timeout_s: float) -> None:
        take = self.partition.restore_row
        for record in self._reader.read(records_max, timeout_s):
            if record.key is None:
                raise RestoreFault(
                    f"{record.topic}, offset {record.offset}: a row without a key; who wrote it?"
                )
            try:
                take(record.key, record.value)
            except OtherFormat as error:
                raise RestoreFault(str(error)) from None
            except (UnreadableRow, msgspec.MsgspecError) as error:
                raise RestoreFault(
                    f"{record.topic}, partition {self.partition.number}, offset {record.offset} cannot be "
                    f"read by this version: {what_was_expected(error)}; run the version that wrote it"
                ) from None
            self.rows_read += 1
        if self._reader.at_end():
            self._reading_rows = False
            self._journal_low, end = self._reader.watermarks(self._journal, self._timeout_s)
            self._next_stretch(end, TAIL_ENTRIES_FIRST)

    def _read_journal(self, records_max: int, timeout_s: float) -> bool:
        """Read backwards, stretch by stretch: the journal may be far longer than the idempotency window."""
        entries = [record for record in self._reader.read(records_max, timeout_s) if record.value is not None]
        self._stretch += [_entry(self._journal, record.offset, record.value) for record in entries
                          if record.value is not None and record.offset < self._stretch_next]  # fmt: skip
        passed = bool(entries) and entries[-1].offset >= self._stretch_next - 1
        if not (passed or self._reader.at_end()):
            return False
        self._identities += sum(len(entry.accepted) // 16 for entry in self._stretch)
        self._tail = self._stretch + self._tail
        if self._identities >= self._limits.identities_max or self._stretch_first <= self._journal_low:
            return True
        self._next_stretch(self._stretch_first, TAIL_GROWTH * (self._stretch_next - self._stretch_first))
        return False

    def _next_stretch(self, end: int, length: int) -> None:
        self._stretch_next = end
        self._stretch_first = max(self._journal_low, end - length)
        self._stretch = []
        self._reader.assign({self._journal: self._stretch_first})

    def _low(self, topic: str) -> int:
        return self._reader.watermarks(Place(topic, self.partition.number), self._timeout_s)[0]


def _entry(place: Place, offset: int, value: bytes) -> JournalEntry:
    try:
        entry = decode_journal(value)
        unpack_hashes(entry.accepted[:16])
    except (msgspec.MsgspecError, ValueError) as error:
        raise RestoreFault(
            f"{place}, offset {offset}: not a journal entry ({what_was_expected(error)}); who wrote it?"
        ) from None
    return entry
