"""What the journal says of a run: which bundles there were, when each was appended, and what it read."""

from __future__ import annotations

from msgspec import Struct

from bench.cluster import Reader
from schemas.codec import decode_journal
from schemas.journal import JournalEntry
from schemas.kinds import JOURNAL


class Bundle(Struct, frozen=True):
    """One committed transaction."""

    appended_ms: int
    entry: JournalEntry

    def count(self, topic: str) -> int:
        """Input records of this topic."""
        return sum(each.next - each.first for each in self.entry.inputs if each.topic == topic)


class JournalTail:
    """Follows a journal."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.bundles: list[Bundle] = []
        self._counts: dict[str, int] = {}

    def read(self) -> None:
        """Everything committed since the last look."""
        for _, message in self._reader.read([JOURNAL]):
            bundle = Bundle(message.timestamp()[1], decode_journal(message.value()))
            self.bundles.append(bundle)
            for each in bundle.entry.inputs:
                self._counts[each.topic] = self._counts.get(each.topic, 0) + each.next - each.first

    def has_read(self, topic: str, count: int) -> bool:
        """Whether so many records of an input are decided; looks once."""
        self.read()
        return self._counts.get(topic, 0) >= count


class Rate(Struct, frozen=True):
    """Records a second from the first commit to the last: the first bundle's own records came before it."""

    records: int
    seconds: float
    bundles: int

    @property
    def per_second(self) -> float:
        return self.records / self.seconds


def rate_of(bundles: list[Bundle], topic: str) -> Rate:
    """The rate at which the records of one input were committed; raises ValueError when there is none to speak of."""
    first, *later = [bundle for bundle in bundles if bundle.count(topic)]
    if not later or later[-1].appended_ms == first.appended_ms:
        raise ValueError(
            f"{len(later) + 1} bundles within a millisecond are no rate: measure with more records"
        )
    return Rate(
        sum(bundle.count(topic) for bundle in later),
        (later[-1].appended_ms - first.appended_ms) / 1_000,
        len(later) + 1,
    )
