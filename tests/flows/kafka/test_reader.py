"""What a reader says of a log that no longer has what it was told to read, on a real broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from flows.kafka.questions import Asked, KafkaQuestions
from flows.kafka.reader import KafkaReader
from flows.kafka.reports import BrokerErrors
from flows.kafka.settings import RESTORING, merged
from flows.port import Place, PortFault
from schemas.kinds import ORDERS
from tests.flows.kafka.port_world import WAIT_S, Real, until

ORDERS_0 = Place(ORDERS, 0)
RECORDS = 3


class Log:
    """A few records, and a reader that tells which ends it was told."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        client: dict[str, Any] = {"bootstrap.servers": bootstrap, "log_level": 0}
        settings = merged(RESTORING, client)
        self._admin = AdminClient(client)
        self._there = prefix + ORDERS
        self._questions = KafkaQuestions(settings, prefix, "group", "")
        self.asked: list[Asked] = []
        Real(bootstrap, prefix).append(ORDERS_0, *[b"%d" % number for number in range(RECORDS)])
        self.reader = KafkaReader(settings, prefix, BrokerErrors(), self._ask_ends, WAIT_S)

    def cut_before(self, offset: int) -> None:
        """As retention does it."""
        for cut in self._admin.delete_records([TopicPartition(self._there, 0, offset)]).values():
            cut.result(WAIT_S)

    def ends(self) -> list[int]:
        """All that the reader was told so far, waited for."""
        return [answer.result(WAIT_S).offset for asked in self.asked for answer in asked.values()]

    def _ask_ends(self, there: Sequence[TopicPartition]) -> Asked:
        self.asked.append(self._questions.ends(there, WAIT_S))
        return self.asked[-1]


@pytest.fixture
def log(kafka: Any, prefix: str) -> Iterator[Log]:
    log = Log(kafka.bootstrap, prefix)
    yield log
    log.reader.close()


def require_told(reader: KafkaReader) -> None:
    """Reading on says that the offset is not there."""
    with pytest.raises(PortFault, match=r"could not read .*orders back: .*[Oo]ffset.*out of range"):
        until(lambda: reader.read(100, 0.02) != [])


def test_a_log_that_ends_before_what_is_known_of_it_is_not_read_to_its_end(log: Log) -> None:
    """Its end was lost, or the topic was made anew: whoever took that for the end would go on without the rows."""
    log.reader.assign({ORDERS_0: 50})
    assert log.ends() == [RECORDS]
    assert not log.reader.at_end()
    assert log.ends() == [RECORDS, RECORDS], "asked again: the first answer may be older than what is known"
    assert not log.reader.at_end()
    require_told(log.reader)


def test_a_log_whose_beginning_was_cut_is_not_read_from_where_it_begins_now(log: Log) -> None:
    log.cut_before(2)
    log.reader.assign({ORDERS_0: 0})
    assert log.ends() == [RECORDS]
    assert not log.reader.at_end()
    require_told(log.reader)


def test_a_log_that_was_cut_to_its_end_is_not_taken_for_an_empty_one(log: Log) -> None:
    log.cut_before(RECORDS)
    log.reader.assign({ORDERS_0: 0})
    assert log.ends() == [RECORDS]
    assert not log.reader.at_end()
    require_told(log.reader)
