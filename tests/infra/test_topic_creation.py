"""Kafka creates only so many partitions at once, so that many topics are asked for one part after another."""

from confluent_kafka.admin import NewTopic

from infra.partition_count import PARTITIONS_MAX
from infra.topic_creation import PARTITIONS_AT_ONCE, in_parts


def counts(topics: list[NewTopic]) -> list[list[int]]:
    return [[topic.num_partitions for topic in part] for part in in_parts(topics)]


def test_what_fits_is_asked_for_at_once() -> None:
    assert counts([NewTopic(name, 8) for name in "abc"]) == [[8, 8, 8]]
    assert counts([]) == []


def test_no_part_has_more_partitions_than_kafka_takes_and_no_topic_is_left_out() -> None:
    parts = counts([NewTopic(f"topic-{number}", PARTITIONS_MAX) for number in range(12)])
    assert [sum(part) for part in parts] == [PARTITIONS_AT_ONCE, PARTITIONS_AT_ONCE, 2 * PARTITIONS_MAX]
