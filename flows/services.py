"""What every part of one router process shares."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from msgspec import Struct

from flows import collector
from flows.clock import Clock
from flows.config import RouterConfig
from flows.health import Health
from flows.logs.bundle_log import BundleLog
from flows.logs.log import Log
from flows.metrics import Metrics
from flows.port import KafkaPort, PortFault
from flows.topic_book import TopicBook
from schemas.formats import FORMAT
from state.limits import Limits

Result = TypeVar("Result")


class Crew:
    """Threads for tasks that wait for the broker beside the flow.

    Starting one takes the flow 150 us, so a thread that has come back takes the next task. Being daemons they keep no
    router from ending whose broker is gone, and one whose client never comes back is only missed.
    """

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[tuple[Callable[[], Any], Future[Any]]]] = []

    def begin(self, task: Callable[[], Result]) -> Future[Result]:
        """Let the task run, and answer for it later."""
        future: Future[Result] = Future()
        try:
            tasks = self._idle.pop()
        except IndexError:
            tasks = SimpleQueue()
            threading.Thread(target=self._work, args=(tasks,), name="beside", daemon=True).start()
        tasks.put((task, future))
        return future

    def _work(self, tasks: SimpleQueue[tuple[Callable[[], Any], Future[Any]]]) -> None:
        while True:
            task, future = tasks.get()
            try:
                result = task()
            except BaseException as error:
                self._idle.append(tasks)
                future.set_exception(error)
            else:
                # Idle before anybody can know that it is: whoever waits for this result has the next task.
                self._idle.append(tasks)
                future.set_result(result)
            del task, future


def at_once(task: Callable[[], Result]) -> Future[Result]:
    """Run a task here and now: for simulation, where nothing waits and the order must repeat."""
    future: Future[Result] = Future()
    try:
        future.set_result(task())
    except BaseException as error:
        future.set_exception(error)
    return future


_CREW = Crew()


class Services(Struct, frozen=True, kw_only=True):
    """Made once, passed to source, leases and sink."""

    port: KafkaPort
    config: RouterConfig
    limits: Limits
    clock: Clock
    log: Log
    bundle_log: BundleLog
    metrics: Metrics
    topics: TopicBook
    health: Health
    first_format: int = FORMAT
    """Of a partition that has no state yet."""
    background: Callable[[Callable[[], object]], Future[object]] = _CREW.begin
    """For what may take long: fencing, questions to the broker."""
    beside: Callable[[Callable[[], PortFault | None]], Future[PortFault | None]] = _CREW.begin
    """For commits: short, and awaited before the partition's next transaction begins."""
    steady_s: Callable[[], float] = time.monotonic
    collect_garbage: Callable[[], None] = collector.everything
    """After an assignment, when much has gone and much has come."""
