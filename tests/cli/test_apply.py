"""`sluice apply` on a real broker: what changed, as one set, in one transaction."""

from __future__ import annotations

import json
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from cli.main import INTERRUPTED, main
from cli.network_dir.reading import network_of
from cli.reference.publish import ReferenceLog, publish_set
from cli.reference.set_records import set_records
from cli.reference.sets import InForce, ReferenceSet, set_of
from cli.shared.connection import Connection
from infra.errors import ConfigurationError, SluiceError
from infra.kafka.broker import LocalKafka
from schemas.notices import SetActivated, SetOutcomeData, SetRefused
from schemas.placement import partition_of
from schemas.topics import Names
from tests.cli.network_dir.small import TODAY, edited, write_small

PARTITIONS = 3


class Cluster:
    """A prefix of its own on the shared broker."""

    def __init__(self, kafka: LocalKafka, prefix: str) -> None:
        self.properties = {"bootstrap.servers": kafka.bootstrap}
        self.arguments = ("--kafka", kafka.bootstrap, "--prefix", prefix)
        self.names = Names(prefix)
        admin = AdminClient({**self.properties, "log_level": 0})
        self.connection = Connection(self.properties, self.names, PARTITIONS, admin)
        self.topics = self.connection.topics

    def log(self) -> ReferenceLog:
        return ReferenceLog(self.connection, "eu")


@pytest.fixture
def cluster(kafka: LocalKafka, prefix: str) -> Cluster:
    cluster = Cluster(kafka, prefix)
    cluster.topics.create_missing(PARTITIONS)
    return cluster


def apply(cluster: Cluster, directory: Path, *options: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["apply", str(directory), *cluster.arguments, *options])
    return ended.value.code if isinstance(ended.value.code, int) else 0


