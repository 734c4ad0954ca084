"""A small network on a real broker: events in, router processes, and what must hold afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import OffsetSpec

from cli.audit.report import AuditReport
from cli.audit.run import audit
from cli.network_dir.reading import network_of
from cli.reference.publish import publish_set
from cli.shared.connection import Connection
from infra.connect import admin_client
from infra.settings import Settings
from schemas.kinds import ALLOCATIONS, DECISIONS, FULFILMENT, INPUT_TOPICS, INVENTORY, ORDERS
from schemas.placement import partition_of
from tests.cli.network_dir.small import FILES, write_small
from tests.faults.process import ROOT, RouterProcess

SKUS = tuple(f"SKU-{number}" for number in range(8))
WAIT_S = 45.0
LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]


def wait_for(condition: Callable[[], bool], what: str, timeout_s: float = WAIT_S) -> None:
    """Look until it holds: no test sleeps and hopes."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}"
        time.sleep(0.02)


def order_of(decision: bytes) -> str:
    """Which order a decision is about."""
    return str(json.loads(decision)["data"]["order_id"])


class Stage:
    """Topics under a prefix of its own, with networks applied."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        directory: Path,
        networks: Sequence[str] = ("eu",),
        partitions: int = 1,
    ) -> None:
        self.bootstrap = bootstrap
        self.prefix = prefix
        self.partitions = partitions
        self.networks = networks
        self._directory = directory
        self._settings = Settings({"bootstrap.servers": bootstrap}, prefix)
        self._client = {"bootstrap.servers": bootstrap, "log_level": "0"}
        self._producer = Producer(
            {**self._client, "enable.idempotence": True, "message.max.bytes": 2_000_000}
        )
        self._admin = admin_client(self._settings, bootstrap)
        self.connection = Connection(self._client, self._settings.names, partitions, self._admin)
        self.topics = self.connection.topics
        self.topics.create_missing(partitions)
        for network in networks:
            self._apply(network)

    def delete_topic(self, topic: str) -> None:
        """As an operator's mistake would."""
        name = self.prefix + topic
        self._admin.delete_topics([name])[name].result()

    def _apply(self, network: str) -> None:
        items = "sku,unit,weight_grams,restrictions\n" + "".join(f"{sku},EA,350,\n" for sku in SKUS)
        toml = FILES["network.toml"].replace('network = "eu"', f'network = "{network}"')
        # A warehouse system of each network's own, so that one of them can be in trouble alone.
        pools = (
            FILES["pools.csv"].replace("manhattan", f"{network}-dc").replace("storeapp", f"{network}-store")
        )
        directory = write_small(
            self._directory / network, items_csv=items, network_toml=toml, pools_csv=pools
        )
        read = network_of(directory, datetime.now(UTC).date())
        publish_set(read, self.connection)

    # --- events ---------------------------------------------------------------------------------------------

    def send_stock(
        self, network: str, quantity: int, mark: int = 1, pools: Sequence[str] = ("dc-paris", "store-lyon")
    ) -> None:
        """A count of every item in each of the pools."""
        for pool in pools:
            for sku in SKUS:
                data = {"pool": pool, "sku": sku, "quantity": quantity, "mark": mark}
                self._send_event(INVENTORY, "stock.counted", network, f"count/{pool}/{sku}/{mark}", data)
        self._producer.flush(WAIT_S)

    def send_orders(self, network: str, first: int, count: int) -> None:
        """Orders of one or two lines over the few items, so that stock runs short and orders compete."""
        for number in range(first, first + count):
            placed_at = datetime.now(UTC).isoformat()
            lines = [
                {"line_id": str(line), "sku": SKUS[(number * line) % len(SKUS)], "quantity": 1 + number % 3,
                 "unit": "EA", "value": 20_000_000}
                for line in range(1, 2 + number % 2)
            ]  # fmt: skip
            data = {
                "order_id": f"O-{number}", "channel": "web", "placed_at": placed_at, "commitment": "sold",
                "service_level": "standard", "priority": 1 + number % 5, "currency": "EUR",
                "destination": {"country": "FR", "postal_code": "75011"}, "customer_token": f"c-{number}",
                "address_ref": f"a-{number}", "max_shipments": 2, "lines": lines,
            }  # fmt: skip
            self._send_event(ORDERS, "order.placed", network, f"order/{number}", data)
        self._producer.flush(WAIT_S)

    def deliver_everything(self, network: str) -> int:
        """A carrier says of every shipment that was asked for that it has arrived; returns how many there were."""
        requested = self._requested(network)
        for data in requested:
            shipment_id = data["shipment_id"]
            self._send_event(
                FULFILMENT,
                "shipment.delivered",
                network,
                f"deliver/{shipment_id}",
                {"shipment_id": shipment_id},
            )
        self._producer.flush(WAIT_S)
        return len(requested)

    def dispatch_everything(self, network: str) -> int:
        """Every shipment that was asked for leaves the building; returns how many there were."""
        requested = self._requested(network)
        for position, data in enumerate(requested, start=1_000):
            left = {line["line_id"]: line["quantity"] for line in data["lines"]}
            answer = {
                "shipment_id": data["shipment_id"], "lines_total": left, "position": position,
                "carrier": data["carrier"],
            }  # fmt: skip
            self._send_event(
                FULFILMENT, "shipment.dispatched", network, f"dispatch/{data['shipment_id']}", answer
            )
        self._producer.flush(WAIT_S)
        return len(requested)

    def _requested(self, network: str) -> list[dict[str, Any]]:
        return [
            json.loads(value)["data"]
            for wms in (f"{network}-dc", f"{network}-store")
            for value in self.read(ALLOCATIONS + wms, partition_of(network, self.partitions))
        ]

    def _send_event(self, topic: str, kind: str, network: str, event_id: str, data: dict[str, Any]) -> None:
        event = {
            "specversion": "1.0", "source": "test", "id": event_id, "type": kind,
            "time": datetime.now(UTC).isoformat(), "network": network, "data": data,
        }  # fmt: skip
        self.send(topic, partition_of(network, self.partitions), json.dumps(event).encode())

    def send(self, topic: str, partition: int, value: bytes | None) -> None:
        """Any bytes at all."""
        while True:
            try:
                self._producer.produce(self.prefix + topic, value, b"k", partition)
                return
            except BufferError:
                self._producer.poll(0.05)

    def flush(self) -> None:
        assert self._producer.flush(WAIT_S) == 0

    # --- routers --------------------------------------------------------------------------------------------

    @contextmanager
    def router(self, **options: Any) -> Iterator[RouterProcess]:
        """A router process; `fault=(step, transaction, deed)` lets it crash or freeze there, `code` is what it runs.

        `output` is the descriptor that its lines go to, in place of its file.
        """
        code, output = options.pop("code", ROOT), options.pop("output", None)
        process = RouterProcess(self.bootstrap, self.prefix, self._directory, options, code, output)
        try:
            yield process
        except BaseException:
            # What a test says that fails on a busy machine once in a while is worth little without this.
            print(f"{process.log_file.name}:", *process.lines, sep="\n  ")
            raise
        finally:
            process.end()

    def wait_until_done(
        self,
        routers: Sequence[RouterProcess],
        partitions: Sequence[int] | None = None,
        timeout_s: float = WAIT_S,
    ) -> None:
        """Every input record that is stored now is decided, and what was decided can be read."""
        chosen = range(self.partitions) if partitions is None else partitions
        places = [TopicPartition(self.prefix + topic, each) for topic in INPUT_TOPICS for each in chosen]
        with self._consumer(self.prefix + "router") as consumer:
            ends = {(place.topic, place.partition): self._last_record(place) for place in places}

            def is_done() -> bool:
                for router in routers:
                    router.require_alive()
                with suppress(KafkaException):
                    return all(
                        each.offset >= ends[each.topic, each.partition]
                        for each in consumer.committed(places, 5)
                    )
                return False

            wait_for(is_done, "the inputs to be decided", timeout_s)
        self._wait_until_readable(chosen)

    def _wait_until_readable(self, partitions: Sequence[int]) -> None:
        """Offsets may be committed for all to see before the same transaction's end stands behind its decisions."""
        written = self._ends(partitions, IsolationLevel.READ_UNCOMMITTED)

        def is_readable() -> bool:
            readable = self._ends(partitions, IsolationLevel.READ_COMMITTED)
            return all(readable[place] >= end for place, end in written.items())

        wait_for(is_readable, "what was decided to be readable")

    def _ends(self, partitions: Sequence[int], isolation: IsolationLevel) -> dict[tuple[str, int], int]:
        """Where each output of these partitions ends for whoever reads so."""
        inputs = {self.prefix + topic for topic in INPUT_TOPICS}
        asked = {
            TopicPartition(name, number): LATEST
            for name, topic in self._admin.list_topics(timeout=WAIT_S).topics.items()
            if name.startswith(self.prefix) and name not in inputs
            for number in partitions
            if number in topic.partitions
        }
        answers = self._admin.list_offsets(asked, isolation_level=isolation)
        return {
            (place.topic, place.partition): answer.result(WAIT_S).offset for place, answer in answers.items()
        }

    def _last_record(self, place: TopicPartition) -> int:
        """One past the last record: control markers behind it are committed over only later."""
        offsets = [offset for offset, _value in self._records(place)]
        return offsets[-1] + 1 if offsets else -1001

    # --- what came out --------------------------------------------------------------------------------------

    def read(self, topic: str, partition: int = 0) -> list[bytes]:
        """Every committed value of a topic, in order."""
        return [value for _offset, value in self._records(TopicPartition(self.prefix + topic, partition))]

    def decisions(self, partition: int = 0) -> list[bytes]:
        return self.read(DECISIONS, partition)

    def audit(self, *, complete: bool = True) -> AuditReport:
        """No promise is broken, and there was something to prove."""
        report = audit(self.bootstrap, self.prefix, {}, complete=complete)
        assert report.violations == []
        assert report.unproved == {}
        assert report.counts["decisions"] > 0
        return report

    def _records(self, place: TopicPartition) -> list[tuple[int, bytes]]:
        with self._consumer("unused") as consumer:
            consumer.assign([TopicPartition(place.topic, place.partition, 0)])
            records: list[tuple[int, bytes]] = []
            while True:
                for message in consumer.consume(10_000, 0.02):
                    error = message.error()
                    if error is not None:
                        if error.code() == KafkaError._PARTITION_EOF:
                            return records
                        continue
                    records.append((message.offset() or 0, message.value() or b""))

    @contextmanager
    def _consumer(self, group: str) -> Iterator[Consumer]:
        consumer = Consumer(
            {
                **self._client,
                "group.id": group,
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 5,
            }
        )
        try:
            yield consumer
        finally:
            consumer.close()
