"""One routing decision: what an order still needs, from which pools, by which truck, and why."""

from __future__ import annotations

from msgspec.structs import replace

from operators import remarks
from operators.choice import Choice, nothing_sent
from operators.choose import choose
from operators.demand import Demand, demands_of
from operators.effects import Effects, Moment, exception_opened
from operators.explain import decision, why_of
from operators.obstacles import CAME_BACK, Ground, obstacles_of
from operators.order_change import FEWER_UNITS, closing_of, promise_of
from operators.planned_shipments import is_as_planned, named_as_before, shipments_of
from operators.promise import CAPACITY_FULL, NO_TRUCK, full_trucks, terms_of
from operators.release import shipment_requested
from operators.reservations import reservation_rows
from schemas.notices import Outgoing, Why
from schemas.reference import PolicyEntity
from schemas.rows import PLANNED, SENT, LineRow, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.network import Network
from state.order_units import is_live, unrouted_units
from state.routes import Routes

REFERENCE_CHANGED = "reference_changed"

QUIET_CAUSES = frozenset({"stock_arrived", "retry_due", REFERENCE_CHANGED, FEWER_UNITS})
"""Causes that only ask whether there is something better: without a change they publish nothing."""

TOLD_BEFORE = CAME_BACK | {REFERENCE_CHANGED}
"""Causes of which a person was told what they put in the way of an order, before it is decided."""

_NO_SLOTS: frozenset[tuple[str, int]] = frozenset()

_NO_POLICY = PolicyEntity(policy="", unfilled_request="wait")
"""For an order whose channel, service level or zone was withdrawn: it waits until that is back, or it is cancelled."""


def route(network: Network, order: OrderRow, moment: Moment, cause: str) -> Effects:
    """Place every unit that no warehouse has been told of yet: OPEN ones, and anew those of unreleased shipments."""
    routes = network.catalog.routes
    assert routes is not None, "orders are booked only where a reference set is in force"
    in_force = (
        order.channel in routes.channels and order.service in routes.services and order.zone in routes.zones
    )
    policy = routes.policy_of(order.channel) if in_force else _NO_POLICY
    planned: tuple[ShipmentRow, ...] = ()
    kept: tuple[ShipmentRow, ...] = ()
    if order.shipments:
        planned = tuple([shipment for shipment in order.shipments if shipment.state == PLANNED])
        kept = tuple([shipment for shipment in order.shipments if shipment.state != PLANNED])
    units = unrouted_units(order)
    room = remarks.shipments_allowed(order, policy, moment.limits) - sum(map(is_live, kept))
    demands = demands_of(order, units, routes) if in_force else []
    choice, note, holds_back = _weigh(network, order, routes, policy, demands, units, planned, room, moment)

    number = order.decision + 1
    shipments = shipments_of(order, choice, demands, policy, number, moment) if choice else ()
    if planned:
        shipments = tuple([named_as_before(shipment, planned) for shipment in shipments])
    lines = order.lines
    if not order.sold and policy.unfilled_request == "refuse" and not holds_back:
        lines = _refused(lines, demands, shipments)
    retry_at_ms = NEVER_MS
    if choice and choice.unfilled and _may_find_a_truck_later(choice):
        retry_at_ms = moment.now_ms + moment.limits.retry_ms

    if cause in QUIET_CAUSES and lines == order.lines and is_as_planned(shipments, planned):
        if not order.needs_decision and retry_at_ms == order.retry_at_ms:
            return Effects([], [])
        row = replace(order, version=order.version + 1, needs_decision="", retry_at_ms=retry_at_ms)
        return Effects([row], [])

    together = kept + shipments
    promise_ms = promise_of(lines, together)
    row = replace(
        order,
        version=order.version + 1,
        decision=number,
        lines=lines,
        shipments=together,
        needs_decision="",
        retry_at_ms=retry_at_ms,
        # What has just been planned is not closed.
        closed_at_ms=NEVER_MS if shipments else closing_of(order, lines, together, moment),
        promise_current_ms=promise_ms,
        promise_original_ms=promise_ms
        if order.promise_original_ms == NEVER_MS
        else order.promise_original_ms,
    )
    stock_rows, slot_rows, empty = reservation_rows(network, lines, planned, shipments)
    ruled_out = routes.candidates(order.zone, order.service, order.channel).ruled_out if in_force else []
    if choice:
        why = why_of(choice, ruled_out, moment.limits, _with_full_trucks(note, choice, moment.now_ms))
    else:
        why = Why(ruled_out=ruled_out, note=note)
    effects = Effects([row, *stock_rows, *slot_rows], [], empty)
    effects.notices.append(decision(network, row, moment, cause, why, choice.proved if choice else True))
    for shipment in shipments:
        if shipment.state == SENT:
            effects.notices.append(shipment_requested(row, shipment, moment))
    if (not in_force or room <= 0) and cause not in TOLD_BEFORE:
        effects.notices += _what_a_person_must_see(order, routes, moment)
    return effects


def _what_a_person_must_see(order: OrderRow, routes: Routes, moment: Moment) -> list[Outgoing]:
    """Why units wait whatever stock there is.  Of items it is told when they are ordered and when units come back."""
    return [
        exception_opened(moment, order.network, data)
        for data in obstacles_of(order, Ground(routes), moment)
        if not data.sku
    ]


