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

import msgspec
from confluent_kafka import Producer
from msgspec import Struct

from bench.drill.ground import Ground
from cli.demo.network import NETWORK
from cli.demo.places import EXPRESS, POOLS, STANDARD, STORES, WAREHOUSES
from schemas import topics

FROZEN_POOL = "dc-paris"
COUNTED_POOL = "dc-zaragoza"
TRUCK_AFTER_S = 45.0
POISON_PER_SECOND = 2.0
ANSWER_TIMEOUT_S = 20.0

Mend = Callable[[], None]


class Fault(Struct, frozen=True):
    """One drill; `begin` makes the fault and returns what ends it, which is what the runbook's `command` does."""

    name: str
    what: str
    right: frozenset[str]
    also: frozenset[str]
    command: str
    deed: str
    """What a person does beside the command; nothing, where the command alone ends it."""
    begin: Callable[[Ground], Mend]
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
    """It stays frozen: what is mended is where the orders go."""
    process_id = ground.stage.systems[WAREHOUSES].child_id
    os.kill(process_id, signal.SIGSTOP)
    # Only when all is over, so that it can end by itself.
    ground.stage.stack.callback(os.kill, process_id, signal.SIGCONT)

    def mend() -> None:
        _set_status(ground, FROZEN_POOL, "paused")
        ground.sluice("apply", "network", "--yes", "--message", f"{FROZEN_POOL} stands still")

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
    """It stays silent: a person sends what was counted by hand."""
    system = ground.stage.systems[STORES]
    system.tell("mute")
    system.answer("muted", ANSWER_TIMEOUT_S)
    pools = [pool.pool for pool in POOLS if pool.wms == STORES]

    def mend() -> None:
        _send_counts(ground, {pool: _one_item(ground, pool) for pool in pools})

    return mend


def _one_item(ground: Ground, pool: str) -> dict[str, int]:
    """An item of the pool and how much of it there is: one count proves that somebody is there."""
    sku = max(ground.stage.goods.on_hand[pool])
    told = ground.sluice("stock", sku, "--pool", pool, "--json")
    (level,) = msgspec.json.decode(told, type=list[_Level])
    return {sku: level.on_hand}


class _Level(Struct):
    on_hand: int


def _next_mark(ground: Ground, pool: str) -> int:
    """Of a count that a person writes: far above it the pool's own system would be ignored from then on."""
    told = ground.sluice("stock", "--pool", pool, "--json")
    (positions,) = msgspec.json.decode(told, type=list[_Positions])
    return positions.last_position + 1


class _Positions(Struct):
    last_position: int


def _count_to_zero(ground: Ground) -> Mend:
    true_counts = dict(ground.stage.goods.on_hand[COUNTED_POOL])
    system = ground.stage.system_of(COUNTED_POOL)
    for sku in true_counts:
        system.tell("lose", COUNTED_POOL, sku)
    for _ in true_counts:
        system.answer("lost", ANSWER_TIMEOUT_S)
    return lambda: _send_counts(ground, {COUNTED_POOL: true_counts})


def _send_counts(ground: Ground, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Counts by pool and SKU, as a person who writes them into a file."""
    marks = {pool: _next_mark(ground, pool) for pool in counts}
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    path = ground.stage.choices.directory / "counts.jsonl"
    path.write_bytes(
        b"\n".join(
            msgspec.json.encode(
                {
                    "specversion": "1.0",
                    "source": "drill",
                    "id": f"recount/{pool}/{sku}",
                    "type": "stock.counted",
                    "time": now,
                    "network": NETWORK,
                    "data": {"pool": pool, "sku": sku, "quantity": units, "mark": marks[pool]},
                }
            )
            for pool, goods in sorted(counts.items())
            for sku, units in sorted(goods.items())
        )
    )
    ground.sluice("send", str(path))


_AGE = frozenset({"DecisionAgeBurnsFast", "DecisionAgeBurnsSlowly"})
_FRESHNESS = frozenset({"StockFreshnessBurnsFast", "StockFreshnessBurnsSlowly"})

FAULTS = (
    Fault(
        name="router",
        what="the router is killed with SIGKILL",
        right=frozenset({"RoutingAvailabilityBurnsFast", "RouterDown"}),
        also=_AGE | {"RoutingAvailabilityBurnsSlowly", "PartitionsNotDeciding"},
        command="sluice run",
        deed="",
        begin=_kill_router,
    ),
    Fault(
        name="broker",
        what="the broker is stopped",
        right=frozenset({"RoutingAvailabilityBurnsFast"}),
        # Commits stand still where records were waiting, or until the session has timed out: then the routers give
        # everything back.  Where it takes long to start again, nothing was heard of any stock either.
        also=_AGE
        | _FRESHNESS
        | {"BrokerAway", "CommitsStandStill", "PartitionsNotDeciding", "RoutingAvailabilityBurnsSlowly"}
        | {"SetbacksRepeat", "StockFeedSilent"},
        command="sluice kafka",
        deed="a person starts the broker again",
        begin=_stop_broker,
    ),
    Fault(
        name="warehouse",
        what="a warehouse system freezes before its truck leaves",
        right=frozenset({"DispatchPerformanceLow", "CutoffsMissed"}),
        also=_FRESHNESS | {"StockFeedSilent"},
        command="sluice apply NETWORK (the pool paused)",
        deed="",
        begin=_freeze_warehouse,
        cut_offs_s={(FROZEN_POOL, STANDARD): TRUCK_AFTER_S, (FROZEN_POOL, EXPRESS): TRUCK_AFTER_S + 1},
    ),
    Fault(
        name="poison",
        what="a stranger writes malformed records on the orders",
        right=frozenset({"DeadLettersRising"}),
        also=frozenset(),
        command="sluice dead-letters list",
        deed="a person stops the sender",
        begin=_poison,
    ),
    Fault(
        name="feed",
        what="the stores' stock feed stops",
        right=frozenset({"StockFeedSilent"}),
        also=_FRESHNESS,
        command="sluice send counts.jsonl",
        deed="",
        begin=_silence_feed,
    ),
    Fault(
        name="count",
        what="a pool is counted to zero",
        right=frozenset({"PromisesWithdrawn"}),
        # What was released there before is at risk until the warehouse has looked.
        also=frozenset({"UnitsAtRisk", "OrdersOverdue", "OrdersFindNoPlace"}) | _AGE,
        command="sluice send counts.jsonl",
        deed="",
        begin=_count_to_zero,
    ),
)
"""In the order in which they are drilled."""
