"""The story, act by act, up to the kill.  Each act makes something happen, waits for it and tells it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from cli.demo.explaining import Reroute, elsewhere, explain
from cli.demo.figures import Change, Figures
from cli.demo.places import POOLS
from cli.demo.stage import READY_TIMEOUT_S, Stage
from cli.demo.timetable import FIRST_TRUCK, Departure
from cli.demo.waiting import comes_true, standing, until, until_holds
from schemas.times import to_ms

FIRST_ORDERS_S = 3.0
SAFE_S = 30.0
"""Promises that stay unreleased for longer than the act lasts."""
WITHDRAWN_CAUSE = "stock_gone"
PROMISES_WANTED = 3
ELSEWHERE_WANTED = 25
ACT_TIMEOUT_S = 8.0


def opening(stage: Stage) -> None:
    """Every shelf is counted, then the shops open."""
    for system in stage.systems.values():
        system.tell("count")
    counts = sum(int(system.answer("counted", READY_TIMEOUT_S)[0]) for system in stage.systems.values())
    stage.shop.answer("ready", READY_TIMEOUT_S)
    if not stage.tracker.wait_until_decided(READY_TIMEOUT_S):
        raise stage.router.failed("has not taken the opening counts")
    stage.screen.event(
        f"router (process {stage.router.process_id}) decides; {counts:,} stock counts taken from "
        f"{len(stage.systems)} warehouse systems"
    )
    stage.screen.detail(
        f"while it runs: http://{stage.address}/metrics (figures), /readyz and /healthz (is it well?)"
    )
    stage.shop.tell("start")
    stage.opened_at = datetime.now(UTC)
    stage.screen.event(f"the shops open: {stage.choices.orders_per_second:.0f} orders a second")
    until(stage, stage.opened_at + timedelta(seconds=FIRST_ORDERS_S))
    until_holds(stage, lambda figures: bool(figures.plans), "The router has decided no order")


def tell_figures(stage: Stage) -> None:
    """How things stand; ages are of orders that did not have to wait for a dead router."""
    figures = stage.tracker.figures
    before_ms = to_ms(stage.killed_at or datetime.now(UTC))
    stage.screen.detail(standing(stage))
    stage.screen.detail(
        f"age p50 {figures.age_ms(0.5, before_ms)} ms  p99 {figures.age_ms(0.99, before_ms)} ms   "
        f"packages per order {figures.packages_per_order():.2f}   "
        f"on time for the truck {figures.on_time_percent():.1f} %"
    )


def count_to_zero(stage: Stage) -> None:
    """Somebody finds an empty shelf under promises that no warehouse has been told of yet."""
    figures = stage.tracker.figures
    safe_ms = to_ms(datetime.now(UTC) + timedelta(seconds=SAFE_S))
    until_holds(
        stage, lambda now: _most_promised(now, safe_ms) is not None, "No item was promised often enough"
    )
    pool, sku = _most_promised(figures, safe_ms) or ("", "")
    stage.popular = sku
    stage.system_of(pool).tell("lose", pool, sku)
    event_id = stage.system_of(pool).answer("lost", ACT_TIMEOUT_S)[0]

    def settled(now: Figures) -> bool:
        withdrawn, again = _withdrawn(now, pool, sku)
        return bool(withdrawn) and event_id in now.counted_ms and len(again) >= len(withdrawn)

    began_s = time.monotonic()
    comes_true(stage, settled, ACT_TIMEOUT_S)
    withdrawn, again = _withdrawn(figures, pool, sku)
    counted_ms = figures.counted_ms.get(event_id, 0)
    took_ms = max((change.received_ms for change in again), default=counted_ms) - counted_ms
    placed = sum(1 for change in again if not any(line.open for line in change.after.lines))
    stage.happened["promises withdrawn by a count"] = len(withdrawn)
    stage.happened["withdrawn promises decided again"] = len(again)
    if not withdrawn:
        stage.screen.event(
            f"{pool}, {sku}: nothing happened in {time.monotonic() - began_s:.0f} s", "COUNT   ", True
        )
        return
    stage.screen.event(
        f"{pool}, {sku}: counted 0, {len(withdrawn)} promises withdrawn, "
        f"{placed} re-routed{'' if placed == len(again) else f' and {len(again) - placed} waiting'} "
        f"within {took_ms} ms",
        "COUNT   ",
    )


def _most_promised(figures: Figures, safe_ms: int) -> tuple[str, str] | None:
    """Pool and SKU with the most promises that can still be taken back; None while there are few."""
    best = figures.unreleased(safe_ms).most_common(1)
    return best[0][0] if best and best[0][1] >= PROMISES_WANTED else None


def _withdrawn(figures: Figures, pool: str, sku: str) -> tuple[list[Change], list[Change]]:
    """The withdrawals of one count, and the decisions that followed them."""
    changes = list(figures.changes.get(WITHDRAWN_CAUSE, ()))
    marker = f" of {sku} at {pool} are gone"
    withdrawn = {change.after.order_id: change for change in changes if marker in change.after.why.note}
    again = [
        change
        for change in changes
        if (first := withdrawn.get(change.after.order_id)) is not None
        and change.after.decision == first.after.decision + 1
    ]
    return list(withdrawn.values()), again


def truck_leaves(stage: Stage) -> None:
    """A cut-off passes, and later orders go elsewhere."""
    truck = stage.trucks.departure(*FIRST_TRUCK)
    until(stage, truck.cut_off)
    if not comes_true(stage, lambda figures: len(_later(stage, truck)) >= ELSEWHERE_WANTED, ACT_TIMEOUT_S):
        stage.screen.detail("fewer orders than expected were affected by the truck that left")
    later = _later(stage, truck)
    stage.happened["orders sent elsewhere after a cut-off"] = len(later)
    if not later:
        stage.screen.event(f"{truck.pool}: no later order went elsewhere", "CUT-OFF ", True)
        return
    stage.screen.event(
        f"{truck.pool}, {truck.carrier}, {truck.collection:%H:%M:%S} truck: later orders go elsewhere, "
        f"{len(later)} so far{_mostly(later)}",
        "CUT-OFF ",
    )
    stage.explained = explain(stage, truck, later)


def _later(stage: Stage, truck: Departure) -> list[Reroute]:
    changes = list(stage.tracker.figures.first_plans)
    return [found for change in changes if (found := elsewhere(change.after, truck)) is not None]


def _mostly(later: list[Reroute]) -> str:
    """`, 41 of them to store-lyon`."""
    pools = [pool.pool for pool in POOLS]
    chosen = max(pools, key=lambda pool: sum(1 for each in later if each.pool == pool))
    count = sum(1 for each in later if each.pool == chosen)
    return f", {count} of them to {chosen}"
