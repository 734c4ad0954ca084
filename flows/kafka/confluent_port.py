"""The port on a real Kafka, through confluent-kafka.  Everything that is particular to that client is in here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from flows.config import RouterConfig
from flows.kafka.consumer import KafkaConsumer
from flows.kafka.producer import KafkaProducer
from flows.kafka.questions import KafkaQuestions
from flows.kafka.reader import KafkaReader
from flows.kafka.reports import STATISTICS_EVERY_MS, BrokerErrors
from flows.kafka.settings import FOLLOWING, PRODUCING, READING, RESTORING, Settings, merged
from flows.port import Committed, GroupConsumer, LogReader, Place, Places, TransactionalProducer
from schemas.formats import CLIENT_ID, STARTED


class ConfluentPort:
    """Makes clients for one cluster and one topic prefix; `settings` are librdkafka properties of the user."""

    def __init__(self, config: RouterConfig, settings: Mapping[str, str], prefix: str) -> None:
        self._config = config
        self._user = dict(settings)
        self._prefix = prefix
        self._group = prefix + config.group
        self._errors = BrokerErrors()
        self._questions = KafkaQuestions(merged({}, settings), prefix, self._group, config.instance)

    def consumer(self) -> GroupConsumer:
        config = self._config
        # The group's names for its members begin with this, and the range assignor deals in the order of the names:
        # what joins last stands last, and displaces nobody where there are more processes than partitions.
        name = f"{CLIENT_ID}{STARTED}{time.time_ns() // 1_000_000}"
        ours = {"client.id": name, "statistics.interval.ms": STATISTICS_EVERY_MS, **READING}
        settings: Settings = merged(ours, self._user) | {
            "group.id": self._group,
            # Range puts equal numbers of co-partitioned topics on the same member; the others do not promise it.
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
        settings = merged(FOLLOWING if follows else RESTORING, self._user)
        timeout_s = self._config.request_timeout_ms / 1000
        return KafkaReader(
            settings,
            self._prefix,
            self._errors,
            lambda there: self._questions.ends(there, timeout_s),
            timeout_s,
        )

    def committed(self, places: Places, timeout_s: float) -> Committed:
        return self._questions.committed(places, timeout_s)

    def watermarks(self, places: Places, timeout_s: float) -> dict[Place, tuple[int, int]]:
        return self._questions.watermarks(places, timeout_s)

    def others(self, timeout_s: float) -> int:
        return self._questions.others(timeout_s)

    def topic_ids(self, topics: Iterable[str], timeout_s: float) -> Mapping[str, str]:
        return self._questions.topic_ids(topics, timeout_s)

    def topics(self, timeout_s: float) -> Mapping[str, int]:
        return self._questions.topics(timeout_s)

    def broker_errors(self) -> Mapping[str, int]:
        return dict(self._errors.counts)
