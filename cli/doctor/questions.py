"""What is asked on the wire, each question with the shape of its answer."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from msgspec import Struct

from cli.doctor.wire import NO_TAGS, Answer, Wire, compact_text, unsigned
from infra.errors import SluiceError

DESCRIBE_LOG_DIRS, DESCRIBE_PRODUCERS, DESCRIBE_TRANSACTIONS, LIST_TRANSACTIONS = 35, 61, 65, 66
_SUPPORTED_FEATURES, _FINAL_FEATURES = 0, 2
_TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53
_NONE = b"\x01"
"""An empty compact array."""


class Features(Struct, frozen=True):
    """Feature levels: the highest that the broker could use, and those in force in the cluster."""

    supported: dict[str, int]
    in_force: dict[str, int]


class Directory(Struct, frozen=True):
    """One of a broker's data directories, in bytes."""

    path: str
    total: int
    free: int


def features(wire: Wire) -> Features:
    """ApiVersions: every broker answers it, to anybody."""
    body = compact_text("sluice") + compact_text("1") + NO_TAGS
    answer = wire.ask_version(body)
    _require_no_error(answer.int16(), "its feature levels")

    def skip_api() -> None:
        for _ in range(3):
            answer.int16()
        answer.tags()

    answer.items(skip_api)
    answer.int32()
    tags = answer.tags()
    supported = _levels(tags[_SUPPORTED_FEATURES], upper_first=False) if _SUPPORTED_FEATURES in tags else {}
    in_force = _levels(tags[_FINAL_FEATURES], upper_first=True) if _FINAL_FEATURES in tags else {}
    return Features(supported, in_force)


def _levels(answer: Answer, *, upper_first: bool) -> dict[str, int]:
    """The highest level of each feature; one structure names it before the lowest, the other after."""

    def level() -> tuple[str, int]:
        name, first, second = answer.text(), answer.int16(), answer.int16()
        answer.tags()
        return name, first if upper_first else second

    return dict(answer.items(level))


def directories(wire: Wire) -> list[Directory]:
    """DescribeLogDirs, without the partitions in them."""
    answer = wire.ask(DESCRIBE_LOG_DIRS, 4, _NONE + NO_TAGS)
    answer.int32()
    _require_no_error(answer.int16(), "its directories")

    def skip_partition() -> None:
        answer.int32(), answer.int64(), answer.int64(), answer.int8()
        answer.tags()

    def skip_topic() -> None:
        answer.text()
        answer.items(skip_partition)
        answer.tags()

    def directory() -> Directory:
        _require_no_error(answer.int16(), "one of its directories")
        path = answer.text()
        answer.items(skip_topic)
        found = Directory(path, answer.int64(), answer.int64())
        answer.tags()
        return found

    return answer.items(directory)


def open_producer(wire: Wire, topic: str, partition: int) -> int | None:
    """DescribeProducers, of the partition's leader: the producer with the oldest transaction that is open there."""
    body = unsigned(2) + compact_text(topic) + unsigned(2) + struct.pack(">i", partition) + NO_TAGS * 3
    answer = wire.ask(DESCRIBE_PRODUCERS, 0, body)
    answer.int32()
    found: list[tuple[int, int]] = []

    def producer() -> None:
        producer_id = answer.int64()
        answer.int32(), answer.int32(), answer.int64(), answer.int32()
        begins = answer.int64()
        answer.tags()
        if begins >= 0:
            found.append((begins, producer_id))

    def of_partition() -> None:
        answer.int32()
        _require_no_error(answer.int16(), "its producers")
        answer.text()
        answer.items(producer)
        answer.tags()

    def of_topic() -> None:
        answer.text()
        answer.items(of_partition)
        answer.tags()

    answer.items(of_topic)
    return min(found)[1] if found else None


def transactional_ids(wire: Wire) -> dict[int, str]:
    """ListTransactions: the names that this broker coordinates, by producer."""
    answer = wire.ask(LIST_TRANSACTIONS, 0, _NONE + _NONE + NO_TAGS)
    answer.int32()
    _require_no_error(answer.int16(), "its transactions")
    answer.items(answer.text)

    def transaction() -> tuple[int, str]:
        name, producer_id = answer.text(), answer.int64()
        answer.text()
        answer.tags()
        return producer_id, name

    return dict(answer.items(transaction))


def refused_transactional_ids(wire: Wire, names: Sequence[str]) -> list[str]:
    """DescribeTransactions: those of these names that the principal may not even look at.

    Whoever may write with a name may look at it, whether it has been used or not; and any broker can say so.
    """
    body = unsigned(len(names) + 1) + b"".join(map(compact_text, names)) + NO_TAGS
    answer = wire.ask(DESCRIBE_TRANSACTIONS, 0, body)
    answer.int32()

    def skip_topic() -> None:
        answer.text()
        answer.items(answer.int32)
        answer.tags()

    def transaction() -> tuple[str, int]:
        code, name = answer.int16(), answer.text()
        answer.text(), answer.int32(), answer.int64(), answer.int64(), answer.int16()
        answer.items(skip_topic)
        answer.tags()
        return name, code

    return [
        name for name, code in answer.items(transaction) if code == _TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    ]


def _require_no_error(code: int, what: str) -> None:
    if code:
        raise SluiceError(f"the broker does not tell {what} (Kafka's error code {code})")
