"""The port on a real Kafka, through confluent-kafka.  Everything that is particular to that client is in
here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from flows.config import RouterConfig
from flows.kafka_consumer import KafkaConsumer
from flows.kafka_faults import port_fault
from flows.kafka_producer import KafkaProducer
from flows.kafka_reader import KafkaReader
from flows.kafka_settings import FOLLOWING, PRODUCING, READING, RESTORING, Settings, merged
from flows.kafka_trouble import STATISTICS_EVERY_MS, BrokerErrors
from flows.port import GroupConsumer, LogReader, PortFault, Remedy, TransactionalProducer
from schemas.formats import CLIENT_ID, STARTED


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
        # The group's names for its members begin with this, and the range assignor deals in the order of the names:
        # what joins last stands last, and displaces nobody where there are more processes than partitions.
        name = f"{CLIENT_ID}{STARTED}{time.time_ns() // 1_000_000}"
        ours = {"client.id": name, "statistics.interval.ms": STATISTICS_EVERY_MS, **READING}
        settings: Settings = merged(ours, self._user) | {
            "group.id": self._prefix + config.group,
            # Range puts equal numbers of co-partitioned topics on the same member; the others do not promise
            # it.
            "partition.assignment.strategy": "range",
            "session.timeout.ms": config.session_timeout_ms,
            # A rebalance waits for the next heartbeat of each survivor, and only then a dead one's partitions move.
            "heartbeat.interval.ms": max(config.session_timeout_ms // 12, 500),
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

    def reader(self, *, follows: bool = False) -> LogReader:
        settings = FOLLOWING if follows else RESTORING
        return KafkaReader(merged(settings, self._user), self._prefix, self._errors)

    def others(self, timeout_s: float) -> int:
        group = self._prefix + self._config.group
        try:
            asked = self._admin_client().describe_consumer_groups([group], request_timeout=timeout_s)
            members = asked[group].result(timeout_s).members or []
        except KafkaException as error:
            if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                return 0
            raise port_fault(error, "list the members of the group") from error
        except TimeoutError:
            raise PortFault(Remedy.RETRY, "could not list the members of the group: no answer") from None
        # A static member that died is listed under the name that this process has now.
        ours = self._config.instance
        return sum(not ours or member.group_instance_id != ours for member in members)

    def broker_errors(self) -> Mapping[str, int]:
        return dict(self._errors.counts)

    def topics(self, timeout_s: float) -> Mapping[str, int]:
        # Asked for all topics, not for one by name: asking by name creates it where auto-creation is on.
        try:
            listed: Any = self._admin_client().list_topics(timeout=timeout_s)
        except KafkaException as error:
            raise port_fault(error, "list the topics") from error
        prefix = self._prefix
        return {
            name.removeprefix(prefix): len(topic.partitions)
            for name, topic in listed.topics.items()
            if name.startswith(prefix)
        }

    def _admin_client(self) -> AdminClient:
        if self._admin is None:
            self._admin = AdminClient(merged({}, self._user))
        return self._admin
