"""The source: everything that happens to this process's partitions, in band and in order.

The engine never asks for more before the sink has published what was handed out, and the sink publishes nothing
before the bundle before it is committed.  So of each partition at most one bundle is being committed while one more is
decided, and a partition changes hands only after both have ended.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bytewax.inputs import DynamicSource, StatelessSourcePartition

from flows import collector
from flows.bundle import Item
from flows.fleet import Fleet
from flows.port import PortFault
from flows.services import Services
from flows.stopping import Stopping
from infra.errors import SluiceError

_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


class RouterSource(DynamicSource[Item]):
    """Owns the consumer.  One worker: a process that needs more cores is two processes."""

    def __init__(self, services: Services, stopping: Stopping) -> None:
        self._services = services
        self._stopping = stopping

    def build(self, step_id: str, worker_index: int, worker_count: int) -> StatelessSourcePartition[Item]:
        if worker_count != 1:
            raise ValueError("a router has one worker; start more processes instead")
        return _Polling(self._services, self._stopping)


class _Polling(StatelessSourcePartition[Item]):
    def __init__(self, services: Services, stopping: Stopping) -> None:
        self._stopping = stopping
        collector.take_charge()
        self._fleet = Fleet(services, stopping)

    def next_batch(self) -> list[Item]:
        if self._stopping.is_requested:
            raise StopIteration
        collector.after_bundle()
        try:
            return self._fleet.next_items()
        except PortFault as fault:
            # Raised out of the poll itself: this client's membership is over.
            self._stopping.fail(fault.sentence)
        except SluiceError as error:
            self._stopping.fail(str(error))
        return []

    def next_awake(self) -> datetime:
        # The poll waits by itself; without this the engine would add a millisecond after each empty one.
        return _LONG_AGO

    def close(self) -> None:
        self._fleet.close()
