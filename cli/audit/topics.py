"""Reads what an audit needs from Kafka: read_committed, one partition at a time, up to its end as its turn comes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Any

from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from cli.audit.history import PartitionTopics
from cli.audit.journal import Letter
from cli.shared.own_name import with_deployment
from infra.errors import SluiceError
from infra.reading import PlaceReader, headers_of, read_until, unreadable
from schemas.kinds import (
    ALLOCATIONS,
    DEAD_LETTERS,
    DECISIONS,
    EXCEPTIONS,
    INPUT_TOPICS,
    JOURNAL,
    STATE_TOPICS,
)
from schemas.records import Record

REQUEST_TIMEOUT_S = 30.0
SETTLE_ATTEMPTS = 5
SETTLE_PAUSE_S = 0.2

PASSING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._RESOLVE,
        KafkaError._TIMED_OUT,
    }
)
"""Answers while leaders move, or while a broker is away or a topic is new: they pass by themselves."""

Offsets = dict[str, int]
"""One partition's, by topic kind (without the prefix)."""


class Cluster:
    """The topics of one prefix."""

    def __init__(self, bootstrap: str, prefix: str, settings: Mapping[str, str]) -> None:
        self._prefix = prefix
        self._client: dict[str, Any] = {"log_level": 2, **settings, "bootstrap.servers": bootstrap}
        self._admin = AdminClient(self._client)
        counts = self._partition_counts()
        self.partitions = counts["inventory"]
        self.outputs = [
            DECISIONS,
            EXCEPTIONS,
            *sorted(kind for kind in counts if kind.startswith(ALLOCATIONS)),
        ]
        self._read = [*INPUT_TOPICS, JOURNAL, *self.outputs, DEAD_LETTERS, *STATE_TOPICS]

    def _partition_counts(self) -> dict[str, int]:
        """How many partitions each topic of the prefix has; a missing topic is an error a person can mend."""
        try:
            found = self._admin.list_topics(timeout=REQUEST_TIMEOUT_S).topics
        except KafkaException as error:
            raise SluiceError(f"Kafka cannot be reached: {error.args[0].str()}") from None
        counts = {
            name.removeprefix(self._prefix): len(topic.partitions)
            for name, topic in found.items()
            if name.startswith(self._prefix)
        }
        needed = {*INPUT_TOPICS, JOURNAL, DECISIONS, EXCEPTIONS, DEAD_LETTERS, *STATE_TOPICS}
        missing = ", ".join(sorted(self._prefix + kind for kind in needed - counts.keys()))
        if missing:
            raise SluiceError(
                f"These topics do not exist: {missing}. Is the prefix right? `sluice {with_deployment('topics')}` "
                f"creates them; `sluice {with_deployment('doctor', '--role', 'reader')}` shows whether this user may "
                "see them"
            )
        return counts

    def _beginnings(self, partition: int) -> Offsets:
        return self._offsets(partition, OffsetSpec.earliest())  # type: ignore[no-untyped-call]

    def _ends(self, partition: int) -> Offsets:
        return self._offsets(partition, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def _offsets(self, partition: int, spec: OffsetSpec) -> Offsets:
        wanted = {TopicPartition(self._prefix + kind, partition): spec for kind in self._read}
        deadline_s = time.monotonic() + REQUEST_TIMEOUT_S
        while True:
            try:
                return self._asked_offsets(wanted)
            except KafkaException as error:
                # A broker that has just been started knows its topics before it leads them.
                if error.args[0].code() not in PASSING or time.monotonic() > deadline_s:
                    raise unreadable("One of the topics", error.args[0]) from None
                time.sleep(SETTLE_PAUSE_S)

    def _asked_offsets(self, wanted: dict[TopicPartition, OffsetSpec]) -> Offsets:
        answers = self._admin.list_offsets(
            wanted, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=REQUEST_TIMEOUT_S
        )
        return {
            place.topic.removeprefix(self._prefix): answer.result().offset
            for place, answer in answers.items()
        }

    def _settled_ends(self, partition: int) -> tuple[bool, Offsets]:
        """Whether the partition is at rest, and ends that fit together.

        Where two looks see the same ends of all that the router writes, no transaction lay between them.  Where the
        router is too busy for that, the journal's end is taken first, so that all else of its bundles is there.
        """
        ends = self._ends(partition)
        for _ in range(SETTLE_ATTEMPTS):
            time.sleep(SETTLE_PAUSE_S)
            before, ends = ends, self._ends(partition)
            if _written(ends) == _written(before):
                return True, ends
        return False, ends | {JOURNAL: before[JOURNAL]}

    def is_empty(self, partition: int) -> bool:
        """Whether nothing was ever written that an audit of this partition would read."""
        return not any(self._ends(partition).values())

    @contextmanager
    def partition(self, partition: int) -> Iterator[PartitionTopics]:
        """One partition's topics as streams, which end where they end now."""
        earliest = self._beginnings(partition)
        is_at_rest, ends = self._settled_ends(partition)
        with ExitStack() as stack:
            # All are opened before the first is read, so that they fetch while another one is worked on.
            messages = {
                kind: stack.enter_context(self._messages(kind, partition, earliest[kind], ends[kind]))
                for kind in self._read
            }
            records = {kind: _records(kind, read) for kind, read in messages.items()}
            rows: list[Record] = []
            if is_at_rest:
                # Before the long history: as soon as the router goes on, compaction may take what is to be read.
                rows = _as_they_stand(chain.from_iterable(records[kind] for kind in STATE_TOPICS))
                is_at_rest = _written(self._ends(partition)) == _written(ends)
            yield PartitionTopics(
                partition=partition,
                partitions=self.partitions,
                inputs={kind: records[kind] for kind in INPUT_TOPICS},
                journal=records[JOURNAL],
                notices={kind: records[kind] for kind in self.outputs},
                letters=map(_letter_of(self._prefix), messages[DEAD_LETTERS]),
                rows=rows,
                earliest=earliest,
                settled=is_at_rest,
            )

    @contextmanager
    def _messages(self, kind: str, partition: int, first: int, end: int) -> Iterator[Iterator[Message]]:
        """Every message of one place from the first up to the end."""
        if first >= end:
            yield iter(())
            return
        properties = {
            **self._client,
            # A hole in the history must be an error, never a silent jump.
            "auto.offset.reset": "error",
            # Twenty topics are open at a time: what they fetch ahead must stay small.
            "queued.max.messages.kbytes": 8_192,
        }
        name = self._prefix + kind
        with PlaceReader(properties) as consumer:
            consumer.assign([TopicPartition(name, partition, first)])
            yield read_until(consumer, name, {partition: end}, PASSING)


def _records(kind: str, messages: Iterable[Message]) -> Iterator[Record]:
    """As the wire types have them."""
    for message in messages:
        yield Record(kind, message.offset() or 0, message.timestamp()[1], message.key(), message.value())


def _written(ends: Offsets) -> Offsets:
    """Those of what the router writes."""
    return {kind: end for kind, end in ends.items() if kind not in INPUT_TOPICS}


def _as_they_stand(records: Iterable[Record]) -> list[Record]:
    """The last record of each key; what has none is replaced by nothing."""
    last: dict[bytes | int, Record] = {}
    for at, record in enumerate(records):
        last[at if record.key is None else record.key] = record
    return list(last.values())


def _letter_of(prefix: str) -> Any:
    """Makes a dead letter of a message: the record as it came, and what the headers say of it."""

    def letter(message: Message) -> Letter:
        headers = headers_of(message)
        return Letter(
            sequence=_number(headers.get("sequence")),
            topic=headers.get("topic", "").removeprefix(prefix),
            offset=_number(headers.get("offset")),
            key=message.key(),
            value=message.value(),
            reason=headers.get("reason", ""),
            detail=headers.get("detail", ""),
        )

    return letter


def _number(text: str | None) -> int:
    """What a header says as a number; -1, which fits no record, when it says none."""
    try:
        return int(text or "")
    except ValueError:
        return -1
