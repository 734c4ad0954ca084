"""Follows the ends of the topics that tell what happens, committed records only, in a thread of its own.

A busy router decides faster than anybody reads: every record is counted, and of each batch only the last few of each
topic are decoded.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from confluent_kafka import OFFSET_END, KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct

from cli.connection import Connection
from cli.explain.history import reference_of
from cli.watch.happenings import Happening, dead_letter, decided, exception, stock
from cli.words.places import Places
from infra.errors import Refused, SluiceError
from infra.reading import PlaceReader
from schemas.codec import INVENTORY, Undecodable, UnreadableRow, decode_input, decode_notice
from schemas.notices import DEAD_LETTERS, DECISIONS, EXCEPTIONS, Decision

KINDS = (DECISIONS, EXCEPTIONS, DEAD_LETTERS, INVENTORY)
BATCH_RECORDS = 2_000
POLL_S = 0.1
KEPT = 20
READY_TIMEOUT_S = 10.0
ASK_TIMEOUT_S = 1.0


class Seen(Struct, frozen=True):
    """What came since the last time it was asked for: how many of each kind, and the latest of them."""

    counts: dict[str, int]
    latest: dict[str, list[Happening]]


class Tails:
    """Starts at the ends of the topics; `take` hands over what came since."""

    def __init__(self, connection: Connection, partitions: Sequence[int]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._latest: dict[str, deque[Happening]] = {kind: deque(maxlen=KEPT) for kind in KINDS}
        self._places: dict[tuple[str, str], Places] = {}
        self._fault = ""
        self._refusal = ""
        self._is_ended = False
        self._at_end = threading.Event()
        self._unread = {(connection.names.prefix + kind, number) for kind in KINDS for number in partitions}
        self._consumer = PlaceReader(
            {
                **connection.properties,
                # A tail that retention overtakes goes on at the end: this looks, it proves nothing.
                "auto.offset.reset": "latest",
                "fetch.wait.max.ms": 50,
                # A broker that is back is found again soon.
                "reconnect.backoff.max.ms": 1_000,
                # Lost connections are told here, not in the records' place.
                "error_cb": self._lost,
            }
        )
        self._consumer.assign([TopicPartition(*place, OFFSET_END) for place in sorted(self._unread)])
        self._thread = threading.Thread(target=self._run, name="tails", daemon=True)
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Until every end is known: what is written after this is seen.  Raises `Refused` where it may not be read."""
        self._at_end.wait(READY_TIMEOUT_S)
        if self._refusal:
            raise Refused(f"{self._refusal}. `sluice doctor --role reader` shows what this user may do")

    def take(self) -> Seen:
        """What came since the last call."""
        with self._lock:
            counts, self._counts = dict(self._counts), Counter()
            latest = {kind: list(found) for kind, found in self._latest.items()}
            for found in self._latest.values():
                found.clear()
        return Seen(counts, latest)

    @property
    def fault(self) -> str:
        """Why nothing can be read at the moment, if so."""
        return self._fault

    def close(self) -> None:
        """Stop reading."""
        self._is_ended = True
        self._thread.join()
        self._consumer.close()

    def _run(self) -> None:
        while not self._is_ended:
            first = self._consumer.poll(POLL_S)
            if first is None:
                self._forget_fault_when_mended()
                continue
            batches: dict[str, list[Message]] = {}
            for message in [first, *self._consumer.consume(BATCH_RECORDS, 0)]:
                error = message.error()
                if error is None:
                    kind = str(message.topic()).removeprefix(self._connection.names.prefix)
                    batches.setdefault(kind, []).append(message)
                    self._fault = ""
                else:
                    self._note(error, message)
            for kind, messages in batches.items():
                self._add(kind, messages)

    def _lost(self, error: KafkaError) -> None:
        self._fault = error.str()

    def _forget_fault_when_mended(self) -> None:
        """The client connects again by itself, and where nothing is written it would not be noticed."""
        if self._fault:
            with suppress(KafkaException):
                self._consumer.list_topics(self._connection.names.prefix + DECISIONS, timeout=ASK_TIMEOUT_S)
                self._fault = ""

    def _note(self, error: KafkaError, message: Message) -> None:
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            self._refusal = f"{message.topic()} cannot be read: {error.str()}"
            self._at_end.set()
        if error.code() != KafkaError._PARTITION_EOF:
            # The client connects again by itself: it is told, and goes on.
            self._fault = error.str()
            return
        self._fault = ""
        self._unread.discard((str(message.topic()), message.partition() or 0))
        if not self._unread:
            self._at_end.set()

    def _add(self, kind: str, messages: list[Message]) -> None:
        happenings = [self._told(kind, message) for message in messages[-KEPT:]]
        with self._lock:
            self._counts[kind] += len(messages)
            self._latest[kind].extend(each for each in happenings if each is not None)

    def _told(self, kind: str, message: Message) -> Happening | None:
        value = message.value()
        if kind == DEAD_LETTERS:
            pairs: Any = message.headers() or []
            return dead_letter({name: (content or b"").decode(errors="replace") for name, content in pairs})
        try:
            if kind == INVENTORY:
                return stock(decode_input(INVENTORY, value))
            notice = decode_notice(value or b"")
        except (msgspec.MsgspecError, Undecodable):
            return None
        if isinstance(notice, Decision):
            return decided(notice, self._places_of(notice, message.partition() or 0))
        return exception(notice)

    def _places_of(self, decision: Decision, partition: int) -> Places:
        """The clocks and the currency that the decision was taken by; read once for each reference set."""
        key = (decision.network, decision.data.set_id)
        if key not in self._places:
            try:
                reference = reference_of(self._connection, decision.network, partition)
                self._places[key] = Places(reference.entities_at(decision.data.set_id))
            except (SluiceError, UnreadableRow):
                # In UTC and without a currency it is still a decision; the next one asks again.
                return Places([])
        return self._places[key]
