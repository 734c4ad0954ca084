"""The named steps of a bundle, and a port that does something terrible at one of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from typing import Any

from flows.kafka.confluent_port import ConfluentPort
from flows.port import Place, TransactionalProducer

STEPS = ("after decide", "mid-produce", "before offsets", "before commit", "after commit")

KILL = "kill"
FREEZE = "freeze"


class SteppedPort:
    """Passes everything on; at `step` of the process's n-th transaction it kills or freezes the process."""

    def __init__(self, port: ConfluentPort, step: str, transaction: int, deed: str) -> None:
        assert step in STEPS
        self._port = port
        self._step = step
        self._transaction = transaction
        self._signal = {KILL: signal.SIGKILL, FREEZE: signal.SIGSTOP}[deed]
        self._begun = 0
        self.consumer = port.consumer
        self.reader = port.reader
        self.committed = port.committed
        self.watermarks = port.watermarks
        self.others = port.others
        self.topics = port.topics
        self.topic_ids = port.topic_ids
        self.broker_errors = port.broker_errors

    def producer(self, partition: int) -> TransactionalProducer:
        return SteppedProducer(self._port.producer(partition), self)

    def begin(self) -> None:
        self._begun += 1
        self.reach("after decide")

    def reach(self, step: str) -> None:
        if step == self._step and self._begun == self._transaction:
            # Counted once: whoever is woken again goes on as if nothing had been.
            self._transaction = -1
            os.kill(os.getpid(), self._signal)


class SteppedProducer:
    """See `flows.port.TransactionalProducer`."""

    def __init__(self, inner: TransactionalProducer, port: SteppedPort) -> None:
        self._inner = inner
        self._port = port
        self._produced = 0
        self.init = inner.init
        self.abort = inner.abort
        self.broker_time_ms = inner.broker_time_ms
        self.close = inner.close

    def begin(self) -> None:
        self._port.begin()
        self._produced = 0
        self._inner.begin()

    def produce(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]] | None,
    ) -> None:
        self._inner.produce(topic, partition, key, value, headers)
        self._produced += 1
        if self._produced == 2:
            self._port.reach("mid-produce")

    def send_offsets(
        self, offsets: Mapping[Place, int], membership: Any, timeout_s: float, note: str = ""
    ) -> None:
        self._port.reach("before offsets")
        self._inner.send_offsets(offsets, membership, timeout_s, note)

    def commit(self, timeout_s: float) -> None:
        self._port.reach("before commit")
        self._inner.commit(timeout_s)
        self._port.reach("after commit")
