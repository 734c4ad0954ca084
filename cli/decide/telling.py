"""What came of each event, told to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from cli.decide.input import Arrival
from cli.words.counting import counted
from cli.words.decision import decision_lines
from cli.words.names import shown
from cli.words.places import Places, utc
from operators.bundle import Publication
from schemas.codec import decode_journal, decode_notice
from schemas.kinds import ALLOCATIONS, DEAD_LETTERS, DECISIONS, EXCEPTIONS, JOURNAL
from schemas.notices import (
    CancelRequestedOfWms,
    CountRequested,
    Decision,
    ExceptionClosed,
    ExceptionOpened,
    SetActivated,
    SetRefused,
    ShipmentRequested,
    StockDriftFound,
)


class Quiet(Struct):
    """A run of events of one type that nothing had to be said about."""

    what: str
    first: int
    last: int
    count: int


class Telling:
    """Lines of text for each event; runs of events that only changed stock are told as one."""

    def __init__(self, file: str, places: Places) -> None:
        self._file = file
        self._places = places
        self._quiet: Quiet | None = None
        self.counts: Counter[str] = Counter()

    def event(self, arrival: Arrival, publications: list[Publication]) -> Iterator[str]:
        """What one event led to."""
        self.counts["event"] += 1
        told = [line for each in publications for line in self._publication(each)]
        effect = _no_effect(publications)
        if not told and effect is None:
            yield from self._keep_quiet(arrival)
            return
        yield from self.end()
        yield f"{self._file}:{arrival.line}  {arrival.what}" + (f": {effect}" if effect else "")
        yield from (f"  {line}" for line in told)

    def time(self, publications: list[Publication]) -> Iterator[str]:
        """What fell due before the next event."""
        told = [line for each in publications for line in self._publication(each)]
        if told:
            yield from self.end()
            yield "time passes"
            yield from (f"  {line}" for line in told)

    def end(self) -> Iterator[str]:
        """What is still to be said of the run of quiet events."""
        quiet, self._quiet = self._quiet, None
        if quiet is not None:
            lines = str(quiet.first) if quiet.count == 1 else f"{quiet.first}-{quiet.last}"
            yield f"{self._file}:{lines}  {quiet.count:,} {quiet.what}: taken, nothing else to decide"

    def summary(self) -> str:
        """`2,838 events: 11 decisions, 1 exception, 0 dead letters`."""
        parts = [counted(self.counts[noun], noun) for noun in ("decision", "exception", "dead letter")]
        return f"{counted(self.counts['event'], 'event')}: {', '.join(parts)}"

    def _keep_quiet(self, arrival: Arrival) -> Iterator[str]:
        quiet = self._quiet
        if quiet is not None and quiet.what == arrival.what:
            quiet.last, quiet.count = arrival.line, quiet.count + 1
            return
        yield from self.end()
        self._quiet = Quiet(arrival.what, arrival.line, arrival.line, 1)

    def _publication(self, publication: Publication) -> Iterator[str]:
        topic, _, value, headers = publication
        if topic == DEAD_LETTERS:
            self.counts["dead letter"] += 1
            said = {name: content.decode() for name, content in headers or ()}
            yield f"DEAD LETTER {said['reason']}: {said['detail']}"
            yield f"  {shown((value or b'').decode(errors='replace'))}"
        elif value is not None and (topic in (DECISIONS, EXCEPTIONS) or topic.startswith(ALLOCATIONS)):
            yield from self._notice(decode_notice(value))

    def _notice(self, notice: object) -> Iterator[str]:
        if isinstance(notice, Decision):
            self.counts["decision"] += 1
            yield from decision_lines(notice, self._places)
        elif isinstance(notice, ShipmentRequested | CancelRequestedOfWms):
            pass  # The decision says it.
        elif isinstance(notice, CountRequested):
            yield f"asks {notice.data.pool} to count {notice.data.sku}: {notice.data.reason}"
        elif isinstance(notice, ExceptionOpened):
            self.counts["exception"] += 1
            yield f"EXCEPTION {notice.data.kind}: {notice.data.cause}"
            if notice.data.ways_out:
                yield f"  ways out: {'; '.join(notice.data.ways_out)}"
        elif isinstance(notice, ExceptionClosed):
            yield f"exception closed: {notice.data.exception_id}"
        elif isinstance(notice, StockDriftFound):
            data = notice.data
            yield f"drift: {data.counted} of {data.sku} counted at {data.pool}, {data.expected} expected"
        elif isinstance(notice, SetActivated):
            yield f"set {notice.data.set_id} is in force"
        elif isinstance(notice, SetRefused):
            yield f"SET {notice.data.set_id} REFUSED: {'; '.join(notice.data.reasons)}"


def _no_effect(publications: list[Publication]) -> str | None:
    """Why an event changed nothing; None when it did."""
    for topic, _, value, _ in publications:
        if topic == JOURNAL and value is not None:
            entry = decode_journal(value)
            if entry.duplicates:
                return "no effect, it was taken before"
            if entry.stale:
                return "no effect, something newer is known"
    return None


def starts(moment_ms: int, network: str) -> str:
    """The first line: what the decisions are based on."""
    return f"network {network}, from {utc(moment_ms)} on"
