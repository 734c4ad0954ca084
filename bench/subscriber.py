"""A warehouse system's view: reads the allocation topics read_committed and notes when each order came.  A child.

An ordinary consumer with the client's own defaults, as the contract asks for: read_committed, and nothing else.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from array import array
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from bench.cluster import PARTITION
from flows.logs.log import Log

WAIT_S = 0.1
BATCH_RECORDS = 10_000
TIMEOUT_S = 30.0


class Subscriber:
    """Reads from the present end of the topics."""

    def __init__(self, bootstrap: str, topics: list[str]) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": "bench-wms",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )
        places = [TopicPartition(topic, PARTITION) for topic in topics]
        for place in places:
            place.offset = self._consumer.get_watermark_offsets(place, TIMEOUT_S)[1]
        self._consumer.assign(places)
        self.seen: dict[bytes, int] = {}
        """Nanoseconds at which the first instruction of each order came, by the order's name."""

    def read(self) -> None:
        """What is there, waiting for the first record a moment."""
        messages: list[Any] = self._consumer.consume(1, WAIT_S)
        if messages:
            messages += self._consumer.consume(BATCH_RECORDS, 0)
        now_ns = time.monotonic_ns()
        for message in messages:
            if message.error() is None:
                # A shipment is named <order>/<decision>/<number>.
                self.seen.setdefault(message.key().partition(b"/")[0], now_ns)

    def close(self) -> None:
        self._consumer.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.subscriber")
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--topic", action="append", required=True)
    parser.add_argument("--times", type=Path, required=True)
    given = parser.parse_args()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ended.set())
    subscriber = Subscriber(given.kafka, given.topic)
    subscriber.read()
    Log("json", sys.stderr).info("ready", f"reads {', '.join(given.topic)}")
    while not ended.is_set():
        subscriber.read()
    subscriber.close()
    times = array("q")
    for name, came_ns in subscriber.seen.items():
        times.extend((int(name.rpartition(b"-")[2]), came_ns))
    given.times.write_bytes(times.tobytes())


if __name__ == "__main__":
    main()
