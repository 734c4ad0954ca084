"""Reads places to their end on confluent-kafka, without a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from flows.kafka_consumer import watermarks
from flows.kafka_faults import port_fault
from flows.kafka_settings import Settings
from flows.kafka_trouble import BrokerErrors
from flows.port import Place
from infra.reading import PlaceReader
from schemas.records import Record


class KafkaReader:
    """See `flows.port.LogReader`.

    The end is where the client says "end of partition": the last offsets of a place are often control
    markers, so waiting for the last record plus one would wait for ever.
    """

    def __init__(self, settings: Settings, prefix: str, errors: BrokerErrors) -> None:
        self._prefix = prefix
        self._unread: set[tuple[str, int]] = set()
        self._assigned: list[TopicPartition] = []
        self._consumer = PlaceReader(settings | {"error_cb": errors.note})

    def watermarks(self, place: Place, timeout_s: float) -> tuple[int, int]:
        return watermarks(
            self._consumer, TopicPartition(self._prefix + place.topic, place.partition), timeout_s
        )

    def assign(self, starts: Mapping[Place, int]) -> None:
        named = [
            TopicPartition(self._prefix + place.topic, place.partition, at) for place, at in starts.items()
        ]
        self._unread = {(each.topic, each.partition) for each in named}
        self._assigned = named
        self._consumer.assign(named)

    # Nobody asks a restored record for its time stamp: reading it would cost a tenth of the restore.
    def read(self, records_max: int, timeout_s: float) -> list[Record]:
        records: list[Record] = []
        cut = len(self._prefix)
        message: Any
        for message in self._consumer.consume(records_max, timeout_s):
            error = message.error()
            if error is None:
                records.append(
                    Record(message.topic()[cut:], message.offset(), 0, message.key(), message.value())
                )
            elif error.code() == KafkaError._PARTITION_EOF:
                self._unread.discard((message.topic(), message.partition()))
            elif error.fatal() or not error.retriable():
                raise port_fault(KafkaException(error), f"read {message.topic()} back")
        return records

    def at_end(self) -> bool:
        return not self._unread

    def lag(self) -> int:
        lag = 0
        for each in self._consumer.position(self._assigned):
            _low, high = self._consumer.get_watermark_offsets(each, cached=True)
            if each.offset >= 0 and high > each.offset:
                lag += high - each.offset
        return lag

    def close(self) -> None:
        self._consumer.close()
