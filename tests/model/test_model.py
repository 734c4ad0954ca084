"""The router against a naive second implementation, over whatever a hypothesis state machine thinks of.

Events of all kinds are sent as raw JSON, repeated, contradicted, out of order and in bundles of any size; time jumps;
the router is restarted from what it published, and the one that was never restarted must publish the same bytes.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from operators.bundle import decide_bundle
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS, REFERENCE
from schemas.records import Record
from state.limits import Limits
from tests.memory import same_memory
from tests.model.events import MINUTE_MS, POOLS, SKUS, Events, line
from tests.model.referee import Referee
from tests.promises import promise
from tests.side_by_side import takes
from tests.small_network import network
from tests.world import NETWORK, World, told

JUMPS_MINUTES = [0, 0, 1, 20, 120, 180, 300, 1440]
LONG_JUMPS_MINUTES = [3 * 1440, 35 * 1440, 95 * 1440]


class Model(Events):
    """Rules put records into the next bundle; `commit` decides it and lets the referee judge."""

    @initialize(
        agenda_orders_max=st.sampled_from([1, 2, 2_000, 2_000]), sets_max=st.sampled_from([3, 2_000]),
        orders=st.lists(st.lists(line, min_size=1, max_size=2), min_size=1, max_size=4),
    )  # fmt: skip
    def begin(self, agenda_orders_max: int, sets_max: int, orders: list[list[tuple[str, int]]]) -> None:
        limits = Limits(agenda_orders_max=agenda_orders_max, search_sets_max=sets_max)
        self.world = World(network(), limits)
        self.twin = self.world.restored()
        self.referee = Referee(
            capacity={"corner": 2},
            channels={"web", "express"},
            pools=set(POOLS),
            items={"lamp", "chair", "rug"},
        )
        self.queue = {}
        self.sent = []
        self.recounts = []
        self.blocks = []
        self.position = 10
        self.numbers = 0
        for pool_name in POOLS:
            for sku in SKUS[:2]:
                self.send("stock.counted", {"pool": pool_name, "sku": sku, "quantity": 4, "mark": 1})
        for lines in orders:
            self.place_order([(*each, None) for each in lines])

    # --- the router decides ---------------------------------------------------------------------------------

    @rule(jump=st.sampled_from(JUMPS_MINUTES), restart=st.integers(0, 5))
    def commit(self, jump: int, restart: int) -> None:
        self._commit(jump, restart)

    @rule(jump=st.sampled_from(JUMPS_MINUTES), restart=st.integers(0, 5))
    def commit_again(self, jump: int, restart: int) -> None:
        self._commit(jump, restart)

    @rule(jump=st.sampled_from(LONG_JUMPS_MINUTES), really=st.integers(0, 4))
    def commit_much_later(self, jump: int, really: int) -> None:
        self._commit(jump if really == 0 else 180, 0)

    def _commit(self, jump: int, restart: int) -> None:
        now_ms = self.world.now_ms + jump * MINUTE_MS
        before = dict(self.world.offsets)
        queue, self.queue = self.queue, {}
        result = self.world.bundle(queue, now_ms)
        if REFERENCE in queue:
            self._reference_changed()
        records = [
            _read(raw) for topic in (REFERENCE, INVENTORY, FULFILMENT, ORDERS) for raw in queue.get(topic, ())
        ]
        self.referee.judge(records, result, now_ms, set(self.world.network.orders.undecided))
        self._twin_agrees(queue, before, now_ms)
        if restart == 0:
            self.twin = self.world.restored()
            same_memory(self.world.partition, self.twin)

    def _reference_changed(self) -> None:
        for entity in self.changes:
            if entity["kind"] == "item_pool":
                self.referee.safety[entity["pool"], entity["sku"]] = entity["safety"]
            elif entity["kind"] == "item":
                self.referee.items.add(entity["sku"])
            else:
                paused = self.referee.paused
                (paused.add if entity["status"] == "paused" else paused.discard)(entity["pool"])
                if entity["pool"] in self.referee.capacity:
                    self.referee.capacity[entity["pool"]] = entity["orders_per_day"]

    def _twin_agrees(self, queue: dict[str, list[bytes | None]], before: dict[str, int], now_ms: int) -> None:
        """What was restored some bundles ago decides as what was never stopped."""
        records = {
            topic: [
                Record(topic, before.get(topic, 0) + at, now_ms, b"key", raw) for at, raw in enumerate(values)
            ]
            for topic, values in queue.items()
        }
        outcome = decide_bundle(self.twin, records, dict(self.world.offsets), now_ms)
        told_now = self.world.publications[len(self.world.publications) - len(outcome.publications) :]
        assert self.twin.sequence == self.world.partition.sequence
        assert outcome.publications == told_now, told(outcome)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self._commit(0, 0)


def _read(raw: bytes | None) -> Any:
    try:
        event = msgspec.json.decode(raw or b"")
    except msgspec.DecodeError:
        return None
    return event if isinstance(event, dict) and event.get("network") == NETWORK else None


@takes(30)
@promise("P1", "P2", "P3", "P4", "P5")
def test_the_router_agrees_with_a_naive_second_one() -> None:
    run_state_machine_as_test(
        Model,
        settings=settings(
            max_examples=150,
            stateful_step_count=80,
            deadline=None,
            # The same run for everybody: who changes the core must not find somebody else's rare case.
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            # Without `explain`, which runs every example under a tracer.
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
