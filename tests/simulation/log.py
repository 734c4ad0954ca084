"""A Kafka in memory, for one thread: logs with transactions and control markers, fencing, one consumer group.

It keeps to what the flow relies on and no more; the port's contract suite holds it to the real broker's behaviour.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from flows.port import Place

OPEN, COMMITTED, ABORTED = "open", "committed", "aborted"
INPUTS_ARE_SHARED_OUT = "orders"
"""The topic whose partition count says how many there are to share out."""


@dataclass
class Transaction:
    """Records that become visible together, with the offsets, or never."""

    state: str = OPEN
    places: dict[Place, int] = field(default_factory=dict)
    offsets: dict[Place, int] = field(default_factory=dict)
    notes: dict[Place, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """One entry of a log; a control marker has no transaction and is no record."""

    is_marker: bool
    timestamp_ms: int
    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    transaction: Transaction | None = None


class Fenced(Exception):
    """Another producer took the transactional id."""


class IllegalGeneration(Exception):
    """The group has moved on since this membership was taken."""


@dataclass
class Writer:
    """A transactional id: its epoch, and the transaction that is open under it."""

    epoch: int = 0
    transaction: Transaction | None = None


class SimulatedKafka:
    """Topics, transactional ids and one group.  `now_ms` is the broker's clock, moved by the test."""

    def __init__(self, topics: dict[str, int], now_ms: int = 1_800_000_000_000) -> None:
        self.topics = dict(topics)
        self.topic_ids = {topic: f"first-{topic}" for topic in topics}
        self.now_ms = now_ms
        self.logs: dict[Place, list[Stored]] = defaultdict(list)
        self.low: dict[Place, int] = defaultdict(int)
        self.writers: dict[str, Writer] = defaultdict(Writer)
        self.committed: dict[Place, int] = {}
        self.notes: dict[Place, str] = {}
        """What is kept beside the committed offsets."""
        self.group = Group(self)

    # --- logs ---------------------------------------------------------------------------------------------

    def append(self, place: Place, key: bytes | None, value: bytes | None) -> None:
        """What somebody else writes, without a transaction."""
        self.logs[place].append(Stored(False, self.now_ms, key, value))

    def make_anew(self, topic: str) -> None:
        """Somebody deletes the topic and creates it again: of the same name, and empty."""
        self.topic_ids[topic] = f"next-{topic}"
        for place in [place for place in self.logs if place.topic == topic]:
            self.logs[place].clear()

    def stable_end(self, place: Place) -> int:
        """How far read_committed gets: the first record of an open transaction, or the end."""
        log = self.logs[place]
        open_at = [
            transaction.places[place]
            for transaction in (writer.transaction for writer in self.writers.values())
            if transaction is not None and place in transaction.places
        ]
        return min([*open_at, len(log)])

    def read(self, place: Place, position: int, records_max: int) -> tuple[list[tuple[int, Stored]], int]:
        """Visible records from a position, and the position after them and the markers behind."""
        found: list[tuple[int, Stored]] = []
        end = self.stable_end(place)
        while position < end and len(found) < records_max:
            stored = self.logs[place][position]
            transaction = stored.transaction
            if not stored.is_marker and (transaction is None or transaction.state == COMMITTED):
                found.append((position, stored))
            position += 1
        while position < end and self.logs[place][position].is_marker:
            position += 1
        return found, position

    def compact(self, place: Place) -> None:
        """Drop what a later committed record of the same key has overtaken; offsets stay as they are."""
        latest: set[bytes | None] = set()
        log = self.logs[place]
        for at in reversed(range(self.stable_end(place))):
            stored = log[at]
            if stored.is_marker or (stored.transaction and stored.transaction.state != COMMITTED):
                continue
            if stored.key in latest:
                log[at] = Stored(True, stored.timestamp_ms)
            latest.add(stored.key)

    # --- transactions -------------------------------------------------------------------------------------

    def init(self, transactional_id: str) -> int:
        """Fence whoever has the id, and abort what it left open."""
        writer = self.writers[transactional_id]
        self._end(writer, ABORTED)
        writer.epoch += 1
        return writer.epoch

    def begin(self, transactional_id: str, epoch: int) -> None:
        self._writer(transactional_id, epoch).transaction = Transaction()

    def produce(
        self,
        transactional_id: str,
        epoch: int,
        place: Place,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None,
    ) -> None:
        transaction = self._transaction(transactional_id, epoch)
        transaction.places.setdefault(place, len(self.logs[place]))
        self.logs[place].append(Stored(False, self.now_ms, key, value, tuple(headers or ()), transaction))

    def send_offsets(
        self,
        transactional_id: str,
        epoch: int,
        offsets: dict[Place, int],
        member: str,
        generation: int,
        note: str = "",
    ) -> None:
        transaction = self._transaction(transactional_id, epoch)
        if member not in self.group.members or self.group.generation != generation:
            raise IllegalGeneration
        transaction.offsets.update(offsets)
        transaction.notes.update(dict.fromkeys(offsets, note))

    def commit(self, transactional_id: str, epoch: int) -> None:
        self._end(self._writer(transactional_id, epoch), COMMITTED)

    def abort(self, transactional_id: str, epoch: int) -> None:
        self._end(self._writer(transactional_id, epoch), ABORTED)

    def _writer(self, transactional_id: str, epoch: int) -> Writer:
        writer = self.writers[transactional_id]
        if writer.epoch != epoch:
            raise Fenced
        return writer

    def _transaction(self, transactional_id: str, epoch: int) -> Transaction:
        transaction = self._writer(transactional_id, epoch).transaction
        assert transaction is not None, "no transaction was begun"
        return transaction

    def _end(self, writer: Writer, state: str) -> None:
        transaction = writer.transaction
        writer.transaction = None
        if transaction is None:
            return
        transaction.state = state
        if state == COMMITTED:
            self.committed.update(transaction.offsets)
            self.notes.update(transaction.notes)
        for place in transaction.places:
            self.logs[place].append(Stored(True, self.now_ms))


