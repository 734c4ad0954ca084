"""Publishes a network: what changed against what is in force, as one set in one transaction."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Producer

from cli.network_dir.reading import Network
from cli.reference.answers import Answers
from cli.reference.set_records import SetRecord, set_records
from cli.reference.sets import InForce, ReferenceSet, set_of
from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from infra.errors import ConfigurationError, SluiceError
from infra.writing import served
from schemas.codec import Undecodable, decode_input
from schemas.kinds import REFERENCE
from schemas.reference import PoolEntity
from schemas.topics import REFERENCE as REFERENCE_TOPIC

_quiet = logging.getLogger("sluice.apply.kafka")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False

TIMEOUT_S = 30.0


class ReferenceLog:
    """The reference topic of one network, for one writer at a time.

    Entering fences any other `apply` of the same network *before* the log is read, so that two of them can never
    publish sets that are based on the same one.
    """

    def __init__(self, connection: Connection, network: str) -> None:
        self._connection = connection
        self._network = network
        (self._partition,) = connection.partitions_of(network)
        self._producer = Producer(
            {
                "log_level": 0,
                **connection.properties,
                "transactional.id": f"{connection.names.prefix}apply.{network}",
                "transaction.timeout.ms": 60_000,
                "queue.buffering.max.messages": 1_000_000,
                "linger.ms": 5,
            },
            # Being fenced is an answer to us, and told in our own words.
            logger=_quiet,
        )

    def __enter__(self) -> Self:
        self._told("could not begin", self._producer.init_transactions, TIMEOUT_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del self._producer

    def in_force(self) -> InForce:
        """Everything that holds for the network now."""
        in_force = InForce()
        for message in read_topic(self._connection, REFERENCE_TOPIC, [self._partition]):
            in_force.take(message.value(), self._network)
        return in_force

    def publish(self, reference_set: ReferenceSet, now: datetime) -> None:
        """All records of the set in one transaction, or none of them."""
        topic = self._connection.names.of(REFERENCE_TOPIC)
        refused: list[KafkaError] = []

        def delivered(error: KafkaError | None, message: Any) -> None:
            if error is not None:
                refused.append(error)

        self._told("could not begin", self._producer.begin_transaction)
        try:
            for record in set_records(self._network, reference_set, now):
                _require_readable(record)
                self._producer.produce(
                    topic,
                    key=record.key,
                    value=record.value,
                    partition=self._partition,
                    on_delivery=delivered,
                )
                self._told("could not be sent", served, self._producer.poll, 0)
            self._commit(refused)
        except BaseException:
            self._abort()
            raise

    def _commit(self, refused: list[KafkaError]) -> None:
        left = self._told("could not be sent", served, self._producer.flush, TIMEOUT_S)
        if left or refused:
            reason = refused[0].str() if refused else f"not acknowledged in {TIMEOUT_S:.0f} s"
            raise SluiceError(f"The set could not be sent, and nothing of it was published: {reason}")
        self._told("could not be committed", self._end)

    def _end(self) -> None:
        try:
            self._producer.commit_transaction(TIMEOUT_S)
        except KafkaException as error:
            if not error.args[0].retriable():
                raise
            # The broker may have the commit, and only its answer be missing.
            raise SluiceError(
                f"Whether the set was published is not known: {error.args[0].str()}. Apply once more: it shows what is "
                "in force by then, and publishes nothing twice"
            ) from None

    def _abort(self) -> None:
        try:
            self._producer.abort_transaction(TIMEOUT_S)
        except KafkaException:
            return  # Fenced or unreachable: the broker aborts it by its own time-out.

    def answers(self) -> Answers:
        """What routers say from now on."""
        return Answers(self._connection, self._network, self._partition)

    def _told(self, complaint: str, action: Any, *arguments: Any) -> Any:
        """Runs a step of the transaction; what fails becomes a sentence."""
        try:
            return action(*arguments)
        except KafkaException as error:
            fault = error.args[0]
            if fault.code() in {KafkaError._FENCED, KafkaError.INVALID_PRODUCER_EPOCH}:
                raise SluiceError(
                    f"Somebody else applied network {self._network} meanwhile, so nothing was published. "
                    "Look at what is in force now, and apply again"
                ) from None
            raise SluiceError(
                f"The set {complaint}, and nothing of it was published: {fault.str()}"
            ) from None


def _require_readable(record: SetRecord) -> None:
    """The router decodes a record just so; one that it could not read would keep the whole set from taking effect."""
    try:
        decode_input(REFERENCE, record.value)
    except Undecodable as fault:
        raise ConfigurationError(
            f"{record.event.id} is no record that a router takes, so nothing was published: {fault.detail}"
        ) from None


def ensure_wms_topics(connection: Connection, network: Network) -> list[str]:
    """Creates the topic of each warehouse system that has none; returns the new ones."""
    systems = sorted({entity.wms for entity in network.entities if isinstance(entity, PoolEntity)})
    return [connection.names.allocations(wms) for wms in systems if connection.topics.ensure_wms_topic(wms)]


def publish_set(
    network: Network, connection: Connection, author: str = "", message: str = ""
) -> ReferenceSet | None:
    """Publishes what changed without asking anybody; None when nothing did.  For the demo and for tests."""
    with ReferenceLog(connection, network.name) as log:
        reference_set = set_of(log.in_force(), network.entities, author, message)
        if reference_set is not None:
            ensure_wms_topics(connection, network)
            log.publish(reference_set, datetime.now(UTC))
        return reference_set
