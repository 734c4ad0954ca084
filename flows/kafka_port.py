"""The port on a real Kafka, through confluent-kafka.  Everything that is particular to that client is in
here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from flows.config import RouterConfig
from flows.kafka_consumer import KafkaConsumer
from flows.kafka_faults import port_fault
from flows.kafka_producer import KafkaProducer
from flows.kafka_reader import KafkaReader
from flows.kafka_settings import PRODUCING, READING, RESTORING, Settings, merged
from flows.kafka_trouble import STATISTICS_EVERY_MS, BrokerErrors
from flows.port import GroupConsumer, LogReader, TransactionalProducer
from schemas.formats import CLIENT_ID


class ConfluentPort:
    """Makes clients for one cluster and one topic prefix; `settings` are librdkafka properties of the
    user.
    """

    def __init__(self, config: RouterConfig, settings: Mapping[str, str], prefix: str) -> None:
        self._config = config
        self._user = dict(settings)
        self._prefix = prefix
        self._admin: AdminClient | None = None
        self._errors = BrokerErrors()

    def consumer(self) -> GroupConsumer:
        config = self._config
        ours = {"client.id": CLIENT_ID, "statistics.interval.ms": STATISTICS_EVERY_MS, **READING}
        settings: Settings = merged(ours, self._user) | {
            "group.id": self._prefix + config.group,
            # Range puts equal numbers of co-partitioned topics on the same member; the others do not promise
            # it.
            "partition.assignment.strategy": "range",
            "session.timeout.ms": config.session_timeout_ms,
            "heartbeat.interval.ms": max(config.session_timeout_ms // 4, 500),
            "max.poll.interval.ms": config.poll_interval_ms_max,
            "queued.min.messages": config.fetch_records_max,
        }
        if config.instance:
            settings["group.instance.id"] = config.instance
        return KafkaConsumer(settings, self._prefix, self._errors)

    def producer(self, partition: int) -> TransactionalProducer:
        config = self._config
        settings: Settings = merged(PRODUCING, self._user) | {
            "transactional.id": f"{self._prefix}{config.group}.{partition}",
            "transaction.timeout.ms": config.transaction_timeout_ms,
            # What was not delivered when the transaction has timed out never will be.
            "message.timeout.ms": config.transaction_timeout_ms,
            "queue.buffering.max.messages": config.produce_queue_records_max,
        }
        return KafkaProducer(settings, self._prefix, config.produce_timeout_ms / 1000, self._errors)

    def reader(self) -> LogReader:
        # librdkafka wants a group id even where no group is used: nothing is ever committed under this one.
        unused_group = {"group.id": f"{self._prefix}{self._config.group}.restore"}
        return KafkaReader(merged(RESTORING, self._user) | unused_group, self._prefix, self._errors)

    def broker_errors(self) -> Mapping[str, int]:
        return dict(self._errors.counts)

    def topics(self, timeout_s: float) -> Mapping[str, int]:
        # Asked for all topics, not for one by name: asking by name creates it where auto-creation is on.
        if self._admin is None:
            self._admin = AdminClient(merged({}, self._user))
        try:
            listed: Any = self._admin.list_topics(timeout=timeout_s)
        except KafkaException as error:
            raise port_fault(error, "list the topics") from error
        prefix = self._prefix
        return {
            name.removeprefix(prefix): len(topic.partitions)
            for name, topic in listed.topics.items()
            if name.startswith(prefix)
        }