class Group:
    """Eager rebalances, range assignment: each change takes everything away before it is dealt out again."""

    def __init__(self, kafka: SimulatedKafka) -> None:
        self._kafka = kafka
        self.generation = 0
        self.members: dict[str, set[int] | None] = {}
        """What each member is to own; None while it must first give back what it has."""
        self._rejoined: set[str] = set()
        self._is_rebalancing = False

    def join(self, member: str) -> None:
        self.members.setdefault(member, None)
        self._rejoined.discard(member)
        self._is_rebalancing = True
        self._rejoined.clear()

    def leave(self, member: str) -> None:
        """Close, or the end of the session time-out of a member that is dead or frozen."""
        if self.members.pop(member, "absent") != "absent":
            self._is_rebalancing = True
            self._rejoined.clear()
            self._deal_when_all_are_there()

    def must_give_back(self, member: str) -> bool:
        """The member's part of a rebalance begins, or it is not a member any more."""
        return member not in self.members or (self._is_rebalancing and member not in self._rejoined)

    def rejoin(self, member: str) -> None:
        """The member has given back what it had."""
        if member not in self.members:
            self.join(member)
        self._rejoined.add(member)
        self._deal_when_all_are_there()

    def share(self, member: str) -> set[int] | None:
        """What the member owns in this generation; None while others have not joined yet."""
        return None if self._is_rebalancing else self.members.get(member)

    def _deal_when_all_are_there(self) -> None:
        if not self._is_rebalancing or not self._rejoined >= set(self.members):
            return
        self._is_rebalancing = False
        self.generation += 1
        count = self._kafka.topics[INPUTS_ARE_SHARED_OUT]
        names = sorted(self.members)
        share, left_over = divmod(count, len(names)) if names else (0, 0)
        first = 0
        for index, name in enumerate(names):
            after = first + share + (index < left_over)
            self.members[name] = set(range(first, after))
            first = after
