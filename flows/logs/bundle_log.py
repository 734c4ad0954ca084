"""What the log says of committed bundles: a sample of the ordinary ones, and every one that a person may look for.

An ordinary bundle is said at most once in a while, with a count of those left out.  One that was slow, or that has
dead letters, exceptions, or orders whose stock turned out to be gone, is always said; each dead letter and each
exception has a line of its own, up to a number a second.  So from a figure that moved one comes to the bundles behind
it, from them to orders, and from an order to `sluice explain`.

It runs beside the flow, after the commit, and looks at the records of a bundle only when its counts say that there is
something to find: an ordinary bundle costs about a microsecond, whatever its size.  Nothing here reads what a record
holds, but for the names of orders, shipments, pools and items (see `identifier`).
"""

from __future__ import annotations

import re
import threading

import msgspec
from msgspec import Struct

from flows.arrivals import Arrivals, record_count
from flows.config import RouterConfig
from flows.logs.limiter import Limiter
from flows.logs.log import Log
from flows.metrics import Spent
from operators.bundle import Outcome, Publication
from operators.measures import BundleMeasures
from operators.shortage import AT_RISK, WITHDRAWN
from schemas.kinds import DEAD_LETTERS, DECISIONS, EXCEPTIONS, FULFILMENT, ORDERS

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,159}")
_SET_COMMITTED = "set.committed"


class _Names(Struct, frozen=True, gc=False):
    """The identifiers of a notice or an input, and nothing else of it: what is not named here is not even decoded."""

    order_id: str = ""
    shipment_id: str = ""
    pool: str = ""
    sku: str = ""
    kind: str = ""
    cause: str = ""
    set_id: str = ""
    decision: int = 0


class _Named(Struct, frozen=True, gc=False):
    type: str = ""
    data: _Names = _Names()


_decode = msgspec.json.Decoder(_Named).decode


class _Committed(Struct, frozen=True):
    """One bundle that is on the topics."""

    number: int
    arrivals: Arrivals
    outcome: Outcome

    @property
    def place(self) -> dict[str, int]:
        journal = self.outcome.journal
        # Not the partition's own sequence: the next bundle may be decided already.
        return {"partition": self.number, "sequence": journal.sequence if journal else 0}


