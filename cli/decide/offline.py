"""A network without a broker: events in, publications out, by the very code that the router runs."""

from __future__ import annotations

from cli.network_dir.reading import Network
from cli.reference.set_records import set_records
from cli.reference.sets import InForce, set_of
from operators.bundle import Outcome, Publication, decide_bundle, next_due_ms
from schemas.codec import decode_input
from schemas.kinds import REFERENCE
from schemas.records import Record
from schemas.times import EPOCH, MILLISECOND, to_ms
from state.partition import Partition

SOURCE = "sluice-decide"


class Offline:
    """One partition in memory that starts with a network directory in force.

    Each event is a bundle of its own, whose time is the later of its own and the one before; what falls due until
    then fires first, at its own time.
    """

    def __init__(self, network: Network, starts_ms: int) -> None:
        self.partition = Partition(0, 1)
        self._offsets: dict[str, int] = {}
        self.publications: list[Publication] = []
        records = [self._record(REFERENCE, value, starts_ms) for value in reference_set(network, starts_ms)]
        self._decide({REFERENCE: records}, starts_ms)

    def send(self, topic: str, value: bytes) -> list[Publication]:
        """What comes of one event; its own time decides when it happens, unless it cannot be read."""
        try:
            now_ms = max(self.partition.decided_at_ms, to_ms(decode_input(topic, value).time))
        except Exception:  # What cannot be read has no time; it becomes a dead letter in its bundle.
            now_ms = self.partition.decided_at_ms
        before = len(self.publications)
        self.advance(now_ms)
        self._decide({topic: [self._record(topic, value, now_ms)]}, now_ms)
        return self.publications[before:]

    def advance(self, until_ms: int) -> list[Publication]:
        """Let everything fire that is due up to and including that time."""
        before = len(self.publications)
        while (due_ms := next_due_ms(self.partition)) is not None and due_ms <= until_ms:
            self._decide({}, due_ms)
        return self.publications[before:]

    def _record(self, topic: str, value: bytes, now_ms: int) -> Record:
        offset = self._offsets.get(topic, 0)
        self._offsets[topic] = offset + 1
        return Record(topic, offset, now_ms, None, value)

    def _decide(self, records: dict[str, list[Record]], now_ms: int) -> Outcome:
        outcome = decide_bundle(self.partition, records, dict(self._offsets), now_ms)
        self.publications += outcome.publications
        return outcome


def reference_set(network: Network, now_ms: int) -> list[bytes]:
    """The events that state the whole network as its first set and commit it."""
    first = set_of(InForce(), network.entities)
    assert first is not None, "a network states itself at least"
    time = EPOCH + now_ms * MILLISECOND
    return [record.value for record in set_records(network.name, first, time, SOURCE)]
