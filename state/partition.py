"""A partition: the networks that live in it, what it has seen, and where its journal stands."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from schemas.codec import OtherFormat, decode_row
from schemas.digest import DIGEST_MASK, row_hash, unpack_hashes
from schemas.formats import FORMAT, FORMATS_READ
from schemas.journal import JournalEntry
from schemas.placement import partition_of
from schemas.rows import ActiveSetsRow, CatalogRow, HeadRow, StockRow
from state.limits import Limits
from state.network import Network
from state.overdue import Overdue
from state.packed import PackedStock, packable, with_shared_names
from state.seen import Seen

_REMEDY = (
    "restore all topics from a copy of one moment, or start over under a new --prefix "
    "(docs/operations.md, When Kafka itself is lost)"
)


class RestoreFault(Exception):
    """What was read back contradicts itself; deciding on it could oversell, so the partition stays stopped."""


class Partition:
    """Everything that one partition's single writer remembers.

    `positions` are the next offsets by topic kind as of the journal head.  `row_hashes` holds the hash of every
    live row that is not packed, so that a changed row leaves the digest as it entered it: of the bytes on the topic,
    whatever format they are in.  `format` is the one in force, in which rows are written: the head says it when there
    is one.
    """

    def __init__(self, number: int, partitions: int, limits: Limits | None = None) -> None:
        self.number = number
        self.partitions = partitions
        self.limits = limits or Limits()
        self.format = FORMAT
        self.networks: dict[str, Network] = {}
        self.seen = Seen(self.limits.identities_max)
        self.sequence = 0
        self.decided_at_ms = 0
        self.positions: dict[str, int] = {}
        self.digest = 0
        self.row_hashes: dict[bytes, int] = {}
        self._stale: set[str] = set()
        self._overdue = Overdue()
        self._head: HeadRow | None = None
        self._first_sequence = 0
        self._last_entry: JournalEntry | None = None
        self.partition_of = lru_cache(maxsize=4096)(lambda network: partition_of(network, partitions))

    @property
    def row_count(self) -> int:
        """Live rows of all networks."""
        return len(self.row_hashes) + self.packed_count

    @property
    def packed_count(self) -> int:
        """Those of them that are stock of SKUs that nobody has asked for since a restore."""
        return sum(network.ledger.packed.count for network in self.networks.values())

    @property
    def waiting_count(self) -> int:
        """Orders with units that wait for stock."""
        return sum(len(network.orders.waiting_orders) for network in self.networks.values())

    @property
    def network_names(self) -> list[str]:
        """The networks that live here, by name."""
        return sorted(self.networks)

    def network(self, name: str) -> Network:
        """The network, made when it is first spoken of."""
        network = self.networks.get(name)
        if network is None:
            network = self.networks[name] = Network(name, PackedStock(self.row_hashes))
        return network

    def note_row(self, key: bytes, value: bytes | None) -> None:
        """Let the digest follow one row's new value; None means the row is gone."""
        if value is None:
            digest = self.digest - self.row_hashes.pop(key, 0)
        else:
            # Not popped first: a dict of a million keys would fill with gaps and be built anew again and again. A new
            # key, as a restore has a million of, is looked up once.
            hashed = row_hash(key, value)
            digest = self.digest + hashed
            known = len(self.row_hashes)
            before = self.row_hashes.setdefault(key, hashed)
            if len(self.row_hashes) == known:
                self.row_hashes[key] = hashed
                digest -= before
        self.digest = digest & DIGEST_MASK

    # --- restore ----------------------------------------------------------------------------------------------

    def restore_row(self, key: bytes, value: bytes | None) -> None:
        """Take back one record of a state topic; the last record of a key wins.

        Raises `UnreadableRow` when another version wrote it, which this one cannot read.
        """
        if value is None:
            parsed = msgspec.json.decode(key, type=tuple[str | int, ...])
            self.network(str(parsed[1])).remove(parsed)
            self.note_row(key, None)
            return
        if self._pack(key, value):
            return
        row = decode_row(value)
        if type(row) is StockRow:
            # First, because it unpacks the rows of its SKU, and with them what the digest holds of this one.
            self.network(row.network).put_stock(with_shared_names(row))
            self.note_row(key, value)
        elif isinstance(row, HeadRow):
            if row.format not in FORMATS_READ:
                raise OtherFormat(row.format, f"the journal head, written by {row.engine}")
            self._head = row
        else:
            self.note_row(key, value)
            network = self.network(row.network)
            if type(row) is ActiveSetsRow or (type(row) is CatalogRow and row.set_id in network.catalog.sets):
                self._stale.add(row.network)
            network.put(row)

    def _pack(self, key: bytes, value: bytes) -> bool:
        """Keep a stock row as it is, if it can be."""
        named = packable(value)
        if named is None:
            return False
        network, sku = named
        added = self.network(network).ledger.pack(sku, key, value)
        if added is None:
            return False
        self.digest = (self.digest + added) & DIGEST_MASK
        return True

    def restore_journal(self, entry: JournalEntry) -> None:
        """Take back one journal entry, oldest first: the idempotency window and the head."""
        self.seen.add_all(unpack_hashes(entry.accepted))
        if self._last_entry is None:
            self._first_sequence = entry.sequence
        self._last_entry = entry

    def finish_restore(self, *, is_journal_whole: bool = False) -> None:
        """Check that rows, head and journal agree, then derive what is derived.

        `is_journal_whole`: nothing was ever cut of the journal, and all of it was read: an entry for every bundle.
        Raises `RestoreFault` with what disagrees.
        """
        head, entry = self._head, self._last_entry
        if head is not None and is_journal_whole and self._first_sequence != 1:
            begins = "holds no entry" if entry is None else f"begins at sequence {self._first_sequence}"
            raise RestoreFault(
                f"partition {self.number}: the journal {begins}, the head row says sequence {head.sequence}; "
                "it was emptied or made anew. What was accepted before would have a second effect if it came again: "
                + _REMEDY
            )
        if head is None and (self.row_count or entry is not None):
            raise RestoreFault(
                f"partition {self.number}: {self.row_count} rows and journal sequence "
                f"{entry.sequence if entry else 'none'}, but no journal head in router-state; "
                f"were state topics copied or deleted by hand? If so, {_REMEDY}"
            )
        if head is not None:
            self._check(head, entry)
            self.format = head.format
            self.sequence = head.sequence
            self.decided_at_ms = head.decided_at_ms
            self.positions = dict(head.offsets)
        self.activate()
        self._overdue.give_back(self.networks)

    @property
    def is_whole(self) -> bool:
        """The rows are those of one moment, as the journal head says: who follows topics one by one has at times the
        pointer to a reference set without its members, or without what it replaced.
        """
        return self._head is not None and self._head.digest == self.digest

    @property
    def is_stale(self) -> bool:
        """Other reference sets are in force than those that routing tables were derived from."""
        return bool(self._stale)

    def activate(self) -> None:
        """Derive the routing tables where the sets in force have changed since they were derived."""
        for name in sorted(self._stale):
            self.networks[name].activate()
        self._stale.clear()

    def pass_timers(self, timers_max: int) -> None:
        """Let go of timers that whoever decides for this partition has dealt with: a copy fires none itself."""
        if self._head is not None:
            self._overdue.pass_by(self.networks, self._head.decided_at_ms, timers_max)

    def _check(self, head: HeadRow, entry: JournalEntry | None) -> None:
        if entry is not None and entry.sequence != head.sequence:
            raise RestoreFault(
                f"partition {self.number}: the journal ends at sequence {entry.sequence}, the head row says "
                f"{head.sequence}; one of them lost a committed transaction: {_REMEDY}"
            )
        if not self.is_whole:
            raise RestoreFault(
                f"partition {self.number}: the state topics add up to digest {self.digest:016x} over "
                f"{self.row_count} rows, the journal says {head.digest:016x} at sequence {head.sequence}; "
                f"a row was lost or changed outside the router: {_REMEDY}"
            )
