"""A history that tests write bundle by bundle, as a correct router would have published it, and then falsify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from cli.audit.history import PartitionTopics, audit_partition
from cli.audit.journal import WINDOW, Letter
from cli.audit.report import AuditReport
from schemas.codec import BadRecord, decode_input, encode_key, encode_notice, encode_row
from schemas.digest import DIGEST_MASK, content_hash, identity_hash, pack_hashes, row_hash, unpack_hashes
from schemas.formats import FORMAT
from schemas.journal import InputRange, JournalEntry
from schemas.kinds import INPUT_TOPICS
from schemas.notices import Decision, DecisionData, PlannedShipment, Published
from schemas.records import Record
from schemas.rows import AnyRow, HeadRow, row_key

NETWORK = "shop"
START_MS = 1_800_000_000_000
STEP_MS = 1_000
EVENT_TIME = "2026-11-23T10:00:00Z"


@dataclass
class Told:
    """A notice and the topic it is on."""

    kind: str
    notice: Published


@dataclass
class Story:
    """What each topic holds; tests change it freely before they call `audit`."""

    inputs: dict[str, list[bytes]] = field(default_factory=lambda: {topic: [] for topic in INPUT_TOPICS})
    entries: list[JournalEntry] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    rows: list[AnyRow] = field(default_factory=list)
    settled: bool = True
    earliest: dict[str, int] = field(default_factory=dict)
    partitions: int = 1
    _events: int = 0
    _seen: set[int] = field(default_factory=set)

    # --- writing --------------------------------------------------------------------------------------------

    @property
    def sequence(self) -> int:
        """Of the bundle that is written next."""
        return len(self.entries) + 1

    def decided_at_ms(self) -> int:
        """Of the bundle that is written next."""
        return START_MS + self.sequence * STEP_MS

    def event(self, topic: str, event_type: str, data: dict[str, Any], event_id: str | None = None) -> None:
        """Append an input; its id is a running number unless it is given."""
        self._events += 1
        envelope = {
            "specversion": "1.0",
            "type": event_type,
            "source": "test",
            "id": event_id or str(self._events),
            "time": EVENT_TIME,
            "network": NETWORK,
            "data": data,
        }
        self.inputs[topic].append(msgspec.json.encode(envelope))

    def bundle(self, *told: Told, refused: Sequence[tuple[str, int]] = ()) -> None:
        """Close a bundle over the inputs since the last one, all accepted but duplicates and those `refused`."""
        ranges: list[InputRange] = []
        accepted: list[tuple[int, int]] = []
        duplicates = 0
        for topic in INPUT_TOPICS:
            first = max(
                (each.next for entry in self.entries for each in entry.inputs if each.topic == topic),
                default=0,
            )
            ranges.append(InputRange(topic=topic, first=first, next=len(self.inputs[topic])))
            for offset in range(first, len(self.inputs[topic])):
                if (topic, offset) in refused:
                    self._refuse(topic, offset)
                    continue
                pair = self._hashes(topic, offset)
                if pair[0] in self._seen:
                    duplicates += 1
                    continue
                self._seen.add(pair[0])
                accepted.append(pair)
        self.told += told
        self.entries.append(
            JournalEntry(
                partition=0,
                sequence=self.sequence,
                decided_at_ms=self.decided_at_ms(),
                inputs=ranges,
                accepted=pack_hashes(accepted),
                duplicates=duplicates,
                stale=0,
                dead_letters=len(refused),
                decisions=sum(isinstance(each.notice, Decision) for each in told),
                rows=0,
                engine="test",
                digest=0,
                format=FORMAT,
            )
        )

    def _refuse(self, topic: str, offset: int) -> None:
        value = self.inputs[topic][offset]
        try:
            decode_input(topic, value)
            reason, detail = "unknown_pool", "there is no such pool"
        except BadRecord as error:
            reason, detail = error.reason, error.detail
        self.letters.append(Letter(self.sequence, topic, offset, b"key", value, reason, detail))

    def finish(self, *rows: AnyRow) -> None:
        """State the rows as they stand after the last bundle; head and digest follow."""
        head = HeadRow(0, len(self.entries), self.entries[-1].decided_at_ms, 0, ())
        self.rows = [*rows, head]
        self.sign()

    def sign(self) -> None:
        """Let the last entry carry the digest of the rows, as a router with these rows would have."""
        hashes = (
            row_hash(encode_key(row_key(row)), encode_row(row))
            for row in self.rows
            if not isinstance(row, HeadRow)
        )
        self.entries[-1] = replace(self.entries[-1], digest=sum(hashes) & DIGEST_MASK)

    # --- falsifying -----------------------------------------------------------------------------------------

    def change_entry(self, sequence: int, **changes: Any) -> None:
        """Falsify one journal entry."""
        self.entries[sequence - 1] = replace(self.entries[sequence - 1], **changes)

    def rewrite_input(
        self, sequence: int, topic: str, offset: int, change: Callable[[dict[str, Any]], None]
    ) -> None:
        """Let another input have arrived, and be accepted, in this bundle."""
        before = self._hashes(topic, offset)
        envelope = msgspec.json.decode(self.inputs[topic][offset])
        change(envelope["data"])
        self.inputs[topic][offset] = msgspec.json.encode(envelope)
        pairs = unpack_hashes(self.entries[sequence - 1].accepted)
        pairs[pairs.index(before)] = self._hashes(topic, offset)
        self.change_entry(sequence, accepted=pack_hashes(pairs))

    def _hashes(self, topic: str, offset: int) -> tuple[int, int]:
        event: Any = decode_input(topic, self.inputs[topic][offset])
        return identity_hash(event.source, event.id), content_hash(event.__struct_config__.tag, event.data)

    def change_notice(self, notice_id: str, change: Callable[[Any], Any]) -> None:
        """Falsify one notice."""
        at = self.place_of(notice_id)
        self.told[at] = Told(self.told[at].kind, change(self.told[at].notice))

    def change_decision(self, notice_id: str, **changes: Any) -> None:
        """Falsify the data of one decision."""
        self.change_notice(notice_id, lambda notice: replace(notice, data=replace(notice.data, **changes)))

    def change_shipment(self, notice_id: str, shipment_id: str, **changes: Any) -> None:
        """Falsify one shipment of one decision."""
        data: DecisionData = self.notice(notice_id).data
        shipments: list[PlannedShipment] = [
            replace(each, **changes) if each.shipment_id == shipment_id else each for each in data.shipments
        ]
        self.change_decision(notice_id, shipments=shipments)

    def change_row(self, row_type: type, name: str, **changes: Any) -> None:
        """Falsify one row, and let the digest agree: the router believes it."""
        for at, row in enumerate(self.rows):
            if isinstance(row, row_type) and name in {
                getattr(row, "pool", None),
                getattr(row, "order_id", None),
            }:
                self.rows[at] = replace(row, **changes)
        self.sign()

    def drop_notice(self, notice_id: str) -> None:
        """Lose one notice; the journal agrees."""
        lost = self.told.pop(self.place_of(notice_id)).notice
        if isinstance(lost, Decision):
            entry = self.entries[lost.sequence - 1]
            self.change_entry(lost.sequence, decisions=entry.decisions - 1)

    def repeat_notice(self, notice_id: str, change: Callable[[Any], Any] = lambda notice: notice) -> None:
        """Publish one notice again, right after itself; the journal agrees."""
        at = self.place_of(notice_id)
        again = change(self.told[at].notice)
        self.told.insert(at + 1, Told(self.told[at].kind, again))
        if isinstance(again, Decision):
            entry = self.entries[again.sequence - 1]
            self.change_entry(again.sequence, decisions=entry.decisions + 1)

    def place_of(self, notice_id: str) -> int:
        """Where the notice is."""
        return next(at for at, each in enumerate(self.told) if each.notice.id == notice_id)

    def notice(self, notice_id: str) -> Any:
        """The notice."""
        return self.told[self.place_of(notice_id)].notice

    # --- auditing -------------------------------------------------------------------------------------------

    def topics(self) -> PartitionTopics:
        """As the audit reads them."""
        kinds = {each.kind for each in self.told} | {"decisions", "exceptions"}
        return PartitionTopics(
            partition=0,
            partitions=self.partitions,
            inputs={
                topic: [
                    Record(topic, offset, START_MS, b"key", value)
                    for offset, value in enumerate(values)
                    if offset >= self.earliest.get(topic, 0)
                ]
                for topic, values in self.inputs.items()
            },
            journal=_records("journal", [encode_notice(entry) for entry in self.entries]),
            notices={
                kind: _records(kind, [encode_notice(each.notice) for each in self.told if each.kind == kind])
                for kind in kinds
            },
            letters=list(self.letters),
            rows=[
                Record("ledger", 0, START_MS, encode_key(row_key(row)), encode_row(row)) for row in self.rows
            ],
            earliest=self.earliest,
            settled=self.settled,
        )

    def audit(self, complete: bool = False, window: int = WINDOW) -> AuditReport:
        """What the auditor says of it."""
        report = AuditReport()
        audit_partition(self.topics(), report, complete, window)
        return report


def _records(kind: str, values: list[bytes]) -> list[Record]:
    return [Record(kind, offset, START_MS, b"key", value) for offset, value in enumerate(values)]
