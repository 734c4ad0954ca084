"""Say why: the decision notice, with the order's whole plan and the reasons, bounded in size."""

from __future__ import annotations

from operators.choice import Choice, Part
from operators.effects import Moment
from schemas.kinds import DECISIONS
from schemas.notices import (
    Alternative,
    Cost,
    Decision,
    DecisionData,
    LineUnits,
    Outgoing,
    PlannedLine,
    PlannedShipment,
    Promise,
    RuledOut,
    SentBack,
    Why,
)
from schemas.rows import PLANNED, LineRow, OrderRow, ShipmentLine, ShipmentRow
from schemas.times import optional_rfc3339, rfc3339
from state.limits import Limits
from state.network import Network
from state.order_units import is_live, pending_units

NO_REASONS = Why()
_NONE_FULL: tuple[int, ...] = ()


def decision(
    network: Network, order: OrderRow, moment: Moment, cause: str, why: Why, proved: bool = True
) -> Outgoing:
    """The notice of the order's latest decision; `order` is the row after it."""
    routes = network.catalog.routes
    channel = routes.channels.get(order.channel) if routes else None
    data = DecisionData(
        order_id=order.order_id,
        decision=order.decision,
        revision=order.revision,
        decided_at=moment.time,
        cause=cause,
        channel=order.channel,
        zone=order.zone,
        priority=order.priority,
        lines=_line_units(order),
        shipments=[_planned_shipment(order, shipment) for shipment in order.shipments if is_live(shipment)],
        promise=Promise(
            original=optional_rfc3339(order.promise_original_ms),
            current=optional_rfc3339(order.promise_current_ms),
        ),
        proved=proved,
        why=why,
        policy=channel.policy if channel else "",
        set_id=network.catalog.set_id,
    )
    notice = Decision(
        id=f"{order.order_id}/{order.decision}",
        time=moment.time,
        network=network.name,
        sequence=moment.sequence,
        data=data,
    )
    return Outgoing(DECISIONS, order.order_id, notice)


def why_of(
    choice: Choice, static: list[RuledOut], limits: Limits, note: str, sent_back: tuple[SentBack, ...]
) -> Why:
    """The reasons for a choice: runners-up with what they cost more, and who was ruled out by what."""
    return Why(
        candidates=choice.candidates,
        cost=choice.cost,
        runners_up=[
            _alternative(cost, parts, choice.cost, choice.split_penalty)
            for cost, parts in choice.rivals[: limits.why_runners_up_max]
        ],
        others=choice.others,
        ruled_out=static + choice.ruled_out,
        note=note,
        sent_back=sent_back,
    )


def _alternative(cost: int, parts: tuple[Part, ...], winner: int, split_penalty: int) -> Alternative:
    if len(parts) == 1:
        # Nearly all are such, and every order has some: lists and sums of one cost twice as much.
        only = parts[0].quote
        handling = only.lane.handling_per_unit * sum(parts[0].quantities)
        return Alternative(
            pools=[only.lane.pool],
            carriers=[only.lane.carrier],
            dearer=cost - winner,
            cost=Cost(
                lane=only.lane.fixed + cost - only.fixed - handling,
                handling=handling,
                lateness=only.lateness,
                capacity=only.capacity,
            ),
            ship_by=rfc3339(only.ship_by_ms),
            deliver_by=rfc3339(only.deliver_by_ms),
            full_trucks=(only.full_trucks,) if only.full_trucks else _NONE_FULL,
        )
    fixed = lane = handling = lateness = capacity = 0
    for part in parts:
        quote = part.quote
        fixed += quote.fixed
        lane += quote.lane.fixed
        lateness += quote.lateness
        capacity += quote.capacity
        handling += quote.lane.handling_per_unit * sum(part.quantities)
    split = split_penalty * (len(parts) - 1)
    full_trucks = tuple([part.quote.full_trucks for part in parts])
    return Alternative(
        pools=[part.quote.lane.pool for part in parts],
        carriers=[part.quote.lane.carrier for part in parts],
        dearer=cost - winner,
        # What weight adds to the lanes is what is left of the plan's cost: it need not be computed again.
        cost=Cost(
            lane=lane + cost - fixed - handling - split,
            handling=handling,
            lateness=lateness,
            capacity=capacity,
            split=split,
        ),
        ship_by=rfc3339(max([part.quote.ship_by_ms for part in parts])),
        deliver_by=rfc3339(max([part.quote.deliver_by_ms for part in parts])),
        full_trucks=full_trucks if any(full_trucks) else _NONE_FULL,
    )


def _line_units(order: OrderRow) -> list[LineUnits]:
    none = [0] * len(order.lines)
    allocated, released, pending, shipped, delivered = (
        none,
        none.copy(),
        none.copy(),
        none.copy(),
        none.copy(),
    )
    for shipment in order.shipments:
        for request in shipment.pending:
            for index, units in request.lines:
                pending[index] += units
        unshipped = allocated if shipment.state == PLANNED else released
        for part in shipment.lines:
            left = part.shipped
            unshipped[part.line] += part.quantity - part.missing - part.rejected - part.cancelled - left
            if left:
                shipped[part.line] += left
                delivered[part.line] += part.arrived
    by_line = []
    for line, planned, told, asked, gone, there in zip(
        order.lines, allocated, released, pending, shipped, delivered, strict=True
    ):
        by_line.append(
            LineUnits(
                line_id=line.line_id,
                sku=line.sku,
                quantity=line.quantity,
                open=line.quantity - line.cancelled - line.refused - planned - told - gone,
                allocated=planned,
                released=told - asked,
                cancel_pending=asked,
                shipped=gone - there,
                delivered=there,
                cancelled=line.cancelled,
                refused=line.refused,
            )
        )
    return by_line


def _planned_shipment(order: OrderRow, shipment: ShipmentRow) -> PlannedShipment:
    lane, handling, lateness, capacity = shipment.cost
    return PlannedShipment(
        shipment_id=shipment.shipment_id,
        pool=shipment.pool,
        wms=shipment.wms,
        carrier=shipment.carrier,
        service=shipment.service,
        state=shipment.state,
        lines=[_planned_line(order.lines[part.line], shipment, part) for part in shipment.lines],
        ship_by=rfc3339(shipment.ship_by_ms),
        deliver_by=rfc3339(shipment.deliver_by_ms),
        release_at=rfc3339(shipment.release_at_ms),
        cost=Cost(lane=lane, handling=handling, lateness=lateness, capacity=capacity),
    )


def _planned_line(line: LineRow, shipment: ShipmentRow, part: ShipmentLine) -> PlannedLine:
    arrived = part.arrived if part.shipped else 0
    return PlannedLine(
        line_id=line.line_id,
        sku=line.sku,
        quantity=part.quantity - part.missing - part.rejected - part.cancelled,
        shipped=part.shipped - arrived,
        delivered=arrived,
        cancel_pending=pending_units(shipment, part.line) if shipment.pending else 0,
        at_risk=part.at_risk,
    )
