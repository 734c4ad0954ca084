"""The measure for the router: the same inputs in, the same outputs out, one transaction a bundle, and no decision.

A child process.  It uses the router's own client port with the router's own settings and bounds, polls as the router
polls, and writes records that a run of the router wrote.  What it lacks is decoding, deciding, encoding, the digest
and the engine; so its throughput is what Kafka and the client leave to be had.
"""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.cluster import PARTITION
from bench.recording import Output, Recorded, load
from flows.config import RouterConfig
from flows.kafka.confluent_port import ConfluentPort
from flows.logs.log import Log
from flows.port import GroupConsumer, Place, Places, TransactionalProducer
from schemas.kinds import INPUT_TOPICS, ORDERS
from schemas.records import Record


class Member:
    """A member of a consumer group of its own, and the partition's producer: what a lease is to the router."""

    def __init__(self, bootstrap: str, prefix: str) -> None:
        self.config = RouterConfig(group="pass-through", metrics="off", log="json")
        port = ConfluentPort(self.config, {"bootstrap.servers": bootstrap}, prefix)
        self.consumer: GroupConsumer = port.consumer()
        self.producer: TransactionalProducer = port.producer(PARTITION)
        self.producer.init(self.config.init_timeout_ms / 1_000)
        self.positions = dict.fromkeys(INPUT_TOPICS, 0)
        self._assigned: list[Place] = []
        self.consumer.subscribe(INPUT_TOPICS, self._on_assign, lambda _places: None)
        while not self._assigned:
            self.consumer.poll(self.config.tick_ms / 1_000, 1)
        timeout_s = self.config.request_timeout_ms / 1_000
        for place, (low, end) in port.watermarks(self._assigned, timeout_s).items():
            # Orders are what is passed through; of the other inputs the router has read all there is.
            self.positions[place.topic] = low if place.topic == ORDERS else end
            self.consumer.start_at(place, self.positions[place.topic])

    def _on_assign(self, places: Places) -> None:
        self._assigned = list(places)

    def poll(self, records_max: int) -> list[Record]:
        """What one poll of the router would return."""
        polled = self.consumer.poll(self.config.tick_ms / 1_000, records_max)
        for _, record in polled.records:
            self.positions[record.topic] = record.offset + 1
        return [record for _, record in polled.records]

    def commit(self, outputs: list[Output]) -> None:
        """One transaction, in the router's own order of calls."""
        producer = self.producer
        membership = self.consumer.membership()
        timeout_s = self.config.commit_timeout_ms / 1_000
        producer.begin()
        produce = producer.produce
        for output in outputs:
            produce(output.topic, PARTITION, output.key, output.value, None)
        offsets = {Place(topic, PARTITION): offset for topic, offset in self.positions.items()}
        producer.send_offsets(offsets, membership, timeout_s)
        producer.commit(timeout_s)

    def close(self) -> None:
        self.producer.close()
        self.consumer.close()


def pass_bundles(member: Member, bundles: list[Recorded]) -> None:
    """For throughput: bundles of the router's own sizes, with the router's own outputs."""
    for bundle in bundles:
        left = bundle.records
        while left:
            left -= len(member.poll(min(left, member.config.bundle_records_max)))
        member.commit(bundle.outputs)


def pass_orders(member: Member, bundles: list[Recorded], is_over: Callable[[], bool]) -> None:
    """For latency: whatever a poll returns is a bundle; each order brings the records that it led to.

    Rows cannot be told apart by order, so a bundle's outputs are dealt to its orders in equal parts; its journal
    entry and head, the last two records, end each transaction.
    """
    parts: list[list[Output]] = []
    ends: list[list[Output]] = []
    for bundle in bundles:
        parts += dealt(bundle.outputs[:-2], bundle.records)
        ends += [bundle.outputs[-2:]] * bundle.records
    done = 0
    while done < len(parts) and not is_over():
        count = len(member.poll(member.config.bundle_records_max))
        if not count:
            continue
        outputs = [output for part in parts[done : done + count] for output in part]
        done += count
        member.commit(outputs + ends[done - 1])


def dealt(outputs: list[Output], orders: int) -> list[list[Output]]:
    """In `orders` parts: notices name their order and come in its sequence, so each topic is dealt by itself."""
    by_topic: dict[str, list[Output]] = {}
    for output in outputs:
        kind = "allocations" if output.topic.startswith("allocations.") else output.topic
        by_topic.setdefault(kind, []).append(output)
    parts: list[list[Output]] = [[] for _ in range(orders)]
    for members in by_topic.values():
        for at, output in enumerate(members):
            parts[at * orders // len(members)].append(output)
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pass_through")
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--recording", type=Path, required=True)
    parser.add_argument("--by-order", action="store_true", help="bundles as they come, not as recorded")
    given = parser.parse_args()
    bundles = load(given.recording)
    gc.collect()
    gc.freeze()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ended.set())
    member = Member(given.kafka, given.prefix)
    log = Log("json", sys.stderr)
    log.info("ready", f"{len(bundles)} bundles to pass through")
    used_s = time.process_time()
    if given.by_order:
        pass_orders(member, bundles, ended.is_set)
    else:
        pass_bundles(member, bundles)
    log.info("passed", "every bundle is committed", processor_s=time.process_time() - used_s)
    member.close()


if __name__ == "__main__":
    main()
