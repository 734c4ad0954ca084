"""Orders of which something was told: their decisions, and the exceptions that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cli.orders.wanted import Found, Wanted
from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from cli.words.decision import sent_back
from cli.words.meanings import cause_in_words
from cli.words.names import did_you_mean
from infra.errors import ConfigurationError
from operators.measures import ONE_SHIPMENT, PARTLY_WAITING, SPLIT, WAITING, outcome_of
from schemas.codec import decode_notice
from schemas.notices import Decision, DecisionData, ExceptionOpened
from schemas.times import parse_rfc3339
from schemas.topics import DECISIONS, EXCEPTIONS, Topic

GONE_FROM = re.compile(r" at (?P<pool>\S+) are gone")
REJECTED = "rejected_before"

OUTCOMES = (WAITING, PARTLY_WAITING, ONE_SHIPMENT, SPLIT, "refused", "cancelled")
"""All that `outcome_of` says."""


def require_known(option: str, code: str | None, known: Iterable[str]) -> None:
    """A misspelt code would be answered with "none", as if all were well."""
    codes = list(known)
    if code is not None and code not in codes:
        remedy = did_you_mean(code, codes) or f"; there are {', '.join(codes)}"
        raise ConfigurationError(f'{option} "{code}" is unknown{remedy}')


def decided(
    connection: Connection, partitions: Sequence[int], wanted: Wanted, cause: str | None, outcome: str | None
) -> Iterator[Found]:
    """Decisions of this cause and outcome; None is any."""
    for notice in _notices(connection, DECISIONS, partitions, wanted):
        if not isinstance(notice, Decision):
            continue
        data = notice.data
        at_ms = parse_rfc3339(data.decided_at)
        became = outcome_of(data)
        if (
            cause in (None, data.cause)
            and outcome in (None, became)
            and wanted.is_time(at_ms)
            and wanted.is_channel(data.channel)
            and wanted.is_pool(_pools(data))
        ):
            pools = ", ".join(dict.fromkeys(shipment.pool for shipment in data.shipments))
            what = f"{cause_in_words(data.cause)}; {became.replace('_', ' ')}{f': {pools}' if pools else ''}"
            said = "; ".join([*sent_back(data), *([data.why.note] if data.why.note else [])])
            what += f" ({said})" if said else ""
            yield Found(at_ms, notice.network, data.order_id, data.decision, what)


def excepted(
    connection: Connection, partitions: Sequence[int], wanted: Wanted, kind: str, kinds: set[str]
) -> Iterator[Found]:
    """Exceptions of this kind that name an order; `kinds` gets all that have occurred."""
    # The kinds that have occurred are told where this one has not, so all of them are looked at.
    for notice in _notices(connection, EXCEPTIONS, partitions, None):
        if not isinstance(notice, ExceptionOpened):
            continue
        kinds.add(notice.data.kind)
        if notice.data.kind != kind or not notice.data.order_id:
            continue
        at_ms = parse_rfc3339(notice.time)
        if wanted.is_time(at_ms) and wanted.is_pool([notice.data.pool]):
            yield Found(at_ms, notice.network, notice.data.order_id, 0, notice.data.cause)


def _pools(data: DecisionData) -> set[str]:
    """The pools that the decision is about: those that ship, and those that failed the order."""
    pools = {shipment.pool for shipment in data.shipments} | {each.pool for each in data.why.sent_back}
    for ruled_out in data.why.ruled_out:
        if ruled_out.reason == REJECTED:
            pools |= set(ruled_out.pools)
    gone = GONE_FROM.search(data.why.note)
    return pools | {gone["pool"]} if gone else pools


def _notices(
    connection: Connection, topic: Topic, partitions: Sequence[int], wanted: Wanted | None
) -> Iterator[object]:
    since_ms = 0 if wanted is None else wanted.since_ms
    for message in read_topic(connection, topic, partitions, since_ms):
        try:
            yield decode_notice(message.value() or b"")
        except msgspec.MsgspecError:
            continue
