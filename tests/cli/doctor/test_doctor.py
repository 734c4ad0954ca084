"""`sluice doctor` on a real broker: a healthy deployment is well, and every illness is found with its remedy."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from infra.committed import committed_offsets
from infra.kafka.broker import LocalKafka
from infra.kafka.ports import free_port
from schemas.placement import partition_of
from schemas.topics import Names
from tests.cli.running import Deployed, code_of
from tests.faults.stage import wait_for
from tests.published import Cluster, cluster

pytestmark = pytest.mark.kafka

SECRET = "correct-horse-battery"


def examined(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report."""
    capsys.readouterr()
    code = code_of("doctor", "--json", *arguments)
    return code, json.loads(capsys.readouterr().out)


def of(report: dict[str, Any], check: str) -> list[tuple[str, str]]:
    """Severity and sentence of each finding of one check."""
    return [(each["severity"], each["seen"]) for each in report["findings"] if each["check"] == check]


# --- well -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deployed(kafka: LocalKafka, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    return Deployed(kafka.bootstrap, "test-doctor.", tmp_path_factory.mktemp("doctor"))


def test_a_healthy_deployment_is_well(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    deployed.send(deployed.stock("SKU-1", 5))
    deployed.send(deployed.order("O-1", "SKU-1"))
    with deployed.router():
        deployed.stage.wait_until_done([])
        code, report = examined(capsys, *deployed.arguments)
    # How full this machine's disk is says nothing about the product.
    ill = [each for each in report["findings"] if each["severity"] != "ok" and each["check"] != "disk"]
    assert ill == []
    assert {each["check"] for each in report["findings"]} == {
        "brokers", "versions", "broker settings", "disk", "topics", "placement", "clocks", "access", "group",
        "lag", "transactions", "calendars", "routers",
    }  # fmt: skip
    assert (code, report["ok"]) == (0, True)
    assert ("ok", "broker 1 is Apache Kafka 4.3 (metadata.version up to 30)") in of(report, "versions")
    prefix = deployed.stage.prefix
    assert ("ok", f"{prefix}orders: the latest 1 records are where they belong (eu 1)") in of(
        report, "placement"
    )
    assert of(report, "group") == [("ok", f"1 router in group {prefix}router; every partition has one owner")]
    assert "is alive and ready, and decides 2 partitions" in of(report, "routers")[0][1]
    assert "GB are free in" in of(report, "disk")[0][1]


# --- ill ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outsider(kafka: LocalKafka) -> Iterator[Producer]:
    """Somebody else's program, which dies with a transaction open, as far as the broker can tell."""
    producer = Producer(
        {"bootstrap.servers": kafka.bootstrap, "transactional.id": "erp-loader", "log_level": 0}
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    yield producer
    # By now the broker may have ended it.
    with suppress(KafkaException):
        producer.abort_transaction(30)


@pytest.fixture(scope="module")
def ill(kafka: LocalKafka, outsider: Producer) -> Cluster:
    """Everything is wrong at once: settings, a producer that hashes otherwise, the outsider, and no router."""
    there = cluster(kafka.bootstrap, "test-doctor-ill.")
    names = there.connection.names
    for topic, setting, value in (
        ("journal", "retention.ms", "3600000"),
        ("fulfilment", "message.timestamp.type", "CreateTime"),
    ):
        entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, names.prefix + topic, incremental_configs=[entry])
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        for future in admin.incremental_alter_configs([resource]).values():
            future.result(30)
    wrong = 1 - partition_of("eu", 2)
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    producer.produce(names.prefix + "orders", b'{"network": "eu"}', b"eu", wrong)
    producer.produce(names.prefix + "fulfilment", b'{"network": "eu"}', b"S-1", 1 - wrong)
    assert producer.flush(30) == 0
    outsider.produce(names.prefix + "inventory", b'{"network": "eu"}', b"eu", 1 - wrong)
    assert outsider.flush(30) == 0
    return there


@pytest.fixture(scope="module")
def illnesses(ill: Cluster) -> dict[str, Any]:
    """One examination for all the tests below."""
    out = io.StringIO()
    page = f"http://watcher:{SECRET}@127.0.0.1:{free_port()}"
    with redirect_stdout(out):
        code = code_of("doctor", "--json", "--router", page, *ill.arguments)
    assert code == 1
    assert SECRET not in out.getvalue()
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


@pytest.fixture
def names(ill: Cluster) -> Names:
    return ill.connection.names


def finding(report: dict[str, Any], beginning: str) -> dict[str, str]:
    """The finding whose sentence begins so."""
    (found,) = [each for each in report["findings"] if each["seen"].startswith(beginning)]
    return dict(found)


def test_a_topic_with_a_wrong_retention_is_found(illnesses: dict[str, Any], names: Names) -> None:
    found = finding(illnesses, f"{names.prefix}journal: retention.ms is 3600000")
    assert (found["severity"], found["expected"]) == ("fail", "at least 2592000000")
    assert found["command"].endswith(
        f"--alter --topic {names.prefix}journal --add-config retention.ms=2592000000"
    )
    window = finding(illnesses, f"{names.prefix}journal is kept for 1 hour, ")
    assert window["severity"] == "warn"
    assert "what it has forgotten is not known again" in window["remedy"]


def test_a_topic_that_keeps_its_producers_time_is_found(illnesses: dict[str, Any], names: Names) -> None:
    found = finding(illnesses, f"{names.prefix}fulfilment: message.timestamp.type is CreateTime")
    assert (found["severity"], found["expected"]) == ("fail", "LogAppendTime")
    assert finding(
        illnesses, f"{names.prefix}fulfilment: 1 of the latest 1 records carry their producer's time"
    )


def test_a_record_on_the_wrong_partition_is_found_with_its_key_and_the_remedy(
    illnesses: dict[str, Any], names: Names
) -> None:
    home = partition_of("eu", 2)
    found = finding(
        illnesses, f"{names.prefix}orders/{1 - home} offset 0: a record of network 'eu' with key 'eu'"
    )
    assert found["severity"] == "fail"
    assert found["seen"].endswith(f"belongs on partition {home}")
    assert "partitioner=murmur2_random" in found["remedy"]
    assert found["command"].startswith("sluice dead-letters list --reason wrong_partition --kafka ")
    assert found["command"].endswith(f" --prefix {names.prefix}")


def test_a_key_that_is_no_network_is_found(illnesses: dict[str, Any], names: Names) -> None:
    found = finding(
        illnesses, f"{names.prefix}fulfilment: 1 key other than the network's name, such as 'S-1'"
    )
    assert found["severity"] == "warn"


def test_an_outsiders_open_transaction_is_found_with_his_name(
    illnesses: dict[str, Any], names: Names
) -> None:
    place = f"{names.prefix}inventory/{partition_of('eu', 2)}"
    found = finding(
        illnesses, f"{place}: the open transaction of 'erp-loader' holds readers back at offset 0"
    )
    assert found["severity"] == "fail"
    assert found["command"].endswith("describe --transactional-id erp-loader")
    assert "60 s after its begin at the latest" in found["remedy"]


def test_a_router_that_is_down_is_found(illnesses: dict[str, Any]) -> None:
    ((severity, seen),) = of(illnesses, "routers")
    assert severity == "fail"
    assert seen.endswith("does not answer: Connection refused")


def test_that_nobody_decides_is_found(illnesses: dict[str, Any], names: Names) -> None:
    found = finding(illnesses, f"nobody is in group {names.prefix}router")
    assert found["severity"] == "fail"
    assert found["command"].startswith("sluice run --kafka")


def test_where_no_broker_answers_the_routers_are_looked_at_all_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICE_KAFKA_SASL_PASSWORD", SECRET)
    nowhere = f"127.0.0.1:{free_port()}"
    code = code_of("doctor", "--kafka", nowhere, "--timeout", "0.5", "--router", f"127.0.0.1:{free_port()}")
    out = capsys.readouterr().out
    assert code == 1
    assert f"no broker answers at {nowhere}" in out
    assert "does not answer: Connection refused" in out
    assert "?." not in out, "a question ends with one mark"
    assert "Something is wrong: 2 wrong." in out
    assert SECRET not in out
    assert "\x1b" not in out, "no colour where there is no terminal"


def test_a_prefix_without_topics_is_told_with_the_command_that_makes_them(
    kafka: LocalKafka, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = examined(capsys, "--kafka", kafka.bootstrap, "--prefix", prefix)
    assert code == 1
    found = finding(report, f"there are no topics under '{prefix}'")
    assert found["command"] == f"sluice topics --kafka {kafka.bootstrap} --prefix {prefix}"


def test_a_warehouse_system_without_a_topic_is_told_with_the_command_that_makes_it(
    ill: Cluster, names: Names, capsys: pytest.CaptureFixture[str]
) -> None:
    _, report = examined(capsys, *ill.arguments, "--role", "warehouse", "--wms", "no-such")
    found = finding(report, f"{names.prefix}allocations.no-such: topic is missing")
    assert found["severity"] == "fail"
    assert "Is --wms right?" in found["remedy"]
    assert found["command"].startswith("sluice topics no-such --kafka ")


def test_who_sees_every_topic_is_told_of_each_that_is_missing_whatever_his_role(
    kafka: LocalKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    there = cluster(kafka.bootstrap, "test-doctor-half.")
    journal = f"{there.connection.names.prefix}journal"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    admin.delete_topics([journal])[journal].result(30)
    wait_for(lambda: journal not in admin.list_topics(timeout=10).topics, "the journal to be gone")
    _, report = examined(capsys, *there.arguments, "--role", "shop")
    assert finding(report, f"{journal}: topic is missing")["severity"] == "fail"


def test_a_transaction_that_a_dead_router_left_open_keeps_no_lag_from_being_told(ill: Cluster) -> None:
    properties = {**ill.connection.properties, "log_level": 0}
    place = TopicPartition(ill.connection.names.prefix + "orders", 0, 3)
    group = ill.connection.names.prefix + "open"
    member = Consumer({**properties, "group.id": group})
    router = Producer({**properties, "transactional.id": group})
    router.init_transactions(30)
    router.begin_transaction()
    router.send_offsets_to_transaction([place], member.consumer_group_metadata(), 30)
    try:
        assert committed_offsets(properties, group, [place], 45, waits_for_transactions=False) == {
            (place.topic, 0): None
        }
        with pytest.raises(KafkaException, match="Timed out"):
            committed_offsets(properties, group, [place], 0.5)
    finally:
        router.abort_transaction(30)
        member.close()


def test_a_name_that_no_warehouse_system_can_have_is_a_faulty_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code_of("doctor", "--role", "warehouse", "--wms", "two words", "--kafka", "127.0.0.1:1") == 2
    assert "--wms: 'two words' cannot name a warehouse system" in capsys.readouterr().err


def test_an_address_that_is_none_is_a_faulty_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert code_of("doctor", "--router", "router-1") == 2
    assert "expected http://host:port" in capsys.readouterr().err
