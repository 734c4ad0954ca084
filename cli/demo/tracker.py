"""Reads the topics beside the router, read_committed, and keeps the figures: the demo's eyes.

It uses nothing that another consumer of the topics could not.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import msgspec
from confluent_kafka import KafkaError, Message, TopicPartition

from cli.demo.figures import Figures
from infra.errors import SluiceError
from infra.reading import PlaceReader, headers_of
from schemas.codec import Undecodable, decode_input, decode_journal, decode_notice
from schemas.inventory import StockCountedEvent
from schemas.kinds import (
    ALLOCATIONS,
    DEAD_LETTERS,
    DECISIONS,
    EXCEPTIONS,
    FULFILMENT,
    INVENTORY,
    JOURNAL,
    LEDGER,
    ORDERS,
)
from schemas.notices import Decision, SetActivated, SetRefused, ShipmentRequested
from schemas.orders import OrderPlacedEvent
from schemas.rows import StockRow

BATCH_RECORDS = 2_000
POLL_S = 0.05
REQUEST_TIMEOUT_S = 10.0

_rows = msgspec.json.Decoder(StockRow)


class Tracker:
    """A thread that follows one partition of every topic that the figures need."""

    def __init__(self, bootstrap: str, prefix: str, partition: int, systems: tuple[str, ...]) -> None:
        self.figures = Figures()
        self._prefix = prefix
        self._partition = partition
        self._fault: str | None = None
        self._is_ended = False
        self._changed = threading.Condition()
        client = {
            "bootstrap.servers": bootstrap,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": False,
            "fetch.wait.max.ms": 100,
            "log_level": 2,
        }
        self._consumer = PlaceReader(client)
        self._asking = PlaceReader(client)
        self._handlers: dict[str, Callable[[Message, int], None]] = {
            INVENTORY: self._inventory,
            ORDERS: self._order,
            DECISIONS: self._decision,
            DEAD_LETTERS: self._dead_letter,
            EXCEPTIONS: self._exception,
            JOURNAL: self._journal,
            LEDGER: self._stock,
            **{ALLOCATIONS + system: self._instruction for system in systems},
        }
        self._consumer.assign([TopicPartition(prefix + kind, partition, 0) for kind in self._handlers])
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._is_ended = True
        self._thread.join()
        self._consumer.close()
        self._asking.close()

    def wait_until(self, holds: Callable[[Figures], bool], timeout_s: float) -> bool:
        """Wait until something holds of the figures; False when it does not in time."""
        with self._changed:
            held = self._changed.wait_for(lambda: self._fault is not None or holds(self.figures), timeout_s)
        if self._fault is not None:
            raise SluiceError(f"The demo could not read the topics any more: {self._fault}")
        return held

    def backlog(self) -> int:
        """Inputs that no committed transaction covers yet."""
        return sum(
            max(0, self._end(kind) - self.figures.journal_positions.get(kind, 0))
            for kind in (INVENTORY, ORDERS, FULFILMENT)
        )

    def wait_until_decided(self, timeout_s: float) -> bool:
        """Wait until everything that is on the inputs now is covered by a committed transaction."""
        ends = {kind: self._end(kind) for kind in (INVENTORY, ORDERS, FULFILMENT)}
        return self.wait_until(
            lambda figures: all(figures.journal_positions.get(kind, 0) >= end for kind, end in ends.items()),
            timeout_s,
        )

    def _end(self, kind: str) -> int:
        place = TopicPartition(self._prefix + kind, self._partition)
        return int(self._asking.get_watermark_offsets(place, timeout=REQUEST_TIMEOUT_S)[1])

    def _run(self) -> None:
        try:
            while not self._is_ended:
                first = self._consumer.poll(POLL_S)
                if first is None:
                    continue
                messages = [first, *self._consumer.consume(BATCH_RECORDS, 0)]
                received_ms = time.time_ns() // 1_000_000
                for message in messages:
                    self._take(message, received_ms)
                with self._changed:
                    self._changed.notify_all()
        except Exception as error:  # Whatever it is, the story's thread must not wait for it in vain.
            with self._changed:
                self._fault = repr(error)
                self._changed.notify_all()

    def _take(self, message: Message, received_ms: int) -> None:
        error = message.error()
        if error is not None:
            if error.code() not in {KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT}:
                raise SluiceError(error.str())
            return
        kind = (message.topic() or "").removeprefix(self._prefix)
        self._handlers[kind](message, received_ms)

    def _order(self, message: Message, received_ms: int) -> None:
        try:
            event = decode_input(ORDERS, message.value())
        except Undecodable:
            return
        if isinstance(event, OrderPlacedEvent):
            self.figures.order(event.data.order_id, message.timestamp()[1])

    def _inventory(self, message: Message, received_ms: int) -> None:
        event = decode_input(INVENTORY, message.value())
        if isinstance(event, StockCountedEvent) and event.data.quantity == 0:
            self.figures.counted_ms.setdefault(event.id, message.timestamp()[1])

    def _decision(self, message: Message, received_ms: int) -> None:
        notice = decode_notice(message.value() or b"")
        if isinstance(notice, Decision):
            self.figures.decision(notice, received_ms)

    def _instruction(self, message: Message, received_ms: int) -> None:
        notice = decode_notice(message.value() or b"")
        if isinstance(notice, ShipmentRequested):
            self.figures.instruction(notice, message.timestamp()[1])

    def _exception(self, message: Message, received_ms: int) -> None:
        notice = decode_notice(message.value() or b"")
        if isinstance(notice, SetActivated | SetRefused):
            self.figures.set_outcomes[notice.data.set_id] = notice.data.reasons

    def _dead_letter(self, message: Message, received_ms: int) -> None:
        self.figures.dead_letters[headers_of(message).get("reason", "unknown")] += 1
        try:
            event = decode_input(ORDERS, message.value())
        except Undecodable:
            return
        if isinstance(event, OrderPlacedEvent):
            self.figures.refused.add(event.data.order_id)

    def _journal(self, message: Message, received_ms: int) -> None:
        self.figures.journal(decode_journal(message.value() or b""))

    def _stock(self, message: Message, received_ms: int) -> None:
        value = message.value()
        if value is None:
            return  # A day of a pool of which nothing is taken any more.
        try:
            self.figures.stock(_rows.decode(value))
        except msgspec.ValidationError:
            return  # Another kind of row: how much of a pool's day is taken.