def test_what_is_published_is_in_force_and_needs_no_second_set(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = write_small(tmp_path / "network")
    assert apply(cluster, directory, "--yes") == 0
    out = capsys.readouterr().out
    assert "+ 2 pools: dc-paris, store-lyon\n" in out
    assert "! network eu is new here: nothing of that name is in force\n" in out
    assert f"created topic {cluster.names.allocations('manhattan')}\n" in out
    assert "It takes effect when a router reads it" in out
    assert cluster.topics.verify(["manhattan", "storeapp"]) == []
    assert apply(cluster, directory, "--yes") == 0
    assert "Nothing to change" in capsys.readouterr().out
    with cluster.log() as log:
        in_force = log.in_force()
    assert in_force.commits == 1
    assert set_of(in_force, network_of(directory, datetime.now(UTC).date()).entities) is None


def test_a_second_set_holds_only_what_changed(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(cluster, write_small(tmp_path / "network"), "--yes")
    capsys.readouterr()
    lanes = edited("lanes.csv", "4.90", "5.10")
    assert apply(cluster, write_small(tmp_path / "network", lanes_csv=lanes), "--yes", "--wait", "0") == 0
    out = capsys.readouterr().out
    assert "~ lane dc-paris/FR/standard/colissimo: fixed 4.90 -> 5.10\n" in out
    assert "Published set 2-" in out
    assert ": 1 change.\n" in out


def test_a_program_reads_what_came_of_it_and_a_person_all_else(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = write_small(tmp_path / "network")
    for options, outcome in (
        (["--dry-run"], "not_published"),
        (["--yes"], "published"),
        (["--yes"], "unchanged"),
    ):
        assert apply(cluster, directory, "--json", *options) == 0
        told = capsys.readouterr()
        report = json.loads(told.out)
        assert (report["network"], report["outcome"]) == ("eu", outcome)
        assert (report["changes"] == 0) == (outcome == "unchanged")
        assert ("+ 2 pools: dc-paris, store-lyon\n" in told.err) == (outcome != "unchanged")
    with cluster.log() as log:
        assert log.in_force().set_id == report["set_id"]


def test_a_dry_run_and_an_unanswered_question_publish_nothing(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = write_small(tmp_path / "network")
    assert apply(cluster, directory, "--dry-run") == 0
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115 - closed with the process
    assert apply(cluster, directory) == 2
    assert "Say --yes" in capsys.readouterr().err
    with cluster.log() as log:
        assert log.in_force().commits == 0


def test_a_faulty_directory_is_refused_with_its_faults(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = write_small(tmp_path / "network", items_csv="sku,unit\nA,KG\n")
    assert apply(cluster, directory, "--yes") == 2
    assert 'items.csv:2: unit "KG" is no UN/CEFACT unit code' in capsys.readouterr().err
    with cluster.log() as log:
        assert log.in_force().commits == 0


def test_topics_that_do_not_exist_are_said_with_the_remedy(
    kafka: LocalKafka, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(Cluster(kafka, prefix), write_small(tmp_path / "network"), "--yes") == 1
    there = f"--kafka {kafka.bootstrap} --prefix {prefix}"
    assert f"`sluice topics {there}` creates them" in capsys.readouterr().err


def test_of_two_that_apply_at_once_the_later_one_wins_and_the_earlier_is_told(
    cluster: Cluster, tmp_path: Path
) -> None:
    network = network_of(write_small(tmp_path / "network"), TODAY)
    with cluster.log() as earlier:
        reference_set = set_of(earlier.in_force(), network.entities)
        assert reference_set is not None
        assert publish_set(network, cluster.connection) is not None
        with pytest.raises(SluiceError, match="Somebody else applied network eu meanwhile"):
            earlier.publish(reference_set, datetime.now(UTC))
    with cluster.log() as log:
        assert log.in_force().commits == 1


def test_ctrl_c_while_a_report_is_delivered_ends_as_ctrl_c_and_publishes_nothing(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(Producer):
        def produce(self, *arguments: Any, **named: Any) -> None:
            def delivered(_error: Any, _message: Any) -> None:
                signal.raise_signal(signal.SIGINT)

            super().produce(*arguments, **named | {"on_delivery": delivered})

    directory = write_small(tmp_path / "network")
    with monkeypatch.context() as patched:
        patched.setattr("cli.reference.publish.Producer", Interrupted)
        assert apply(cluster, directory, "--yes") == INTERRUPTED
    assert "Traceback" not in capsys.readouterr().err
    with cluster.log() as log:
        assert log.in_force().commits == 0


def test_a_commit_that_nobody_answers_is_not_called_undone(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unanswered(Producer):
        def commit_transaction(self, *arguments: Any) -> None:
            super().commit_transaction(*arguments)
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "no answer", retriable=True))

    directory = write_small(tmp_path / "network")
    with monkeypatch.context() as patched:
        patched.setattr("cli.reference.publish.Producer", Unanswered)
        assert apply(cluster, directory, "--yes") == 1
    told = capsys.readouterr().err
    assert "Whether the set was published is not known: no answer. Apply once more" in told
    assert "nothing of it was published" not in told
    assert apply(cluster, directory, "--yes") == 0
    assert "Nothing to change" in capsys.readouterr().out


@pytest.mark.parametrize("kind", [SetActivated, SetRefused])
def test_the_routers_answer_is_waited_for(kind: Any, cluster: Cluster, tmp_path: Path) -> None:
    network = network_of(write_small(tmp_path / "network"), TODAY)
    with cluster.log() as log:
        answers = log.answers()
        published = publish_set(network, cluster.connection)
        assert published is not None
        set_id = published.commit.set_id
        data = SetOutcomeData(set_id=set_id, members=1, reasons=[])
        notice = kind(id="n", time="2026-11-23T12:00:00.000Z", network="eu", sequence=1, data=data)

        def answer() -> None:
            time.sleep(0.3)
            producer = Producer({**cluster.properties, "log_level": 0})
            producer.produce(
                f"{cluster.names.prefix}exceptions",
                msgspec.json.encode(notice),
                partition=partition_of("eu", PARTITIONS),
            )
            producer.flush(10)

        answering = threading.Thread(target=answer)
        answering.start()
        assert answers.of(set_id, wait_s=45) == notice
        answering.join()
        assert answers.of("another-set", wait_s=0.2) is None


def test_a_message_that_cannot_be_kept_is_refused_before_anything_is_published(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = write_small(tmp_path / "network")
    assert apply(cluster, directory, "--yes", "--message", "x" * 1025) == 2
    assert "--message has 1,025 characters, at most 1,024 are kept with a set; shorten it" in (
        capsys.readouterr().err
    )
    with cluster.log() as log:
        assert log.in_force().commits == 0
    assert apply(cluster, directory, "--yes", "--message", "x" * 1024) == 0


def test_no_record_is_published_that_a_router_could_not_read(cluster: Cluster, tmp_path: Path) -> None:
    network = network_of(write_small(tmp_path / "network"), TODAY)
    with pytest.raises(
        ConfigurationError, match=r"is no record that a router takes, .* at `\$\.data\.message`"
    ):
        publish_set(network, cluster.connection, message="x" * 1025)
    with cluster.log() as log:
        assert log.in_force() == InForce()


def test_a_record_of_the_set_that_comes_back_as_a_dead_letter_is_a_refusal(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an older router would give back a commit that it cannot read."""
    publish = ReferenceLog.publish

    def publish_and_return(log: ReferenceLog, reference_set: ReferenceSet, now: datetime) -> None:
        publish(log, reference_set, now)
        (*_, commit) = set_records("eu", reference_set, now)
        producer = Producer({**cluster.properties, "log_level": 0})
        producer.produce(
            f"{cluster.names.prefix}dead-letters",
            commit.value,
            headers=[("topic", b"reference"), ("reason", b"invalid_field"), ("detail", b"too long")],
            partition=partition_of("eu", PARTITIONS),
        )
        producer.flush(10)

    monkeypatch.setattr(ReferenceLog, "publish", publish_and_return)
    monkeypatch.setattr("cli.apply._router_runs", lambda *_: True)
    assert apply(cluster, write_small(tmp_path / "network"), "--yes", "--wait", "45s") == 1
    told = capsys.readouterr().err
    assert told.startswith("sluice: The router refused set 1-")
    assert told.endswith("/committed came back as a dead letter, invalid_field: too long\n")
