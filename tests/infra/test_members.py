"""Who is in a consumer group: told by name, and asked without harm while a broker goes and comes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from flows.kafka.questions import KafkaQuestions
from infra.kafka.broker import LocalKafka
from tests.flows.kafka.port_world import WAIT_S, Real, joined
from tests.side_by_side import takes

ASKING = 3
RESTARTS = 2

pytestmark = pytest.mark.kafka

ASKS = """
import sys, threading
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from infra.members import group_members

admin = AdminClient({"bootstrap.servers": sys.argv[1], "log_level": 0, "reconnect.backoff.max.ms": 200})
is_over = threading.Event()

def ask():
    told = 0
    while not is_over.is_set():
        try:
            told = told + 1 if group_members(admin, 1.0, sys.argv[2].__eq__) else 0
        except KafkaException:
            told = 0
        if told == 100:
            # In one piece: print writes the end of a line by itself, and another thread may come between.
            sys.stdout.write("told\\n")
            sys.stdout.flush()

asking = [threading.Thread(target=ask) for _ in range(int(sys.argv[3]))]
for each in asking:
    each.start()
sys.stdin.read()
is_over.set()
for each in asking:
    each.join()
"""
"""A process of its own: what is feared would end it."""


def left_behind(kafka: LocalKafka, prefix: str) -> None:
    """A member that has gone without a word, and is one for a minute more."""
    world = Real(kafka.bootstrap, prefix, static=True, session_timeout_ms=60_000)
    joined(world, "shop-1").consumer.close()


def test_who_died_under_a_name_is_no_other_for_who_has_it_now(kafka: LocalKafka, prefix: str) -> None:
    left_behind(kafka, prefix)

    def others(instance: str) -> int:
        client: dict[str, Any] = {"bootstrap.servers": kafka.bootstrap}
        return KafkaQuestions(client, prefix, f"{prefix}router", instance).others(WAIT_S)

    assert {name: others(name) for name in ("shop-1", "shop", "shop-1-1", "")} == {
        "shop-1": 0, "shop": 1, "shop-1-1": 1, "": 1,
    }  # fmt: skip


@takes(10)
def test_whoever_asks_survives_a_broker_that_goes_and_comes(mortal_kafka: LocalKafka, prefix: str) -> None:
    left_behind(mortal_kafka, prefix)
    command = [sys.executable, "-c", ASKS, mortal_kafka.bootstrap, f"{prefix}router", str(ASKING)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as asking:
        assert asking.stdout is not None
        for _ in range(RESTARTS):
            for _thread in range(ASKING):
                assert asking.stdout.readline() == b"told\n"
            mortal_kafka.stop()
            mortal_kafka.start()
        asking.communicate()
        assert asking.returncode == 0