class BundleLog:
    """Told of each committed bundle, by the threads that commit."""

    def __init__(self, log: Log, config: RouterConfig) -> None:
        self._log = log
        self._every_s = config.log_bundle_every_ms / 1000
        self._slow_s = config.log_slow_ms / 1000
        self._dead_letters = Limiter(config.log_lines_per_second)
        self._exceptions = Limiter(config.log_lines_per_second)
        self._decisions = Limiter(config.log_lines_per_second)
        self._lock = threading.Lock()
        self._last_s = float("-inf")
        self._left_out = 0
        self._left_out_records = 0

    def committed(
        self, number: int, arrivals: Arrivals, outcome: Outcome, spent: Spent, now_s: float
    ) -> None:
        """One bundle of these records is on the partition's topics; `now_s` is the steady clock's."""
        bundle = _Committed(number, arrivals, outcome)
        measures = outcome.measures
        is_slow = spent.bundle_s >= self._slow_s
        must_say = (
            is_slow
            or measures.dead_letters
            or measures.exceptions
            or any(cause in (WITHDRAWN, AT_RISK) for cause, _outcome in measures.decisions)
        )
        with self._lock:
            if must_say or now_s - self._last_s >= self._every_s or self._log.says("debug"):
                self._say(bundle, spent, is_slow)
                self._last_s = now_s
            else:
                self._left_out += 1
                self._left_out_records += record_count(arrivals)
            if measures.dead_letters or measures.exceptions or _SET_COMMITTED in measures.received:
                self._say_each(bundle, now_s)
            if self._log.says("debug"):
                self._say_decisions(bundle, now_s)

    def _say(self, bundle: _Committed, spent: Spent, is_slow: bool) -> None:
        measures, records, place = bundle.outcome.measures, record_count(bundle.arrivals), bundle.place
        decisions = sum(measures.decisions.values())
        parts = f"deciding {spent.decide_s * 1000:.0f}, committing {spent.commit_s * 1000:.0f}"
        sentence = (
            f"bundle {place['partition']}/{place['sequence']}: {records:,} records, {decisions:,} decisions in "
            f"{spent.bundle_s * 1000:.0f} ms ({parts}){_troubles(measures)}{', slow' if is_slow else ''}"
        )
        if self._left_out:
            sentence += f"; {self._left_out:,} bundles before it are not listed"
        write = self._log.warning if is_slow else self._log.info
        write(
            "bundle", sentence, **place, records=records, decisions=decisions, duplicates=measures.duplicates,
            stale=measures.stale, stock_gone=_decided_for(measures, WITHDRAWN), at_risk=_decided_for(measures, AT_RISK),
            exceptions=dict(measures.exceptions),
            dead_letters={f"{topic}/{reason}": count for (topic, reason), count in measures.dead_letters.items()},
            rows=measures.changed_rows, published=len(bundle.outcome.publications),
            decide_ms=_ms(spent.decide_s), commit_ms=_ms(spent.commit_s), bundle_ms=_ms(spent.bundle_s), slow=is_slow,
            left_out_bundles=self._left_out, left_out_records=self._left_out_records,
        )  # fmt: skip
        self._left_out = self._left_out_records = 0

    def _say_each(self, bundle: _Committed, now_s: float) -> None:
        place = bundle.place
        for publication in bundle.outcome.publications:
            if publication[0] == DEAD_LETTERS:
                if self._dead_letters.allows(now_s):
                    self._dead_letter(place, publication)
            elif publication[0] == EXCEPTIONS and publication[2] is not None:
                self._exception(place, _named(publication[2]), now_s)

    def _dead_letter(self, place: dict[str, int], publication: Publication) -> None:
        headers = dict(publication[3] or ())
        # Not the detail: it quotes what the record holds.  `sluice dead-letters list` shows it to whoever may see it.
        topic, offset, reason = (headers[name].decode() for name in ("topic", "offset", "reason"))
        order = _order_of(topic, publication[2])
        self._log.warning(
            "dead_letter",
            f"dead letter {topic}/{place['partition']}/{offset}: refused as {reason}"
            f"{f', order {order}' if order else ''}; `sluice dead-letters list` shows it",
            **place, order=order, topic=topic, offset=int(offset), reason=reason,
            left_out=self._dead_letters.take_left_out(),
        )  # fmt: skip

    def _exception(self, place: dict[str, int], notice: _Named, now_s: float) -> None:
        names = notice.data
        if notice.type in {"set.activated", "set.refused"}:
            write = self._log.info if notice.type == "set.activated" else self._log.warning
            done = "is in force" if notice.type == "set.activated" else "was refused and has no effect"
            write(
                notice.type, f"reference set {identifier(names.set_id)} {done}, from bundle "
                f"{place['partition']}/{place['sequence']}", **place, set=identifier(names.set_id),
            )  # fmt: skip
        elif notice.type == "exception.opened" and self._exceptions.allows(now_s):
            order = identifier(names.order_id)
            self._log.warning(
                "exception",
                f"exception {identifier(names.kind)}{_about(names)}"
                + (f"; `sluice explain {order}` tells its history" if order else ""),
                **place, order=order, kind=identifier(names.kind), shipment=identifier(names.shipment_id),
                pool=identifier(names.pool), sku=identifier(names.sku),
                left_out=self._exceptions.take_left_out(),
            )  # fmt: skip

    def _say_decisions(self, bundle: _Committed, now_s: float) -> None:
        place = bundle.place
        for topic, _key, value, _headers in bundle.outcome.publications:
            if topic == DECISIONS and value is not None and self._decisions.allows(now_s):
                names = _named(value).data
                order, cause = identifier(names.order_id), identifier(names.cause)
                self._log.debug(
                    "decision", f"decision {names.decision} about order {order}: {cause}",
                    **place, order=order, decision=names.decision, cause=cause,
                    left_out=self._decisions.take_left_out(),
                )  # fmt: skip


def identifier(text: str) -> str | None:
    """The text if it has the form of an identifier; None for anything else, such as an address or a name.

    Identifiers come from outside.  One that somebody filled with a sentence, an e-mail address or a line feed must
    not get into a log.
    """
    return text if _IDENTIFIER.fullmatch(text) else None


def _named(value: bytes) -> _Named:
    """The identifiers in the JSON of a record, none where it holds something else: it may be anybody's."""
    try:
        return _decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Named()


def _order_of(topic: str, value: bytes | None) -> str | None:
    """Which order a refused record is about, as far as that can be seen."""
    if topic not in {ORDERS, FULFILMENT} or value is None:
        return None
    names = _named(value).data
    # A shipment is named <order>/<decision>/<number>.
    return identifier(names.order_id or names.shipment_id.rpartition("/")[0].rpartition("/")[0])


def _about(names: _Names) -> str:
    """The order, shipment, pool and item that a notice names."""
    named = [
        (word, identifier(text))
        for word, text in (
            ("order", names.order_id), ("shipment", names.shipment_id), ("pool", names.pool), ("item", names.sku),
        )
    ]  # fmt: skip
    return "".join(f", {word} {text}" for word, text in named if text)


def _troubles(measures: BundleMeasures) -> str:
    counts = (
        (sum(measures.dead_letters.values()), "dead letters"),
        (sum(measures.exceptions.values()), "exceptions"),
        (_decided_for(measures, WITHDRAWN), "decisions because stock was gone"),
        (_decided_for(measures, AT_RISK), "orders at risk"),
    )
    return "".join(f", {count:,} {what}" for count, what in counts if count)


def _decided_for(measures: BundleMeasures, wanted: str) -> int:
    return sum(count for (cause, _outcome), count in measures.decisions.items() if cause == wanted)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
