"""`sluice doctor` on a cluster of two brokers: one that hangs or is gone is named, and hides nothing of the other."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from infra.committed import committed_offsets
from infra.kafka.broker import LocalKafka
from infra.kafka.directory import BrokerDirectory
from infra.kafka.ports import free_port
from tests.cli.running import ROOT
from tests.faults.stage import wait_for
from tests.side_by_side import takes, together

pytestmark = [pytest.mark.kafka, together("two brokers"), takes(8)]

# Longer than the tests of a broker that hangs: the cluster must still believe that it is there.
SESSION = {"broker.session.timeout.ms": "60000"}
OFFSETS = "__consumer_offsets"


class Pair:
    """Two brokers of one cluster, the first of which leads it."""

    def __init__(self, one: LocalKafka, two: LocalKafka) -> None:
        self.one, self.two = one, two
        self.admin = AdminClient({"bootstrap.servers": one.bootstrap, "log_level": 0})

    def listed(self) -> set[int]:
        """The brokers that the first one tells of."""
        try:
            return set(self.admin.list_topics(timeout=5).brokers)
        except KafkaException:
            return set()

    @contextmanager
    def second_hangs(self) -> Iterator[None]:
        """Its process stands still: its port takes connections as before."""
        os.kill(self.two.process_id, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.two.process_id, signal.SIGCONT)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    directory = tmp_path_factory.mktemp("pair")
    broker, controller = free_port(), free_port()
    voters = {"controller.quorum.voters": f"1@127.0.0.1:{controller}"}
    listeners = f"PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}"
    with LocalKafka(directory / "one", broker, {**SESSION, **voters, "listeners": listeners}) as one:
        other = free_port()
        member = {"process.roles": "broker", "node.id": "2", "listeners": f"PLAINTEXT://127.0.0.1:{other}"}
        joins(directory / "one", directory / "two")
        with LocalKafka(directory / "two", other, {**SESSION, **voters, **member}) as two:
            pair = Pair(one, two)
            wait_for(lambda: pair.listed() == {1, 2}, "both brokers to be listed")
            created = pair.admin.create_topics([NewTopic("test-pair.orders", 1, 2)])
            created["test-pair.orders"].result(30)
            yield pair


def joins(first: Path, second: Path) -> None:
    """Format a directory for another broker of the cluster whose first broker has the other directory."""
    lines = (BrokerDirectory(first).data / "meta.properties").read_text().splitlines()
    (cluster,) = [line for line in lines if line.startswith("cluster.id=")]
    directory = BrokerDirectory(second)
    directory.data.mkdir(parents=True)
    written = ("version=1", cluster, "node.id=2", f"directory.id={uuid4().hex[:22]}")
    (directory.data / "meta.properties").write_text("\n".join(written) + "\n")
    directory.mark_formatted()


def examined(pair: Pair, *arguments: str) -> dict[str, Any]:
    """The report, asked for by way of the first broker, by a process of its own as people do."""
    doctor = [sys.executable, "-m", "cli.main", "doctor", "--json", "--kafka", pair.one.bootstrap]
    ended = subprocess.run(
        [*doctor, "--prefix", "test-pair.", *arguments],
        stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def of(report: dict[str, Any], check: str) -> list[tuple[str, str]]:
    """Severity and sentence of each finding of one check."""
    return [(each["severity"], each["seen"]) for each in report["findings"] if each["check"] == check]


def test_each_broker_is_asked_for_its_settings(pair: Pair) -> None:
    told = of(examined(pair), "broker settings")
    assert {seen.partition(":")[0] for _, seen in told} == {"broker 1", "broker 2"}


def test_two_brokers_that_live_are_well(pair: Pair) -> None:
    told = of(examined(pair), "brokers")
    assert told[:2] == [
        ("ok", f"broker 1 answers at {pair.one.bootstrap}"),
        ("ok", f"broker 2 answers at {pair.two.bootstrap}"),
    ]
    assert "fail" not in {severity for severity, _ in told}


def test_a_broker_that_hangs_is_named_although_its_port_takes_connections(pair: Pair) -> None:
    with pair.second_hangs():
        report = examined(pair, "--timeout", "5")
    told, settings = of(report, "brokers"), of(report, "broker settings")
    assert ("ok", f"broker 1 answers at {pair.one.bootstrap}") in told
    assert (
        "fail",
        f"broker 2 takes connections at {pair.two.bootstrap} and answers nothing: it hangs",
    ) in told
    assert ("unknown", "broker 2 does not answer") in settings
    assert {seen.partition(":")[0] for _, seen in settings} == {"broker 1", "broker 2 does not answer"}


ASKS = """
import sys
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from cli.doctor.deployment import Deployment
from flows.config import RouterConfig, RunConfig
from schemas.topics import Names
from state.limits import Limits

properties = {"bootstrap.servers": sys.argv[1], "log_level": 0}
config = RunConfig(router=RouterConfig(), limits=Limits())
deployment = Deployment(AdminClient(properties), properties, Names(sys.argv[2]), config, timeout_s=1.0)
try:
    deployment.described_group()
except (KafkaException, TimeoutError):
    print("unanswered", flush=True)
sys.stdin.readline()
deployment.timeout_s = 45.0
deployment.described_group()
"""
"""A process of its own: what is feared would end it."""


def prefix_of_the_second(pair: Pair) -> str:
    """One whose routers' group is the second broker's to coordinate, which does so already."""

    def is_coordinated(group: str) -> bool:
        properties, place = {"bootstrap.servers": pair.one.bootstrap}, TopicPartition("test-pair.orders", 0)
        try:
            committed_offsets(properties, group, [place], 45)
        except KafkaException:
            return False
        return True

    wait_for(lambda: is_coordinated("test-pair.first"), "the topic of the coordinators")
    offsets = pair.admin.list_topics(OFFSETS, timeout=45).topics[OFFSETS].partitions
    names = (f"test-pair-{number}." for number in count())
    prefix = next(name for name in names if offsets[java_hash(f"{name}router") % len(offsets)].leader == 2)
    wait_for(lambda: is_coordinated(f"{prefix}router"), "the second broker to coordinate")
    return prefix


def java_hash(text: str) -> int:
    """By which a group is given to a partition of its coordinators' topic."""
    value = 0
    for letter in text:
        value = (31 * value + ord(letter)) & 0xFFFFFFFF
    return value if value < 1 << 31 else (1 << 32) - value


def test_whoever_asks_for_the_group_survives_that_its_coordinator_comes_back(pair: Pair) -> None:
    prefix = prefix_of_the_second(pair)
    command = [sys.executable, "-c", ASKS, pair.one.bootstrap, prefix]
    with pair.second_hangs():
        asking = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert asking.stdout is not None
        assert asking.stdout.readline() == "unanswered\n"
    asking.communicate("\n")
    assert asking.returncode == 0


# Last: to come back, the broker would have to wait until its session is over.
def test_a_broker_that_the_cluster_lists_no_more_is_named_as_long_as_it_is_to_hold_copies(pair: Pair) -> None:
    pair.two.stop()
    # At once where it could say that it goes; where it had to be killed, when its session is over.
    wait_for(lambda: pair.listed() == {1}, "the second broker to be listed no more", timeout_s=90)
    told = of(examined(pair), "brokers")
    (absent,) = [seen for severity, seen in told if severity == "fail" and seen.startswith("broker 2 ")]
    # Topics of Kafka's own may be there, too.
    assert re.fullmatch(r"broker 2 is to hold copies of \d+ partitions?, and is not in the cluster", absent)
