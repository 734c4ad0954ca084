"""One routing decision: what an order still needs, from which pools, by which truck, and why."""

from __future__ import annotations

from msgspec.structs import replace

from operators import remarks
from operators.choice import Choice
from operators.demand import Demand, demands_of
from operators.effects import Effects, Moment
from operators.explain import decision, why_of
from operators.obstacles import Ground
from operators.order_change import FEWER_UNITS, closing_of, promise_of
from operators.planned_shipments import is_as_planned, named_as_before, shipments_of
from operators.promise import CAPACITY_FULL, NO_TRUCK
from operators.refusal import refuses_the_rest
from operators.release import shipment_requested
from operators.reservations import reservation_rows
from operators.shipment_limit import shipments_allowed
from operators.weigh import Need, Weighed, weigh
from schemas.notices import SentBack, Why
from schemas.reference import PolicyEntity
from schemas.rows import PLANNED, SENT, LineRow, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.network import Network
from state.order_units import is_live, unrouted_units

REFERENCE_CHANGED = "reference_changed"

QUIET_CAUSES = frozenset({"stock_arrived", "retry_due", REFERENCE_CHANGED, FEWER_UNITS})
"""Causes that only ask whether there is something better: without a change they publish nothing."""

_NO_POLICY = PolicyEntity(policy="", unfilled_request="wait")
"""For an order whose channel, service level or zone was withdrawn: it waits until that is back, or it is cancelled."""


def route(
    network: Network, order: OrderRow, moment: Moment, cause: str, sent_back: tuple[SentBack, ...] = ()
) -> Effects:
    """Place every unit that no warehouse has been told of yet: OPEN ones, and anew those of unreleased shipments.

    `sent_back` is what warehouses sent back of the order in this bundle.
    """
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
    room = shipments_allowed(order, policy, moment.limits) - sum(map(is_live, kept))
    demands = demands_of(order, units, routes) if in_force else []
    if in_force:
        weighed = weigh(network, routes, Need(order, policy, units, demands, planned, room), moment)
    else:
        weighed = Weighed(None, remarks.not_in_force(Ground(routes).missing(order)))
    choice, note = weighed.choice, weighed.note

    number = order.decision + 1
    shipments = shipments_of(order, choice, demands, policy, number, moment) if choice else ()
    if planned:
        shipments = tuple([named_as_before(shipment, planned) for shipment in shipments])
    lines = order.lines
    if refuses_the_rest(order, policy) and not weighed.holds_back:
        lines = _refused(lines, demands, shipments)
    retry_at_ms = NEVER_MS
    if choice and choice.unfilled and _may_find_a_truck_later(choice):
        retry_at_ms = moment.now_ms + moment.limits.retry_ms

    if cause in QUIET_CAUSES and not sent_back and lines == order.lines and is_as_planned(shipments, planned):
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
        why = why_of(choice, ruled_out, moment.limits, _with_full_trucks(note, choice), sent_back)
    else:
        why = Why(ruled_out=ruled_out, note=note, sent_back=sent_back)
    effects = Effects([row, *stock_rows, *slot_rows], [], empty)
    effects.notices.append(decision(network, row, moment, cause, why, choice.proved if choice else True))
    for shipment in shipments:
        if shipment.state == SENT:
            effects.notices.append(shipment_requested(row, shipment, moment))
    return effects


def _with_full_trucks(note: str, choice: Choice) -> str:
    """The note, and why the chosen pools ship no sooner: they are ruled out for nothing, so no reason names them."""
    for part in choice.parts:
        quote = part.quote
        if quote.full_trucks:
            sentence = remarks.full(quote.lane.pool, quote.lane.carrier, quote.full_trucks)
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
