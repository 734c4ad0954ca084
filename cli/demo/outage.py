"""The kill: the router dies just before goods would be released, and comes back when their truck has gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cli.demo.figures import Figures, planned_shipments
from cli.demo.network import NETWORK, RELEASE_LEAD_S
from cli.demo.router_log import first
from cli.demo.stage import Stage
from cli.demo.timetable import MISSED_TRUCKS, Departure
from cli.demo.waiting import comes_true, until
from infra.errors import SluiceError
from schemas.notices import DecisionData
from schemas.times import parse_rfc3339, to_ms

KILLED_BEFORE_CUT_OFF = timedelta(seconds=RELEASE_LEAD_S + 2)
"""Long enough before the releases that a busy machine is still in time."""
BACK_AFTER_CUT_OFF = timedelta(milliseconds=100)
BACK_TIMEOUT_S = 30.0
CATCH_UP_TIMEOUT_S = 15.0


def kill(stage: Stage) -> tuple[Departure, int]:
    """SIGKILL, in time for one of the trucks; the truck that will be missed, and when it was."""
    truck = _truck_ahead(stage)
    until(stage, truck.cut_off - KILLED_BEFORE_CUT_OFF)
    stage.dismissed.append(stage.router)
    killed_at = stage.killed_at = datetime.now(UTC)
    stage.router.kill()
    stage.screen.event(f"the router (process {stage.router.process_id}); orders go on coming in", "KILL -9 ")
    return truck, to_ms(killed_at)


def _truck_ahead(stage: Stage) -> Departure:
    now = datetime.now(UTC)
    for pool, service in MISSED_TRUCKS:
        truck = stage.trucks.departure(pool, service)
        if now < truck.cut_off - KILLED_BEFORE_CUT_OFF:
            return truck
    raise SluiceError(
        "This machine was too slow for the story: the trucks had left before the router could be killed. Try "
        "again with fewer --orders-per-second"
    )


def come_back(stage: Stage, truck: Departure, killed_ms: int) -> None:
    """A new router takes over: what it restored, what it caught up with, and what was decided again."""
    until(stage, truck.cut_off + BACK_AFTER_CUT_OFF)
    figures = stage.tracker.figures
    # Nothing was decided meanwhile, so this is how the old router has left the plans.
    missed = {order_id: plan for order_id, plan in figures.plans.items() if _is_for(plan, truck)}
    began_s = stage.screen.elapsed_s()
    router = stage.start_router()
    lines = stage.router_log.wait_for("ready", router, BACK_TIMEOUT_S)
    took_s = stage.screen.elapsed_s() - began_s
    # The router says so only after it has found rows, journal head and committed offsets in agreement.
    restored = first(lines, "restored", lambda line: NETWORK in line.get("networks", []))
    if restored is None:
        raise router.failed(f"has not restored network {NETWORK}")
    came_in = {order_id for order_id, placed_ms in list(figures.placed_ms.items()) if placed_ms >= killed_ms}

    def caught_up(now: Figures) -> bool:
        return not came_in - now.plans.keys() - now.refused and all(
            now.plans[order_id].decision > plan.decision for order_id, plan in missed.items()
        )

    comes_true(stage, caught_up, CATCH_UP_TIMEOUT_S)
    # A slow machine may still be at it: what is lost shows when all else is decided, and the auditor says so.
    left = len(came_in - figures.plans.keys() - figures.refused)
    lost = f"{left:,} not decided yet" if left else "0 lost"
    again = [plan for order_id, plan in missed.items() if figures.plans[order_id].decision > plan.decision]
    moved = [plan for plan in again if not _uses(figures.plans[plan.order_id], truck)]
    stage.screen.event(
        f"back: journal agrees, {len(figures.repeated)} repeated, {lost}, {len(came_in) - left:,} orders caught up",
        is_bad=bool(figures.repeated),
    )
    stage.screen.detail(f"{restored['rows']:,} rows restored, ready {took_s:.1f} s after its start")
    stage.screen.detail(
        f"{len(again)} orders missed their truck while it was down ({truck.pool}, {truck.collection:%H:%M:%S}): "
        f"decided again, {len(moved)} moved"
    )
    stage.happened["orders caught up after the kill"] = len(came_in) - left
    stage.happened["orders decided again after a missed truck"] = len(again)
    stage.happened["orders moved after a missed truck"] = len(moved)


def _is_for(plan: DecisionData, truck: Departure) -> bool:
    """Whether something of the plan waits for this truck, and no warehouse was told of it."""
    return any(
        (shipment.pool, shipment.service) == (truck.pool, truck.service)
        and parse_rfc3339(shipment.ship_by) == to_ms(truck.cut_off)
        for shipment in planned_shipments(plan)
    )


def _uses(plan: DecisionData, truck: Departure) -> bool:
    return any((each.pool, each.service) == (truck.pool, truck.service) for each in plan.shipments)
