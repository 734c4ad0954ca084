"""Reads places to their end on confluent-kafka, without joining a group."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct

from flows.kafka.faults import port_fault
from flows.kafka.questions import Asked
from flows.kafka.reports import BrokerErrors
from flows.kafka.settings import Settings
from flows.port import Place, Remedy
from infra.reading import PlaceReader
from schemas.records import Record

if TYPE_CHECKING:
    from concurrent.futures import Future

    from confluent_kafka.admin import ListOffsetsResultInfo


class _Unread(Struct):
    """A place that is not read to its end yet."""

    start: TopicPartition
    position_before: int
    """What the client said just before: it says so until it has heeded `assign`, which may be a while."""
    end: Future[ListOffsetsResultInfo]
    answer_by_s: float
    found: int = 0
    """Where a fetch has found nothing more."""


class KafkaReader:
    """See `flows.port.LogReader`.

    Where the end is was asked when the reading began.  The client's own "end of partition" says only how far reading
    has come past the last record: it is that of whichever replica was fetched from, which may be behind, and it comes
    only when a fetch brings nothing, so never where somebody commits more often than a fetch may wait.

    Making one waits for the broker.
    """

    def __init__(
        self,
        settings: Settings,
        prefix: str,
        errors: BrokerErrors,
        ask_ends: Callable[[Sequence[TopicPartition]], Asked],
        timeout_s: float,
    ) -> None:
        self._prefix = prefix
        self._ask_ends = ask_ends
        self._timeout_s = timeout_s
        self._assigned: list[TopicPartition] = []
        self._unread: dict[tuple[str, int], _Unread] = {}
        self._kinds: dict[str, str] = {}
        self._consumer = PlaceReader(settings | {"error_cb": errors.note})
        try:
            # The client looks only once a second for the leader of a topic that it has not heard of.
            self._consumer.list_topics(timeout=timeout_s)
        except KafkaException as error:
            self.close()
            raise port_fault(error, "list the topics") from error

    def assign(self, starts: Mapping[Place, int]) -> None:
        self._assigned = [
            TopicPartition(self._prefix + place.topic, place.partition, at) for place, at in starts.items()
        ]
        self._kinds |= {self._prefix + place.topic: place.topic for place in starts}
        before = self._consumer.position(self._assigned)
        ends, answer_by_s = self._ask_ends(self._assigned), time.monotonic() + self._timeout_s
        self._unread = {
            (start.topic, start.partition): _Unread(start, there.offset, ends[start], answer_by_s)
            for start, there in zip(self._assigned, before, strict=True)
        }
        self._consumer.assign(self._assigned)

    def read(self, records_max: int, timeout_s: float) -> list[Record]:
        messages = self._consumer.consume(records_max, timeout_s)
        if any(map(Message.error, messages)):
            messages = [message for message in messages if not self._is_event(message)]
        # A restore brings a million records: the loop is left to maps, and nobody asks for a record's time stamp.
        topics: Iterator[Any] = map(Message.topic, messages)
        offsets: Iterator[Any] = map(Message.offset, messages)
        kinds = map(self._kinds.__getitem__, topics)
        keys, values = map(Message.key, messages), map(Message.value, messages)
        return list(map(Record, kinds, offsets, repeat(0), keys, values))

    def _is_event(self, message: Any) -> bool:
        """Whether it is no record but tells of the end of a place, or of what the client mends by itself.

        Raises `PortFault` for what it does not.
        """
        error = message.error()
        if error is None:
            return False
        if error.code() == KafkaError._PARTITION_EOF:
            unread = self._unread.get((message.topic(), message.partition()))
            if unread is not None:
                unread.found = message.offset()
        elif error.fatal() or not error.retriable():
            raise port_fault(KafkaException(error), f"read {message.topic()} back")
        return True

    def at_end(self) -> bool:
        self._unread = {
            place: unread for place, unread in self._unread.items() if not self._has_passed(unread)
        }
        return not self._unread

    def _has_passed(self, unread: _Unread) -> bool:
        """Whether all is read that was there when the broker told the end.

        The client's position passes control markers with the next record, and the end of a fetch passes those behind
        the last one.
        """
        start = unread.start
        if not unread.end.done():
            # Never, where its client was replaced meanwhile because another question was refused.
            if time.monotonic() > unread.answer_by_s:
                self._ask_again(unread)
            return False
        try:
            end = unread.end.result().offset
        except KafkaException as error:
            fault = port_fault(error, f"find the end of {start.topic}, partition {start.partition}")
            if fault.remedy is not Remedy.RETRY:
                raise fault from error
            self._ask_again(unread)
            return False
        if end < start.offset:
            # The log was cut below what is known of it: reading on will say so.
            self._ask_again(unread)
            return False
        (position,) = self._consumer.position([start])
        read = start.offset if position.offset == unread.position_before else position.offset
        return max(read, start.offset, unread.found) >= end

    def _ask_again(self, unread: _Unread) -> None:
        unread.answer_by_s = time.monotonic() + self._timeout_s
        unread.end = self._ask_ends([unread.start])[unread.start]

    def lag(self) -> int:
        lag = 0
        for each in self._consumer.position(self._assigned):
            _low, high = self._consumer.get_watermark_offsets(each, cached=True)
            if each.offset >= 0 and high > each.offset:
                lag += high - each.offset
        return lag

    def close(self) -> None:
        self._consumer.close()
