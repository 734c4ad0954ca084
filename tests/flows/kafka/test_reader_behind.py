"""A reader whose client is behind: what it says of the end, and of what is read, is not believed at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

from flows.kafka import reader
from flows.kafka.questions import Asked
from flows.kafka.reader import KafkaReader
from flows.kafka.reports import BrokerErrors
from flows.port import Place
from schemas.kinds import LEDGER
from tests.flows.kafka.port_world import until
from tests.promises import promise

LEDGER_0 = Place(LEDGER, 0)
END = 9
"""Of the leader, behind a control marker."""


class Replica:
    """In the client's place: `messages` are what it hands out next."""

    def __init__(self, _settings: Any) -> None:
        self.messages: list[Any] = []
        self._position = -1

    def list_topics(self, timeout: float) -> None: ...

    def assign(self, places: Sequence[TopicPartition]) -> None: ...

    def consume(self, num_messages: int, timeout: float) -> list[Any]:
        taken, self.messages = self.messages, []
        for message in taken:
            if message.error() is None:
                self._position = message.offset() + 1
        return taken

    def position(self, places: Sequence[TopicPartition]) -> list[Any]:
        return [SimpleNamespace(offset=self._position) for _ in places]


class Message:
    """A record, or with an error an event of its place."""

    def __init__(self, offset: int, code: int | None = None) -> None:
        self._offset = offset
        self._error = None if code is None else KafkaError(code)

    def error(self) -> KafkaError | None:
        return self._error

    def topic(self) -> str:
        return f"p.{LEDGER}"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes:
        return b"key"

    def value(self) -> bytes:
        return b"row"


def end_of_partition(at: int) -> Message:
    return Message(at, KafkaError._PARTITION_EOF)


def told(there: Sequence[TopicPartition]) -> Asked:
    """The end, as the leader tells it."""
    answer: Future[Any] = Future()
    answer.set_result(SimpleNamespace(offset=END))
    return dict.fromkeys(there, answer)


@pytest.fixture(autouse=True)
def replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PlaceReader", Replica)
    monkeypatch.setattr(reader, "Message", Message)


def test_the_end_of_a_replica_that_is_behind_is_not_the_end() -> None:
    """`client.rack` lets it fetch from a follower, and a leader may be none any more.  Whoever stopped there would
    restore without the last rows, and stop or, with the head gone as well, decide.
    """
    it = KafkaReader({}, "p.", BrokerErrors(), told, 1.0)
    replica: Any = it._consumer
    it.assign({LEDGER_0: 0})
    replica.messages = [Message(4), end_of_partition(6)]
    assert [record.offset for record in it.read(100, 0.0)] == [4]
    assert not it.at_end()
    replica.messages = [Message(7), end_of_partition(END)]
    assert [record.offset for record in it.read(100, 0.0)] == [7]
    assert it.at_end()
    it.assign({LEDGER_0: 8})
    assert not it.at_end(), "what a fetch has found before tells nothing of what is there now"


@promise("P2")
def test_where_reading_had_come_before_it_began_anew_is_not_where_it_is_now() -> None:
    """The client takes a while to forget it.  Whoever believed it would take a stretch of the journal that is not read
    yet for read, and know nothing of the inputs that were accepted there.
    """
    it = KafkaReader({}, "p.", BrokerErrors(), told, 1.0)
    replica: Any = it._consumer
    it.assign({LEDGER_0: 6})
    replica.messages = [Message(8)]
    it.read(100, 0.0)
    assert it.at_end()
    it.assign({LEDGER_0: 2})
    assert not it.at_end()
    replica.messages = [Message(8), end_of_partition(END)]
    it.read(100, 0.0)
    assert it.at_end()


def test_an_end_that_is_never_told_is_asked_for_again() -> None:
    """A client that was refused is replaced, and what else it was asked nobody answers any more."""
    answers = [dict.fromkeys([TopicPartition(f"p.{LEDGER}", 0)], Future[Any]())]
    it = KafkaReader({}, "p.", BrokerErrors(), lambda there: answers.pop() if answers else told(there), 0.0)
    replica: Any = it._consumer
    it.assign({LEDGER_0: 0})
    replica.messages = [Message(8)]
    it.read(100, 0.0)
    until(it.at_end)
