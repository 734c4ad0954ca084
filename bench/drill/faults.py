"""The faults: how each is made, which alert must tell of it, and what its runbook says to do.

`also` are alerts that may fire beside the right one because they tell the truth too: the cause behind the symptom, or
what follows from it. Any other one is wrong.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from confluent_kafka import Producer
from msgspec import Struct

from bench.drill.ground import Ground
from cli.demo.network import NETWORK
from cli.demo.places import EXPRESS, STANDARD, STORES, WAREHOUSES
from schemas import topics

FROZEN_POOL = "dc-paris"
COUNTED_POOL = "dc-zaragoza"
TRUCK_AFTER_S = 45.0
POISON_PER_SECOND = 2.0
ANSWER_TIMEOUT_S = 20.0
LATER_MARK = 1_000_000
"""Of a count that a person writes: later than all that the warehouse's own system has said."""

Mend = Callable[[], None]


class Fault(Struct, frozen=True):
    """One drill; `begin` makes the fault and returns what ends it, which is what the runbook's `command` does."""

    name: str
    what: str
    right: frozenset[str]
    also: frozenset[str]
    window: str
    """Of the right alert, unscaled: how long it looks back and waits."""
    command: str
    begin: Callable[[Ground], Mend]
    fires_within_s: float
    over_within_s: float
    cut_offs_s: Mapping[tuple[str, str], float] = {}


def _kill_router(ground: Ground) -> Mend:
    stage = ground.stage
    stage.dismissed.append(stage.router)
    stage.router.kill()
    return lambda: _start_router(ground)


def _start_router(ground: Ground) -> None:
    router = ground.stage.start_router()
    ground.stage.router_log.wait_for("ready", router, ANSWER_TIMEOUT_S)


def _stop_broker(ground: Ground) -> Mend:
    ground.stage.kafka.stop()
    return lambda: _start_broker(ground)


def _start_broker(ground: Ground) -> None:
    ground.stage.kafka.start()


def _freeze_warehouse(ground: Ground) -> Mend:
    process_id = ground.stage.systems[WAREHOUSES].child_id
    os.kill(process_id, signal.SIGSTOP)

    def mend() -> None:
        _set_status(ground, FROZEN_POOL, "paused")
        ground.sluice("apply", "network", "--yes", "--message", f"{FROZEN_POOL} stands still")
        os.kill(process_id, signal.SIGCONT)

    return mend


