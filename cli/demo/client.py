"""What every played process has: a plain producer, commands on its stdin, and an end when its parent is gone.

These are clients as anybody would write them.  They know Sluice by its topics only.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
from confluent_kafka import Producer

from cli.demo.scripts import Cluster

FLUSH_TIMEOUT_S = 20.0
REPEATED_SHARE = 0.004
"""Senders repeat themselves when an acknowledgement is late: the router must not mind."""

Event = dict[str, Any]


class Commands:
    """Lines from the parent: `start`, `finish` and the like.  The end of them is the end of this process."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self, timeout_s: float) -> list[str] | None:
        """The words of the next command; None when none came in time."""
        try:
            return self._lines.get(timeout=timeout_s).split() if timeout_s > 0 else self._at_once()
        except queue.Empty:
            return None

    def _at_once(self) -> list[str]:
        return self._lines.get_nowait().split()

    def _read(self) -> None:
        for line in sys.stdin:
            self._lines.put(line)
        # The parent is gone, perhaps by SIGKILL: nothing that this process could still do would be seen.
        os._exit(1)


def say(*words: object) -> None:
    """One line to the parent."""
    print(*words, flush=True)


class Sender:
    """Publishes CloudEvents on the network's partition, as the contract asks: keyed by network, murmur2."""

    def __init__(self, cluster: Cluster, source: str, random: Random) -> None:
        self._cluster = cluster
        self._source = source
        self._random = random
        self._count = 0
        self._undelivered = 0
        self.repeated = 0
        self._producer = Producer(
            {
                "bootstrap.servers": cluster.bootstrap,
                "client.id": source,
                "enable.idempotence": True,
                "linger.ms": 1,
                # Like Java's default, which the router expects; librdkafka's own would place it elsewhere.
                "partitioner": "murmur2_random",
            }
        )

    def send(self, topic: str, kind: str, data: Event, source: str = "") -> str:
        """Publish one event, now and then twice, perhaps for somebody else; returns its id."""
        self._count += 1
        event_id = f"{self._source}-{self._count}"
        event = {
            "specversion": "1.0",
            "source": source or self._source,
            "id": event_id,
            "type": kind,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "network": self._cluster.network,
            "data": data,
        }
        value = msgspec.json.encode(event)
        self.send_bytes(topic, value)
        if self._random.random() < REPEATED_SHARE:
            self.repeated += 1
            self.send_bytes(topic, value)
        return event_id

    def send_bytes(self, topic: str, value: bytes) -> None:
        """Publish whatever it is."""
        self._producer.produce(topic, value, self._cluster.network, on_delivery=self._delivered)
        self._producer.poll(0)

    def flush(self) -> None:
        """Return when all is acknowledged; an event that is not ends this process, and with it the demo."""
        if self._producer.flush(FLUSH_TIMEOUT_S) or self._undelivered:
            sys.exit(f"{self._source}: Kafka did not take every event")

    def _delivered(self, error: object, message: object) -> None:
        if error is not None:
            self._undelivered += 1
            print(f"{self._source}: not delivered: {error}", file=sys.stderr, flush=True)
