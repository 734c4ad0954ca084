"""Reads places to their end on confluent-kafka, without joining a group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from flows.kafka.faults import port_fault
from flows.kafka.questions import Asked
from flows.kafka.reports import BrokerErrors
from flows.kafka.settings import Settings
from flows.port import Place, Remedy
from infra.reading import PlaceReader
from schemas.records import Record


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
        self._assigned: list[TopicPartition] = []
        self._unread: dict[tuple[str, int], TopicPartition] = {}
        self._ends: Asked = {}
        self._found: dict[tuple[str, int], int] = {}
        """Where a fetch has found nothing more."""
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
        self._unread = {(each.topic, each.partition): each for each in self._assigned}
        self._kinds |= {self._prefix + place.topic: place.topic for place in starts}
        self._found.clear()
        self._ends = self._ask_ends(self._assigned)
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
            self._found[message.topic(), message.partition()] = message.offset()
        elif error.fatal() or not error.retriable():
            raise port_fault(KafkaException(error), f"read {message.topic()} back")
        return True

    def at_end(self) -> bool:
        for start in list(self._unread.values()):
            if self._has_passed(start):
                del self._unread[start.topic, start.partition]
        return not self._unread

    def _has_passed(self, start: TopicPartition) -> bool:
        """Whether all is read that was there when the broker told the end.

        The client's position passes control markers with the next record, and the end of a fetch passes those behind
        the last one.
        """
        asked = self._ends[start]
        if not asked.done():
            return False
        try:
            end = asked.result().offset
        except KafkaException as error:
            fault = port_fault(error, f"find the end of {start.topic}, partition {start.partition}")
            if fault.remedy is not Remedy.RETRY:
                raise fault from error
            self._ends = {**self._ends, **self._ask_ends([start])}
            return False
        if end < start.offset:
            # The log was cut below what is known of it: reading on will say so.
            self._ends = {**self._ends, **self._ask_ends([start])}
            return False
        (position,) = self._consumer.position([start])
        found = self._found.get((start.topic, start.partition), 0)
        return max(position.offset, start.offset, found) >= end

    def lag(self) -> int:
        lag = 0
        for each in self._consumer.position(self._assigned):
            _low, high = self._consumer.get_watermark_offsets(each, cached=True)
            if each.offset >= 0 and high > each.offset:
                lag += high - each.offset
        return lag

    def close(self) -> None:
        self._consumer.close()
