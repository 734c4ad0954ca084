"""What the router says of its own transactions: the journal, and the inputs that it refused.

Neither is a notice to anybody: the journal is what a restart, a replay and the auditor go by, and a dead letter is the
refused record itself.
"""

from __future__ import annotations

from msgspec import Struct

from schemas.formats import FORMAT_UNRECORDED


class DeadLetter(Struct, frozen=True, gc=False, kw_only=True):
    """On `dead-letters`: `value` is the record's own bytes, all else goes into headers."""

    topic: str
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    reason: str
    detail: str


class InputRange(Struct, frozen=True, gc=False, kw_only=True):
    """Offsets `first` up to, not including, `next`; the ranges of one topic tile it without a gap."""

    topic: str
    first: int
    next: int


class JournalEntry(Struct, frozen=True, gc=False, kw_only=True, tag_field="type", tag="bundle.committed"):
    """On `journal`: one for each transaction.

    `accepted` packs 16 bytes for each accepted input (see `digest.pack_hashes`), in the order they took effect.
    `digest` is of the state after this bundle, `format` the one that its rows are written in.
    """

    partition: int
    sequence: int
    decided_at_ms: int
    inputs: list[InputRange]
    accepted: bytes
    duplicates: int
    stale: int
    dead_letters: int
    decisions: int
    rows: int
    engine: str
    digest: int
    format: int = FORMAT_UNRECORDED