def _set_status(ground: Ground, pool: str, status: str) -> None:
    """As a planner would, in the file."""
    path = ground.stage.choices.directory / "network" / "pools.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{header},status"]
    lines += [f"{row},{status if row.split(',')[0] == pool else 'active'}" for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _poison(ground: Ground) -> Mend:
    """A stranger writes on the orders, on the right partition, what is no JSON."""
    stage = ground.stage
    over = threading.Event()
    producer = Producer({"bootstrap.servers": stage.kafka.bootstrap, "log_level": 0})
    topic = stage.settings.names.of(topics.ORDERS)

    def write() -> None:
        number = 0
        while not over.wait(1 / POISON_PER_SECOND):
            number += 1
            producer.produce(topic, b'{"order": %d' % number, NETWORK.encode(), stage.partition)
            producer.poll(0)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()

    def mend() -> None:
        # It names the sender's records; what follows is to stop whoever sends them.
        ground.sluice("dead-letters", "list", "--topic", topics.ORDERS.name, "--reason", "malformed_json")
        over.set()
        writer.join()
        producer.flush(ANSWER_TIMEOUT_S)

    return mend


def _silence_feed(ground: Ground) -> Mend:
    system = ground.stage.systems[STORES]
    system.tell("mute")
    system.answer("muted", ANSWER_TIMEOUT_S)

    def mend() -> None:
        system.tell("count")
        system.answer("counted", ANSWER_TIMEOUT_S)

    return mend


def _count_to_zero(ground: Ground) -> Mend:
    stage = ground.stage
    true_counts = dict(stage.goods.on_hand[COUNTED_POOL])
    system = stage.system_of(COUNTED_POOL)
    for sku in true_counts:
        system.tell("lose", COUNTED_POOL, sku)
    for _ in true_counts:
        system.answer("lost", ANSWER_TIMEOUT_S)

    def mend() -> None:
        counts = stage.choices.directory / "counts.jsonl"
        _write_counts(counts, true_counts)
        ground.sluice("send", str(counts))

    return mend


def _write_counts(path: Path, counts: Mapping[str, int]) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    path.write_bytes(
        b"\n".join(
            msgspec.json.encode(
                {
                    "specversion": "1.0",
                    "source": "drill",
                    "id": f"recount/{COUNTED_POOL}/{sku}",
                    "type": "stock.counted",
                    "time": now,
                    "network": NETWORK,
                    "data": {"pool": COUNTED_POOL, "sku": sku, "quantity": units, "mark": LATER_MARK},
                }
            )
            for sku, units in sorted(counts.items())
        )
    )


_AVAILABILITY = frozenset({"RoutingAvailabilityBurnsFast", "RoutingAvailabilityBurnsSlowly"})
_AGE = frozenset({"DecisionAgeBurnsFast", "DecisionAgeBurnsSlowly"})
_FRESHNESS = frozenset({"StockFreshnessBurnsFast", "StockFreshnessBurnsSlowly"})

FAULTS = (
    Fault(
        name="router",
        what="the router is killed with SIGKILL",
        right=frozenset({"RoutingAvailabilityBurnsFast", "RouterDown"}),
        also=_AVAILABILITY | _AGE | {"PartitionsNotDeciding"},
        window="1 h and 5 min; 2 min",
        command="sluice run",
        begin=_kill_router,
        fires_within_s=30,
        over_within_s=90,
    ),
    Fault(
        name="broker",
        what="the broker is stopped",
        right=frozenset({"CommitsStandStill"}),
        also=_AVAILABILITY | _AGE | {"BrokerAway", "PartitionsNotDeciding", "SetbacksRepeat"},
        window="2 min, then 1 min",
        command="sluice kafka",
        begin=_stop_broker,
        fires_within_s=30,
        over_within_s=90,
    ),
    Fault(
        name="warehouse",
        what="a warehouse system freezes before its truck leaves",
        right=frozenset({"DispatchPerformanceLow", "CutoffsMissed"}),
        also=_FRESHNESS | {"StockFeedSilent"},
        window="1 h, then 5 min",
        command="sluice apply NETWORK (the pool paused)",
        begin=_freeze_warehouse,
        fires_within_s=90,
        over_within_s=150,
        cut_offs_s={(FROZEN_POOL, STANDARD): TRUCK_AFTER_S, (FROZEN_POOL, EXPRESS): TRUCK_AFTER_S + 1},
    ),
    Fault(
        name="poison",
        what="a stranger writes malformed records on the orders",
        right=frozenset({"DeadLettersRising"}),
        also=frozenset(),
        window="10 min",
        command="sluice dead-letters list, and stop the sender",
        begin=_poison,
        fires_within_s=30,
        over_within_s=60,
    ),
    Fault(
        name="feed",
        what="the stores' stock feed stops",
        right=frozenset({"StockFeedSilent"}),
        also=_FRESHNESS,
        window="15 min, then 2 min",
        command="the feed counts again",
        begin=_silence_feed,
        fires_within_s=40,
        over_within_s=60,
    ),
    Fault(
        name="count",
        what="a pool is counted to zero",
        right=frozenset({"PromisesWithdrawn"}),
        # What was released there before is at risk until the warehouse has looked.
        also=frozenset({"UnitsAtRisk", "OrdersOverdue"}) | _AGE,
        window="10 min",
        command="sluice send counts.jsonl",
        begin=_count_to_zero,
        fires_within_s=30,
        over_within_s=60,
    ),
)
"""In the order in which they are drilled."""
