"""What a router would have published, put on a real broker's topics: for tests of the verbs that read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from confluent_kafka import Producer

from cli.decide.offline import Offline, reference_set
from cli.main import main
from cli.network_dir.example.writing import example
from cli.network_dir.reading import Network, network_of
from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from infra.connect import admin_client
from infra.settings import Settings
from infra.topics import Topics
from operators.bundle import Publication
from schemas.codec import TOPIC_OF_TYPE
from schemas.kinds import REFERENCE
from schemas.placement import partition_of
from schemas.reference import PoolEntity
from schemas.times import parse_rfc3339
from schemas.topics import Names, Topic

MORNING = "2026-11-23T09:00:00Z"
PARTITIONS = 2
NETWORK = "eu"
HOME = partition_of(NETWORK, PARTITIONS)


@cache
def example_network() -> Network:
    """The network that `sluice init` writes, as of a Monday."""
    with TemporaryDirectory() as directory:
        example(Path(directory) / "network")
        return network_of(Path(directory) / "network", date(2026, 11, 23))


def count(sku: str, pool: str, quantity: int, mark: int, time: str = MORNING) -> dict[str, Any]:
    data = {"pool": pool, "sku": sku, "quantity": quantity, "mark": mark}
    return event("stock.counted", f"count/{pool}/{sku}/{mark}", data, time)


def order(order_id: str, sku: str, quantity: int = 1, time: str = MORNING, **fields: Any) -> dict[str, Any]:
    data = {
        "order_id": order_id,
        "channel": "web",
        "placed_at": time,
        "service_level": "standard",
        "currency": "EUR",
        "destination": {"country": "FR", "postal_code": "75011"},
        "customer_token": "c",
        "address_ref": "a",
        "lines": [{"line_id": "1", "sku": sku, "quantity": quantity, "unit": "EA"}],
    }
    return event("order.placed", f"order/{order_id}", data | fields, time)


def event(kind: str, event_id: str, data: dict[str, Any], time: str = MORNING) -> dict[str, Any]:
    return {
        "specversion": "1.0", "source": "test", "id": event_id, "type": kind, "time": time, "network": NETWORK,
        "data": data,
    }  # fmt: skip


def offline() -> Offline:
    return Offline(example_network(), parse_rfc3339(MORNING))


def decide(router: Offline, *events: dict[str, Any]) -> None:
    """One bundle for each event, on the topic of its type."""
    for each in events:
        router.send(TOPIC_OF_TYPE[each["type"]], msgspec.json.encode(each))


@dataclass
class Cluster:
    """One prefix of the tests' broker."""

    connection: Connection
    arguments: tuple[str, ...]

    def publish(self, publications: Iterable[Publication]) -> None:
        """As the router does, but for the transaction."""
        producer = Producer({**self.connection.properties, "linger.ms": 5})
        for topic, key, value, headers in publications:
            name = self.connection.names.prefix + topic
            producer.produce(name, key=key, value=value, headers=list(headers or ()), partition=HOME)
        assert producer.flush(30) == 0

    def publish_reference(self) -> None:
        """As `sluice apply` does, but for the transaction: the set by which `offline` decides."""
        members = reference_set(example_network(), parse_rfc3339(MORNING))
        self.publish((REFERENCE, NETWORK.encode(), value, None) for value in members)

    def values(self, topic: Topic) -> list[tuple[int, bytes | None, bytes | None]]:
        """Partition, key and value of everything on a topic."""
        messages = read_topic(self.connection, topic, range(PARTITIONS))
        return [(message.partition() or 0, message.key(), message.value()) for message in messages]

    def run(self, *arguments: str) -> int:
        """A verb in this process, on this cluster and prefix; its exit code."""
        with pytest.raises(SystemExit) as exit_:
            main([*arguments, *self.arguments])
        code = exit_.value.code
        return code if isinstance(code, int) else 0


def cluster(bootstrap: str, prefix: str) -> Cluster:
    """A prefix with all its topics."""
    properties, names = {"bootstrap.servers": bootstrap}, Names(prefix)
    admin = admin_client(Settings(properties), bootstrap)
    wms = {pool.wms for pool in example_network().entities if isinstance(pool, PoolEntity)}
    Topics(admin, properties, names).create_missing(PARTITIONS, wms)
    arguments = ("--kafka", bootstrap, "--prefix", prefix)
    return Cluster(Connection(properties, names, PARTITIONS, admin), arguments)
