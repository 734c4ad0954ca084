"""`sluice finalise` on a real broker: it shows, asks, refuses what would go wrong, and says what is left."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from cli.finalise.survey import heads, is_of_this_release
from cli.main import main
from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from infra.kafka.broker import LocalKafka
from infra.members import GroupMember
from schemas.codec import encode_key, encode_row, row_encoder
from schemas.formats import CLIENT_ID, FORMAT
from schemas.reference import FormatFinalisedEvent
from schemas.rows import HeadRow, row_key
from schemas.topics import REFERENCE, ROUTER_STATE, Names
from tests.cli.running import Deployed, code_of
from tests.faults.stage import wait_for

PARTITIONS = 3


class Deployment:
    """Topics that release 0.1 has created, and the heads that it has left."""

    def __init__(self, kafka: LocalKafka, prefix: str) -> None:
        self.arguments = ("--kafka", kafka.bootstrap, "--prefix", prefix)
        properties = {"bootstrap.servers": kafka.bootstrap}
        admin = AdminClient({**properties, "log_level": 0})
        self.connection = Connection(properties, Names(prefix), PARTITIONS, admin)
        self.topics = self.connection.topics
        self.topics.create_missing(PARTITIONS)
        self.topics.record_format(FORMAT - 1)

    def leave_head(self, partition: int, in_format: int) -> None:
        head = HeadRow(partition, 7, 1, 1, (), in_format)
        self.write(partition, encode_key(row_key(head)), row_encoder(in_format)(head))

    def write(self, partition: int, key: bytes, value: bytes) -> None:
        producer = Producer(dict(self.connection.properties))
        producer.produce(self.connection.names.of(ROUTER_STATE), key=key, value=value, partition=partition)
        assert producer.flush(30) == 0

    def finalise(self, *options: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["finalise", *self.arguments, *options])
        return ended.value.code if isinstance(ended.value.code, int) else 0

    def sent(self) -> list[FormatFinalisedEvent]:
        """The records on the reference topic, each on the partition that it is about."""
        events = []
        for message in read_topic(self.connection, REFERENCE, range(PARTITIONS)):
            event = msgspec.json.decode(message.value() or b"", type=FormatFinalisedEvent)
            assert event.data.partition == message.partition()
            events.append(event)
        return events


@pytest.fixture
def deployment(kafka: LocalKafka, prefix: str) -> Deployment:
    return Deployment(kafka, prefix)


def test_it_shows_what_it_would_do_and_does_nothing_unasked(
    deployment: Deployment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.leave_head(0, FORMAT - 1)
    deployment.leave_head(2, FORMAT - 1)
    assert deployment.finalise("--dry-run") == 0
    out = capsys.readouterr().out
    assert f"Partitions in format {FORMAT - 1}: 0, 2." in out
    assert "Routers that run: 0" in out
    assert "no way back" in out
    assert deployment.finalise("--dry-run", "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"format": FORMAT, "is_final": False}
    assert told.err == out
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115 - closed with the process
    assert deployment.finalise() == 2
    assert "Say --yes" in capsys.readouterr().err
    assert deployment.sent() == []


def test_without_a_router_the_records_wait_and_the_upgrade_is_not_called_final(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.leave_head(0, FORMAT - 1)
    deployment.leave_head(1, FORMAT)
    assert deployment.finalise("--yes") == 1
    told = capsys.readouterr()
    assert "is sent, and cannot be called back" in told.out, (
        "whoever ends it with Ctrl-C from here on must know"
    )
    assert "not taken up yet in partitions 0" in told.err
    assert [(event.data.partition, event.data.format) for event in deployment.sent()] == [(0, FORMAT)]
    layout = deployment.topics.recorded_layout()
    assert layout is not None
    assert layout.format == FORMAT - 1
    deployment.leave_head(0, FORMAT)
    assert deployment.finalise("--yes") == 0
    layout = deployment.topics.recorded_layout()
    assert layout is not None
    assert (layout.format, layout.partitions) == (FORMAT, PARTITIONS)
    assert len(deployment.sent()) == 1, "what is finalised is not told again"

    # And much later, beside a release that is newer still.
    head = HeadRow(1, 7, 1, 1, (), FORMAT + 1, "sluice 0.3.0")
    deployment.write(1, encode_key(row_key(head)), encode_row(head).replace(b"head.2", b"head.3"))
    assert deployment.finalise("--yes") == 1
    assert f"A later release is at work here: its state is in format {FORMAT + 1}" in capsys.readouterr().err


def test_a_partition_that_has_decided_nothing_is_finalised_with_the_others(
    kafka: LocalKafka, prefix: str, tmp_path: Path
) -> None:
    """The router that runs would begin it in the format that was in force when it started."""
    deployed = Deployed(kafka.bootstrap, prefix, tmp_path)
    deployed.stage.topics.record_format(FORMAT - 1)
    connection = deployed.stage.connection
    with deployed.router():
        wait_for(lambda: bool(heads(connection)), "the network to be taken up on its partition")
        ((_, decided),) = heads(connection).items()
        assert decided.format == FORMAT - 1
        assert code_of("finalise", "--yes", *deployed.kafka) == 0
        assert {head.format for head in heads(connection).values()} == {FORMAT}
        assert heads(connection).keys() == {0, 1}


@pytest.mark.parametrize(
    ("client_id", "is_new"),
    [(CLIENT_ID, True), (f"{CLIENT_ID}@1795000000000", True), ("rdkafka", False), ("sluice-0.1.0", False)],
)
def test_a_router_is_known_by_its_client_id(client_id: str, is_new: bool) -> None:
    assert is_of_this_release(GroupMember("sluice.router", "1", client_id, "/10.0.0.1")) is is_new