def _weigh(
    network: Network,
    order: OrderRow,
    routes: Routes,
    policy: PolicyEntity,
    demands: list[Demand],
    units: list[int],
    planned: tuple[ShipmentRow, ...],
    room: int,
    moment: Moment,
) -> tuple[Choice | None, str, bool]:
    """The choice to carry out, or None with a note when nothing is to be sent now.

    And whether units are held back for which there is a place, because others of the order wait for their item.
    """
    if policy is _NO_POLICY:
        return None, remarks.not_in_force(Ground(routes).missing(order)), False
    if not demands:
        return None, remarks.NO_ITEM if any(units) else "", False
    # Units of unknown items are in no demand; they need a shipment one day like all that is unfilled.
    unknown = sum(units) - sum([demand.quantity for demand in demands])
    if order.ship_complete and unknown:
        return None, remarks.COMPLETE_NEEDS_ITEM, True
    if room <= 0:
        return None, f"{remarks.shipments_used_up(order, policy, moment.limits)}; a person decides", False
    candidates = routes.candidates(order.zone, order.service, order.channel)
    available = _available(network, order, demands, planned)
    own_slots = _NO_SLOTS
    if planned:
        own_slots = frozenset([(shipment.pool, shipment.slot_day) for shipment in planned])
    terms = terms_of(order, routes, moment.now_ms, network.slots, own_slots, moment.limits.later_trucks_max)
    penalty = routes.services[order.service].split_penalty
    choice = choose(demands, available, candidates, terms, room, penalty, moment.limits)
    if not choice.unfilled and not unknown:
        return choice, "", False
    unfilled = choice.unfilled
    shipments_used = room if len(choice.parts) == room else None
    if order.ship_complete:
        return nothing_sent(choice, room), remarks.complete_only(unfilled, shipments_used), False
    refuses = not order.sold and policy.unfilled_request == "refuse"
    kept_back = None
    # What waits for its item is never refused.
    if shipments_used and (unknown or not refuses):
        # The rest must be able to ship one day, so the last allowed shipment is not spent on a part.
        if room == 1:
            note = remarks.one_shipment_left(unknown, is_filled=not unfilled)
            return nothing_sent(choice, room), note, unknown > 0
        choice = choose(demands, available, candidates, terms, room - 1, penalty, moment.limits)
        kept_back = choice.unfilled - unfilled
    holds_back = kept_back is not None and unknown > 0
    no_place = remarks.unfilled(unfilled, shipments_used, refuses and not holds_back) if unfilled else ""
    return choice, remarks.waiting(no_place, unknown, kept_back), holds_back


def _available(
    network: Network, order: OrderRow, demands: list[Demand], planned: tuple[ShipmentRow, ...]
) -> list[dict[str, int]]:
    """Free units by demand and pool; what the order itself has planned counts as free for it."""
    free = network.ledger.free
    available = [free(demand.sku) for demand in demands]
    if not planned:
        return available
    own: dict[str, dict[str, int]] = {}
    for shipment in planned:
        for part in shipment.lines:
            pools = own.setdefault(order.lines[part.line].sku, {})
            pools[shipment.pool] = pools.get(shipment.pool, 0) + part.quantity
    return [
        _with_own(network, demand.sku, there, own[demand.sku]) if demand.sku in own else there
        for demand, there in zip(demands, available, strict=True)
    ]


def _with_own(network: Network, sku: str, there: dict[str, int], own: dict[str, int]) -> dict[str, int]:
    together = dict(there)
    for pool, units in own.items():
        row = network.ledger.row(pool, sku)
        if row is not None:
            # Below zero the pool's figure is not in `available`, so the row itself is read.
            there_is = row.on_hand - row.blocked - row.suspect - row.reserved
            beyond_safety = max(0, there_is - network.ledger.safety(pool, sku))
            # Safety stock that was raised since keeps new promises away; it never withdraws this one.
            together[pool] = max(0, units + min(0, there_is)) + beyond_safety
    return together


def _with_full_trucks(note: str, choice: Choice, now_ms: int) -> str:
    """The note, and why the chosen pools ship no sooner: they are ruled out for nothing, so no reason names them."""
    for part in choice.parts:
        trucks = full_trucks(part.quote, now_ms)
        if trucks:
            lane = part.quote.lane
            sentence = remarks.full(lane.pool, lane.carrier, trucks)
            note = f"{note}; {sentence}" if note else sentence
    return note


def _may_find_a_truck_later(choice: Choice) -> bool:
    return CAPACITY_FULL in choice.reasons or NO_TRUCK in choice.reasons


def _refused(
    lines: tuple[LineRow, ...], demands: list[Demand], shipments: tuple[ShipmentRow, ...]
) -> tuple[LineRow, ...]:
    """The lines with what found no place refused; units that are in no demand wait for their item."""
    left = [0] * len(lines)
    for demand in demands:
        for index, units in demand.lines:
            left[index] += units
    for shipment in shipments:
        for part in shipment.lines:
            left[part.line] -= part.quantity
    if not any(left):
        return lines
    return tuple(
        replace(line, refused=line.refused + unfilled) if unfilled else line
        for line, unfilled in zip(lines, left, strict=True)
    )
