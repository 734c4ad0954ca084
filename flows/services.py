"""What every part of one router process shares."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future

from msgspec import Struct

from flows import collector
from flows.clock import Clock
from flows.config import RouterConfig
from flows.crew import Crew
from flows.health import Health
from flows.logs.bundle_log import BundleLog
from flows.logs.log import Log
from flows.metrics import Metrics
from flows.port import KafkaPort, PortFault
from flows.topic_book import TopicBook
from schemas.formats import FORMAT
from state.limits import Limits

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
