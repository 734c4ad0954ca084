"""A topic that somebody has deleted under a running router is named, with what to do."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from flows.port import PortFault, Remedy
from infra.kafka.broker import LocalKafka
from schemas.kinds import DECISIONS, JOURNAL
from tests.flows.kafka.port_world import WAIT_S, Real, until
from tests.side_by_side import takes


@takes(5)
def test_a_commit_that_waits_for_a_topic_that_is_gone_names_it(
    kafka: Any, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client goes on looking for it, and says only that something was not sent in time."""
    monkeypatch.setattr("flows.kafka.producer.TOPICS_TIMEOUT_S", WAIT_S)
    port = Real(kafka.bootstrap, prefix).port("one")
    producer = port.producer(0)
    producer.init(WAIT_S)

    def commit(timeout_s: float) -> None:
        producer.begin()
        for topic in (JOURNAL, DECISIONS):
            producer.produce(topic, 0, b"k", b"v", None)
        producer.commit(timeout_s)

    commit(WAIT_S)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.delete_topics([prefix + DECISIONS])[prefix + DECISIONS].result(WAIT_S)
    until(lambda: DECISIONS not in port.topics(WAIT_S))
    with pytest.raises(PortFault) as raised:
        commit(2)
    assert raised.value.remedy is Remedy.OPERATOR
    assert (
        f"the topic {prefix}{DECISIONS} does not exist; create it with `sluice topics`"
        in raised.value.sentence
    )
    producer.close()


@takes(5)
def test_a_commit_that_waits_for_a_broker_blames_no_topic(mortal_kafka: LocalKafka, prefix: str) -> None:
    producer = Real(mortal_kafka.bootstrap, prefix).port("one").producer(0)
    producer.init(WAIT_S)
    producer.begin()
    mortal_kafka.kill()
    producer.produce(DECISIONS, 0, b"k", b"v", None)
    with pytest.raises(PortFault) as raised:
        producer.commit(1)
    assert raised.value.remedy is Remedy.RETRY
    assert "topic" not in raised.value.sentence
