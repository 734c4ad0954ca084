"""What no decision tells about an order: what was refused, and what a person was asked to look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from cli.shared.connection import Connection
from cli.shared.letters import Letter, letters, once_each
from cli.shared.topic_reader import read_topic
from cli.words.places import utc
from schemas.codec import decode_notice
from schemas.notices import ExceptionClosed, ExceptionOpened
from schemas.times import parse_rfc3339
from schemas.topics import EXCEPTIONS


class Concern(Struct, frozen=True):
    """An exception as it stands: as it was opened last, and how it ended where it did so by itself."""

    opened: ExceptionOpened
    closed: ExceptionClosed | None = None

    def as_dict(self) -> dict[str, object]:
        """For JSON: what was published, and when."""
        return {
            **msgspec.to_builtins(self.opened.data),
            "opened_at": self.opened.time,
            "closed_at": self.closed.time if self.closed else None,
        }


def concerns_of(
    connection: Connection, order_id: str, network: str | None, partitions: Sequence[int], since_ms: int = 0
) -> list[Concern]:
    """The exceptions that name the order, in the order in which they were opened last."""
    found: dict[tuple[str, str], Concern] = {}
    named = order_id.encode()
    for message in read_topic(connection, EXCEPTIONS, partitions, since_ms):
        value = message.value() or b""
        # Few of them name this order, and a name that JSON escapes still stands in the key.
        if named not in value and named not in (message.key() or b""):
            continue
        try:
            notice = decode_notice(value)
        except msgspec.MsgspecError:
            continue
        if not isinstance(notice, ExceptionOpened | ExceptionClosed):
            continue
        if notice.data.order_id != order_id or network not in (None, notice.network):
            continue
        key = (notice.network, notice.data.exception_id)
        if isinstance(notice, ExceptionOpened):
            found.pop(key, None)
            found[key] = Concern(notice)
        elif key in found:
            found[key] = Concern(found[key].opened, notice)
    return list(found.values())


def refusals_of(
    connection: Connection, order_id: str, network: str | None, partitions: Sequence[int], since_ms: int = 0
) -> list[Letter]:
    """What was refused of all that was said about the order under its own name."""

    def is_about_it(letter: Letter) -> bool:
        event = letter.event or {}
        data = event.get("data")
        return (
            isinstance(data, dict)
            and data.get("order_id") == order_id
            and network in (None, event.get("network"))
        )

    return [letter for letter in once_each(letters(connection, partitions, since_ms)) if is_about_it(letter)]


def attention_lines(concerns: list[Concern], refusals: list[Letter]) -> Iterator[str]:
    """Each with what a person can do about it."""
    for letter in refusals:
        yield f"  refused {utc(letter.refused_ms)}, {letter.reason}: {letter.detail} ({letter.id})"
    for concern in concerns:
        data = concern.opened.data
        ended = f", ended by itself {_when(concern.closed.time)}" if concern.closed else ""
        yield f"  exception {data.kind} {_when(concern.opened.time)}{ended}: {data.cause}"
        if data.ways_out and not concern.closed:
            yield f"    ways out: {'; or '.join(data.ways_out)}"


def _when(time: str) -> str:
    return utc(parse_rfc3339(time))
