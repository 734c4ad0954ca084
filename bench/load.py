"""A source that sends orders on a fixed schedule, whatever becomes of them.  A child process.

It writes down when it handed each order to its client, on the clock that all processes of a machine share.
"""

from __future__ import annotations

import argparse
import time
from array import array
from pathlib import Path

from confluent_kafka import Producer

from bench.cluster import PARTITION
from bench.frames import read_frames
from bench.workload import NETWORK
from schemas.kinds import ORDERS

FLUSH_S = 30.0
# The client's own defaults: it waits 5 ms for company.  Without that each order is a request of its own, and sending
# 5,000 a second keeps the source and the broker so busy that they leave half of a small machine to the rest.
CLIENT = {"enable.idempotence": True, "log_level": 0}
TICK_NS = 1_000_000


def send(bootstrap: str, prefix: str, values: list[bytes], per_second: float) -> array[int]:
    """Send each order at its time, to a millisecond; what is late is sent at once.

    Returns the nanoseconds at which each was handed over.
    """
    producer = Producer({**CLIENT, "bootstrap.servers": bootstrap})
    producer.list_topics(prefix + ORDERS, timeout=FLUSH_S)
    topic, key = prefix + ORDERS, NETWORK.encode()
    handed_ns = array("q")
    between_ns = 1e9 / per_second
    first_ns = time.monotonic_ns() + 100_000_000
    for number, value in enumerate(values):
        due_ns = first_ns + int(number * between_ns)
        wait_ns = due_ns - time.monotonic_ns()
        if wait_ns > 0:
            # Those of one millisecond go together, so that the source does not wake up for each.
            time.sleep((wait_ns + TICK_NS) / 1e9)
        handed_ns.append(time.monotonic_ns())
        producer.produce(topic, value, key, PARTITION)
        producer.poll(0)
    if producer.flush(FLUSH_S):
        raise RuntimeError("the broker did not take every order")
    return handed_ns


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--orders", type=Path, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--times", type=Path, required=True)
    given = parser.parse_args()
    handed_ns = send(given.kafka, given.prefix, read_frames(given.orders), given.rate)
    given.times.write_bytes(handed_ns.tobytes())


if __name__ == "__main__":
    main()
