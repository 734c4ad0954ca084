"""Topics on the real broker: created as the table says, and every way to be wrong is found and explained."""

import time
from collections.abc import Callable

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from infra.errors import ConfigurationError, SluiceError
from infra.kafka.broker import LocalKafka
from infra.layout import Layout
from infra.topics import Topics
from schemas.formats import FORMAT, FORMAT_UNRECORDED
from schemas.topics import FIXED, Names
from tests.infra.test_kafka import wait_until


@pytest.fixture
def admin(kafka: LocalKafka) -> AdminClient:
    return AdminClient({"bootstrap.servers": kafka.bootstrap})


@pytest.fixture
def topics(admin: AdminClient, kafka: LocalKafka, prefix: str) -> Topics:
    return Topics(admin, {"bootstrap.servers": kafka.bootstrap}, Names(prefix))


@pytest.fixture
def alter(admin: AdminClient, prefix: str) -> Callable[[str, str, str], None]:
    def change(topic: str, setting: str, value: str) -> None:
        entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, prefix + topic, incremental_configs=[entry])
        for future in admin.incremental_alter_configs([resource]).values():
            future.result(30)

    return change


def test_everything_is_created_once_and_verifies(topics: Topics, prefix: str) -> None:
    created = topics.create_missing(3, ["wms-north"])
    assert created == [prefix + topic.name for topic in FIXED] + [prefix + "allocations.wms-north"]
    assert topics.recorded_partitions() == 3
    assert topics.verify(["wms-north"]) == []
    assert topics.create_missing(3, ["wms-north"]) == []
    assert topics.create_missing() == []


def test_a_new_deployment_records_the_newest_format_and_an_older_one_has_recorded_none(
    topics: Topics, kafka: LocalKafka, prefix: str
) -> None:
    topics.create_missing(3)
    assert topics.recorded_layout() == Layout(3, FORMAT)
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    producer.produce(prefix + "layout", key=b"partitions", value=b'{"partitions":3}', partition=0)
    assert producer.flush(30) == 0
    assert topics.recorded_layout() == Layout(3, 1)
    topics.record_format(FORMAT)
    assert topics.recorded_layout() == Layout(3, FORMAT)


def test_another_partition_count_is_refused_with_the_way_to_migrate(topics: Topics) -> None:
    topics.create_missing(2)
    with pytest.raises(
        ConfigurationError, match=r"(?s)is 5, but .* were created for 2.* under a new --prefix"
    ):
        topics.create_missing(5)
    assert [fault.actual for fault in topics.verify(partitions=5)] == ["2"]


@pytest.mark.parametrize("partitions", [0, 1_001])
def test_a_count_that_no_cluster_is_made_for_is_refused_before_it_is_recorded(
    topics: Topics, partitions: int
) -> None:
    with pytest.raises(ConfigurationError, match=rf"--partitions is {partitions}; expected 1 to 1,000"):
        topics.create_missing(partitions)
    assert topics.recorded_partitions() is None, "it could never be another one again"


def test_topics_that_somebody_grew_all_alike_are_found(
    topics: Topics, admin: AdminClient, prefix: str
) -> None:
    topics.create_missing(1)
    grown = [prefix + topic.name for topic in FIXED if not topic.one_partition]
    for future in admin.create_partitions([NewPartitions(name, 2) for name in grown]).values():
        future.result(30)
    wait_until(lambda: len(topics.verify()) == len(grown))
    assert {(fault.setting, fault.actual, fault.expected) for fault in topics.verify()} == {
        ("the partition count", "2", "1")
    }


def test_all_faults_are_reported_at_once_each_with_its_remedy(
    topics: Topics, admin: AdminClient, prefix: str, alter: Callable[[str, str, str], None]
) -> None:
    topics.create_missing(1, ["wms-north"])
    alter("dead-letters", "max.message.bytes", "1048588")
    alter("orders", "message.timestamp.type", "CreateTime")
    alter("journal", "retention.ms", "1000")
    alter("ledger", "cleanup.policy", "delete")
    alter("inventory", "retention.bytes", "1000000")
    admin.delete_topics([prefix + "catalog"])[prefix + "catalog"].result(30)
    wait_until(lambda: len(topics.verify()) == 6)
    faults = {fault.topic.removeprefix(prefix): fault for fault in topics.verify()}
    assert {(name, fault.setting, fault.actual, fault.expected) for name, fault in faults.items()} == {
        ("dead-letters", "max.message.bytes", "1048588", "at least 8388704"),
        ("orders", "message.timestamp.type", "CreateTime", "LogAppendTime"),
        ("journal", "retention.ms", "1000", "at least 2592000000"),
        ("ledger", "cleanup.policy", "delete", "compact"),
        ("inventory", "retention.bytes", "1000000", "-1"),
        ("catalog", "topic", "missing", "to exist"),
    }
    assert faults["orders"].remedy == "Set it on the topic: message.timestamp.type=LogAppendTime"
    assert faults["catalog"].remedy == f"Create it with `sluice topics --prefix {prefix}`"


