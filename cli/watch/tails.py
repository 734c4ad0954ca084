"""Follows the ends of the topics that tell what happens, committed records only, in a thread of its own.

A busy router decides faster than anybody reads: every record is counted, and of each batch only the last few of each
topic are decoded.

A broker that hangs keeps its connections, and the client says nothing of it for a minute. So the leaders are asked for
the ends again and again, whether anything comes or not: Kafka is at fault from the first question without an answer
until the next one with an answer.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence

import msgspec
from confluent_kafka import OFFSET_END, KafkaError, KafkaException, Message, TopicPartition
from msgspec import Struct

from cli.reference.history import reference_of
from cli.shared.connection import Connection
from cli.shared.own_name import with_deployment
from cli.watch.happenings import Happening, dead_letter, decided, exception, stock
from cli.words.places import Places
from infra.errors import Refused, SluiceError
from infra.reading import PlaceReader, headers_of
from schemas.codec import Undecodable, decode_input, decode_notice
from schemas.kinds import DEAD_LETTERS, DECISIONS, EXCEPTIONS, INVENTORY
from schemas.notices import Decision

KINDS = (DECISIONS, EXCEPTIONS, DEAD_LETTERS, INVENTORY)
BATCH_RECORDS = 2_000
POLL_S = 0.1
KEPT = 20
READY_TIMEOUT_S = 10.0
ASK_EVERY_S = 1.0
ASK_TIMEOUT_S = 2.0
LATEST = -1
"""Asked for as a time, it is the end."""

NO_ANSWER = frozenset(
    {
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._TRANSPORT,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._ALL_BROKERS_DOWN,
    }
)
"""What the client calls it when nobody answers; what it heard from the connection says more."""


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
        self._heard = ""
        self._error: KafkaError | None = None
        self._unanswered_s = 0.0
        self._ask_at_s = 0.0
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
        self._ends = [TopicPartition(*place, LATEST) for place in sorted(self._unread)]
        self._consumer.assign([TopicPartition(*place, OFFSET_END) for place in sorted(self._unread)])
        self._thread = threading.Thread(target=self._run, name="tails", daemon=True)
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Until every end is known: what is written after this is seen.  Raises `Refused` where it may not be read."""
        self._at_end.wait(READY_TIMEOUT_S)
        if self._refusal:
            asking = with_deployment("doctor", "--role", "reader")
            raise Refused(f"{self._refusal}. `sluice {asking}` shows what this user may do")

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
        """Why not everything can be read at the moment, if so."""
        error = self._error
        if error is None:
            return ""
        if error.code() not in NO_ANSWER:
            return error.str()
        silence = f"no answer for {time.monotonic() - self._unanswered_s:.0f} s"
        return f"{silence}: {self._heard}" if self._heard else silence

    def close(self) -> None:
        self._is_ended = True
        self._thread.join()
        self._consumer.close()

    def _run(self) -> None:
        while not self._is_ended:
            first = self._consumer.poll(POLL_S)
            if first is not None:
                self._take_batch([first, *self._consumer.consume(BATCH_RECORDS, 0)])
            if time.monotonic() >= self._ask_at_s:
                self._ask()

    def _take_batch(self, messages: list[Message]) -> None:
        batches: dict[str, list[Message]] = {}
        for message in messages:
            error = message.error()
            if error is None:
                kind = str(message.topic()).removeprefix(self._connection.names.prefix)
                batches.setdefault(kind, []).append(message)
            else:
                self._note(error, message)
        for kind, records in batches.items():
            self._add(kind, records)

    def _lost(self, error: KafkaError) -> None:
        """The client connects again by itself; whether that mattered, the next question shows."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._heard = error.str()

    def _ask(self) -> None:
        """Every leader, so that one of several that hangs is missed, too."""
        asked_s = time.monotonic()
        try:
            answers = self._consumer.offsets_for_times(self._ends, ASK_TIMEOUT_S)
            error = next((each.error for each in answers if each.error is not None), None)
        except KafkaException as refused:
            error = refused.args[0]
        if error is None:
            self._heard = ""
        elif self._error is None:
            self._unanswered_s = asked_s
        self._error = error
        self._ask_at_s = asked_s + ASK_EVERY_S

    def _note(self, error: KafkaError, message: Message) -> None:
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            self._refusal = f"{message.topic()} cannot be read: {error.str()}"
            self._at_end.set()
        if error.code() != KafkaError._PARTITION_EOF:
            # The client tries again by itself: it is told, and goes on.
            self._heard = error.str()
            return
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
            return dead_letter(headers_of(message))
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
                reference = reference_of(self._connection, decision.network, partition, [decision])
                self._places[key] = Places(reference.get(decision.data.set_id, ()))
            except SluiceError:
                # In UTC and without a currency it is still a decision; the next one asks again.
                return Places([])
        return self._places[key]
