"""Clients that nobody polls between two questions, which may be hours apart: they keep nothing meanwhile."""

from __future__ import annotations

import weakref
from typing import Any

from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient

from flows.kafka.questions import KafkaQuestions
from flows.port import PortFault
from tests.flows.kafka.port_world import WAIT_S, until

OFTEN: dict[str, Any] = {"log_level": 0, "statistics.interval.ms": 1}
"""A report of the client's statistics every millisecond, as a user may want of other clients."""


def test_between_two_questions_no_report_is_kept(kafka: Any, prefix: str) -> None:
    told: list[str] = []
    settings = OFTEN | {"bootstrap.servers": kafka.bootstrap}
    another: Any = AdminClient(settings)
    questions = KafkaQuestions(settings | {"stats_cb": told.append}, prefix, "group", "")
    questions.topics(WAIT_S)
    until(lambda: len(another) > 10)
    questions.topics(WAIT_S)
    assert told == [], "what was kept is handed out with the next question"


def test_what_went_wrong_is_handed_out_with_the_next_question(kafka: Any, prefix: str) -> None:
    heard: list[KafkaError] = []
    nobody = {"log_level": 0, "bootstrap.servers": "127.0.0.1:1", "error_cb": heard.append}
    questions = KafkaQuestions(nobody, prefix, "group", "")

    def is_heard() -> bool:
        try:
            questions.topics(0.05)
        except PortFault:
            return heard != []
        raise AssertionError("nobody is there to answer")

    until(is_heard)


def test_a_question_that_nobody_waits_for_keeps_no_client() -> None:
    """Else a thread of the client would be the last to let go of it, for which librdkafka ends the whole process."""
    nobody = {"log_level": 0, "bootstrap.servers": "127.0.0.1:1"}
    questions = KafkaQuestions(nobody, "", "group", "")
    is_kept = weakref.ref(questions)
    questions.ends([TopicPartition("decisions", 0)], WAIT_S)
    del questions
    assert is_kept() is None
