"""One order in two or three lines: what was chosen, and why not the others, from the decision's own reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cli.demo.network import CURRENCY
from cli.demo.stage import Stage
from cli.demo.timetable import Departure
from cli.words.counting import counted
from cli.words.money import money
from schemas.notices import Alternative, DecisionData, PlannedShipment
from schemas.times import EPOCH, MILLISECOND, parse_rfc3339

NOT_SHOWN_MAX = 2


class Reroute(NamedTuple):
    """An order that would have gone to a pool, had its truck not left."""

    order: DecisionData
    pool: str
    missed: Alternative


def elsewhere(plan: DecisionData, truck: Departure) -> Reroute | None:
    """Whether a plan avoids a pool for its departed truck alone: without the lateness that pool had won."""
    if len(plan.shipments) != 1 or plan.shipments[0].pool == truck.pool:
        return None
    for rival in plan.why.runners_up:
        waits_for_the_next = parse_rfc3339(rival.ship_by) > truck.cut_off.timestamp() * 1000
        is_next = waits_for_the_next and not rival.full_trucks
        if rival.pools == [truck.pool] and is_next and rival.cost.lateness > rival.dearer:
            return Reroute(plan, plan.shipments[0].pool, rival)
    return None


def explain(stage: Stage, truck: Departure, rerouted: Iterable[Reroute]) -> str:
    """Tell one order with its runners-up; returns its name, for `sluice explain`."""
    chosen = max(rerouted, key=_instructive)
    plan = chosen.order
    shipment = plan.shipments[0]
    lines = counted(len(plan.lines), "line")
    stage.screen.detail(
        f"{plan.order_id}  {lines} -> {shipment.pool}   {money(plan.why.cost, CURRENCY)}   "
        f"leaves {_leaves(stage, shipment)}, arrives {_day(shipment.deliver_by)}"
    )
    stage.screen.detail(
        f"    not {truck.pool}: too late for its {truck.collection:%H:%M:%S} truck, the next one arrives "
        f"{_day(chosen.missed.deliver_by)} and makes it {_dearer(chosen.missed)}"
    )
    others = [rival for rival in plan.why.runners_up if rival is not chosen.missed]
    for rival in others[: NOT_SHOWN_MAX - 1]:
        stage.screen.detail(f"    not {' + '.join(rival.pools)}: {_dearer(rival)}")
    return plan.order_id


def _instructive(rerouted: Reroute) -> tuple[bool, bool, int, int, str]:
    """Better the more there is to see: a parcel in time, which it had not been, runners-up, about two lines."""
    plan = rerouted.order
    return (
        not plan.shipments[0].cost.lateness,
        plan.shipments[0].deliver_by < rerouted.missed.deliver_by,
        min(len(plan.why.runners_up), NOT_SHOWN_MAX),
        -abs(len(plan.lines) - 2),
        plan.order_id,
    )


def _dearer(rival: Alternative) -> str:
    return f"{money(rival.dearer, CURRENCY)} dearer"


def _leaves(stage: Stage, shipment: PlannedShipment) -> str:
    """When its truck is at the door, by the clock there."""
    departure = stage.trucks.departure(shipment.pool, shipment.service)
    return f"{departure.collection:%H:%M:%S}"


def _day(moment: str) -> str:
    return f"{EPOCH + parse_rfc3339(moment) * MILLISECOND:%a}"
