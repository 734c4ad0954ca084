"""What every part of one router process shares."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from msgspec import Struct

from flows import collector
from flows.clock import Clock
from flows.config import RouterConfig
from flows.health import Health
from flows.log import Log
from flows.metrics import Metrics
from flows.port import KafkaPort, PortFault
from flows.topic_book import TopicBook
from schemas.formats import FORMAT
from state.limits import Limits

Result = TypeVar("Result")


def in_thread(task: Callable[[], Result]) -> Future[Result]:
    """Run a task that waits for the broker beside the flow.

    A thread of its own costs 50 us, and being a daemon it keeps no router from ending whose broker is gone, or whose
    client never comes back.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(task())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def at_once(task: Callable[[], Result]) -> Future[Result]:
    """Run a task here and now: for simulation, where nothing waits and the order must repeat."""
    future: Future[Result] = Future()
    try:
        future.set_result(task())
    except BaseException as error:
        future.set_exception(error)
    return future


class Services(Struct, frozen=True, kw_only=True):
    """Made once, passed to source, leases and sink."""

    port: KafkaPort
    config: RouterConfig
    limits: Limits
    clock: Clock
    log: Log
    metrics: Metrics
    topics: TopicBook
    health: Health
    first_format: int = FORMAT
    """Of a partition that has no state yet."""
    background: Callable[[Callable[[], object]], Future[object]] = in_thread
    """For what may take long: fencing, questions to the broker."""
    beside: Callable[[Callable[[], PortFault | None]], Future[PortFault | None]] = in_thread
    """For commits: short, and awaited before the partition's next transaction begins."""
    steady_s: Callable[[], float] = time.monotonic
    collect_garbage: Callable[[], None] = collector.everything
    """After an assignment, when much has gone and much has come."""
