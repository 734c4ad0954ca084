"""The router: inputs in, decisions out, one Kafka transaction for each bundle."""

from __future__ import annotations

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from flows.bundle import Decided, Item
from flows.route import route_builder
from flows.services import Services
from flows.sink import commit_all
from flows.source import RouterSource
from flows.stopping import Stopping


def router_flow(services: Services, stopping: Stopping) -> Dataflow:
    """Source, decision, sink; one item is what one poll returned for one partition."""
    flow = Dataflow("router")
    items = op.input("kafka", flow, RouterSource(services, stopping))
    by_partition = op.key_on("partition", items, _partition_of)
    decided = op.stateful_batch("route", by_partition, route_builder(services))
    op.output("transaction", decided, TransactionSink(services))
    return flow


def run_router(services: Services, stopping: Stopping) -> None:
    """Run until told to stop; what ended it otherwise is in `stopping.fault`."""
    run_main(router_flow(services, stopping))  # type: ignore[no-untyped-call]


def _partition_of(item: Item) -> str:
    return str(item.lease.number)


class TransactionSink(DynamicSink[tuple[str, Decided]]):
    """Hands what was decided to `flows.sink`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def build(
        self, step_id: str, worker_index: int, worker_count: int
    ) -> StatelessSinkPartition[tuple[str, Decided]]:
        return _Committing(self._services)


class _Committing(StatelessSinkPartition[tuple[str, Decided]]):
    def __init__(self, services: Services) -> None:
        self._services = services

    def write_batch(self, items: list[tuple[str, Decided]]) -> None:
        commit_all([decided for _partition, decided in items], self._services)
