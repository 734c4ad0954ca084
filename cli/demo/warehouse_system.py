"""A process that plays one warehouse system: it reads its own allocation topic, read_committed, and answers.

    python -m cli.demo.warehouse_system SCRIPT

While it works it obeys: `lose POOL SKU` (that shelf is found empty), `mute` (its stock feed stands still), `count` (it
goes on, with everything counted), `finish`.

The stores' system is played by the same program: there the stock also moves over the counter.  So are the carriers that
collect there.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from cli.demo.carriers import Carriers
from cli.demo.client import Commands, Sender, say
from cli.demo.scripts import WarehouseScript
from cli.demo.warehouse import DISPATCHED, INVENTORY, Said, Warehouse

TICK_S = 0.02
BATCH_RECORDS = 500
SETTLED_S = 2.0
ARRIVALS_AFTER_S = 6.0
ARRIVAL_QUANTITY = 40


class WarehouseSystem:
    """The program around a `Warehouse`: Kafka in, Kafka out."""

    def __init__(self, script: WarehouseScript) -> None:
        self._script = script
        self._random = Random(f"{script.seed} {script.name} {script.pools}")
        self._warehouse = Warehouse(script)
        self._carriers = Carriers(Random(f"{script.seed} {script.name} carriers"))
        self._sender = Sender(script.cluster, script.name, self._random)
        self._topics = {INVENTORY: script.cluster.inventory}
        self._behind: set[int] = set()
        self._is_assigned = False
        self._tells_stock = True
        self._consumer = Consumer(
            {
                "bootstrap.servers": script.cluster.bootstrap,
                "group.id": script.name,
                # The first line of the contract: without it a shipment may be read that is taken back.
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
            }
        )
        self._consumer.subscribe([script.allocations], on_assign=self._assigned)

    def run(self) -> None:
        """Count everything on `count`, work on `start`, end on `finish`."""
        commands = Commands()
        while not self._is_assigned:
            self._read()
        say("ready")
        while commands.next(timeout_s=60) != ["count"]:
            pass
        counts = [self._say(said) for said in self._warehouse.count_everything()]
        self._sender.flush()
        say("counted", len(counts))
        self._work(commands)
        self._finish()
        self._sender.flush()
        say("done", self._sender.repeated)
        self._consumer.close()

    def _work(self, commands: Commands) -> None:
        begun_s = last_s = time.monotonic()
        arriving = [(pool, sku) for pool, skus in self._script.arriving.items() for sku in skus]
        while (command := commands.next(timeout_s=0)) != ["finish"]:
            if command is not None:
                self._obey(*command)
            self._read()
            now_s = time.monotonic()
            self._pace(now_s - last_s)
            last_s = now_s
            if arriving and now_s - begun_s > ARRIVALS_AFTER_S:
                self._say(self._warehouse.arrive(*arriving.pop(), ARRIVAL_QUANTITY))
            self._move_goods(now_s)

    def _move_goods(self, now_s: float) -> None:
        """Everything that is to happen by then."""
        for said in self._warehouse.work(now_s):
            self._say(said)
            if said[1] == DISPATCHED:
                self._carriers.collect(said[2], now_s)
        for carrier, scanned in self._carriers.scan(now_s):
            self._sender.send(self._script.cluster.fulfilment, "shipment.delivered", scanned, carrier)

    def _obey(self, order: str, *names: str) -> None:
        if order == "lose":
            say("lost", self._say(self._warehouse.lose_everything(names[0], names[1])))
        elif order == "mute":
            self._tells_stock = False
            say("muted")
        elif order == "count":
            # A count puts right whatever was not told.
            self._tells_stock = True
            say("counted", len([self._say(said) for said in self._warehouse.count_everything()]))

    def _pace(self, passed_s: float) -> None:
        """The stock moves by itself as well: by chance, so many times a second on average."""
        if self._random.random() < passed_s * self._script.adjustments_per_second:
            self._say(self._warehouse.adjust_something())
        if self._random.random() < passed_s * self._script.sales_per_second:
            sold = self._warehouse.sell_something()
            if sold is not None:
                self._say(sold)

    def _finish(self) -> None:
        """Take what is on the topic, ship all of it, and see that nothing more comes."""
        quiet_since_s = time.monotonic()
        while self._behind or not self._warehouse.is_idle or time.monotonic() - quiet_since_s < TICK_S:
            if self._read():
                quiet_since_s = time.monotonic()
            self._move_goods(time.monotonic() + SETTLED_S)

    def _read(self) -> int:
        """Answer what has come in, waiting a moment for the first of it."""
        answered = 0
        first = self._consumer.poll(TICK_S)
        if first is None:
            return 0
        for message in [first, *self._consumer.consume(BATCH_RECORDS, 0)]:
            error = message.error()
            if error is None:
                self._behind.add(message.partition() or 0)
                self._answer(message.value() or b"")
                answered += 1
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard(message.partition() or 0)
            else:
                raise KafkaException(error)
        return answered

    def _answer(self, value: bytes) -> None:
        instruction = msgspec.json.decode(value)
        for said in self._warehouse.instructed(instruction["type"], instruction["data"], time.monotonic()):
            self._say(said)

    def _say(self, said: Said) -> str:
        topic, kind, data = said
        if topic == INVENTORY and not self._tells_stock:
            return ""
        name = self._topics.get(topic, self._script.cluster.fulfilment)
        return self._sender.send(name, kind, data)

    def _assigned(self, _consumer: Any, _places: list[TopicPartition]) -> None:
        self._is_assigned = True


if __name__ == "__main__":
    WarehouseSystem(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=WarehouseScript)).run()