def test_more_than_is_asked_for_is_no_fault(topics: Topics, alter: Callable[[str, str, str], None]) -> None:
    topics.create_missing(1)
    alter("orders", "retention.ms", "-1")
    alter("orders", "max.message.bytes", "9000000")
    assert topics.verify() == []


def test_a_new_warehouse_system_gets_its_topic_with_the_recorded_count(
    topics: Topics, admin: AdminClient, prefix: str
) -> None:
    topics.create_missing(3)
    assert topics.ensure_wms_topic("wms-south") is True
    assert topics.ensure_wms_topic("wms-south") is False
    assert len(admin.list_topics(timeout=10).topics[prefix + "allocations.wms-south"].partitions) == 3
    assert topics.verify() == [], "it is verified although nobody named it"


def test_a_warehouse_system_before_the_topics_is_refused(topics: Topics) -> None:
    with pytest.raises(SluiceError, match=r"no topics under .* yet\. Create them with `sluice topics`"):
        topics.ensure_wms_topic("wms-north")


def test_a_creation_that_was_interrupted_goes_on(topics: Topics, admin: AdminClient, prefix: str) -> None:
    admin.create_topics([NewTopic(prefix + "layout", 1, 1, config={"cleanup.policy": "compact"})])[
        prefix + "layout"
    ].result(30)
    # The controller has it before the broker lists it.
    deadline_s = time.monotonic() + 30
    while prefix + "layout" not in admin.list_topics(timeout=10).topics:
        assert time.monotonic() < deadline_s
    assert topics.create_missing(2) == [prefix + topic.name for topic in FIXED if topic.name != "layout"]
    assert topics.recorded_partitions() == 2


def lose_the_layout(admin: AdminClient, prefix: str) -> None:
    admin.delete_topics([prefix + "layout"])[prefix + "layout"].result(30)
    wait_until(lambda: prefix + "layout" not in admin.list_topics(timeout=10).topics)


def grow(admin: AdminClient, name: str, partitions: int) -> None:
    admin.create_partitions([NewPartitions(name, partitions)])[name].result(30)
    wait_until(lambda: len(admin.list_topics(timeout=10).topics[name].partitions) == partitions)


def test_a_lost_layout_is_recorded_again_with_the_count_that_the_other_topics_have(
    topics: Topics, admin: AdminClient, prefix: str
) -> None:
    topics.create_missing(4, ["wms-north"])
    lose_the_layout(admin, prefix)
    assert topics.create_missing() == [prefix + "layout"]
    assert topics.recorded_layout() == Layout(4, FORMAT_UNRECORDED), (
        "whether an upgrade was final is lost with it"
    )
    assert topics.verify() == []


def test_a_lost_layout_is_never_recorded_with_a_count_that_no_topic_has(
    topics: Topics, admin: AdminClient, prefix: str
) -> None:
    topics.create_missing(2)
    lose_the_layout(admin, prefix)
    with pytest.raises(
        ConfigurationError, match=r"--partitions is 8.*They have: 2 for .*orders.*Say with --partitions"
    ):
        topics.create_missing(8)
    assert topics.recorded_partitions() is None
    assert topics.create_missing(2) == [prefix + "layout"]


def test_topics_that_disagree_after_the_layout_was_lost_leave_the_count_to_a_person(
    topics: Topics, admin: AdminClient, prefix: str
) -> None:
    topics.create_missing(1)
    lose_the_layout(admin, prefix)
    grow(admin, prefix + "orders", 2)
    with pytest.raises(
        ConfigurationError, match=rf"They have: 1 for .*; 2 for {prefix}orders\. Say with --partitions"
    ):
        topics.create_missing()
    topics.create_missing(1)
    assert topics.recorded_partitions() == 1


def test_a_topic_that_holds_records_is_never_to_be_grown(
    topics: Topics, kafka: LocalKafka, prefix: str
) -> None:
    topics.create_missing(1)
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    producer.produce(prefix + "orders", key=b"eu", value=b"{}", partition=0)
    producer.produce(prefix + "layout", key=b"partitions", value=b'{"partitions":2}', partition=0)
    assert producer.flush(30) == 0
    remedies = {fault.topic.removeprefix(prefix): fault.remedy for fault in topics.verify()}
    assert remedies["inventory"] == "Grow it to 2 partitions before anything is written to it"
    assert remedies["orders"].startswith("It holds records that were placed for 1: growing it would")
    assert f"delete {prefix}layout and run `sluice topics --prefix {prefix}`" in remedies["orders"]
