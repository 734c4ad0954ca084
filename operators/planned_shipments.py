"""A choice as shipments: what each holds, when the warehouse is told, and the names that a plan keeps."""

from __future__ import annotations

from msgspec.structs import replace

from operators.choice import Choice, Part
from operators.demand import Demand
from operators.effects import Moment
from operators.promise import release_at_ms
from schemas.reference import PolicyEntity
from schemas.rows import PLANNED, SENT, OrderRow, ShipmentLine, ShipmentRow


def shipments_of(
    order: OrderRow, choice: Choice, demands: list[Demand], policy: PolicyEntity, number: int, moment: Moment
) -> tuple[ShipmentRow, ...]:
    """The chosen parts as shipments."""
    shipments = []
    for count, part in enumerate(choice.parts, start=1):
        lines: list[ShipmentLine] = []
        lane = part.quote.lane
        handling = carrying = 0
        for at, quantity in enumerate(part.quantities):
            if not quantity:
                continue
            demand = demands[at]
            handling += quantity * lane.handling_per_unit
            carrying += quantity * (lane.per_kg * demand.weight_grams // 1000)
            if len(demand.lines) == 1:
                lines.append(ShipmentLine(demand.lines[0][0], quantity, 0, 0, 0, 0, 0))
            else:
                lines += _share(order, choice.parts, part, at, demand)
        if len(lines) > 1:
            lines.sort(key=_line_index)
        shipments.append(
            _shipment(order, part, tuple(lines), carrying, handling, policy, f"{number}/{count}", moment)
        )
    return tuple(shipments)


def _share(order: OrderRow, parts: list[Part], mine: Part, at: int, demand: Demand) -> list[ShipmentLine]:
    """The lines of a demand of several to which the units of `mine` go, in the order's own sequence.

    Pools that have sent back some of the lines choose first, as they are counted in `at_most`: all others may send any.
    """
    left = dict(demand.lines)
    turns = list(demand.at_most)
    for part in sorted(parts, key=lambda part: _turn(part.quote.lane.pool, turns)):
        lines: list[ShipmentLine] = []
        quantity = part.quantities[at]
        for index, units in left.items():
            taken = 0 if part.quote.lane.pool in order.lines[index].excluded else min(units, quantity)
            if taken:
                left[index] -= taken
                quantity -= taken
                lines.append(ShipmentLine(index, taken, 0, 0, 0, 0, 0))
        if part is mine:
            break
    return lines


def _turn(pool: str, turns: list[str]) -> int:
    return turns.index(pool) if pool in turns else len(turns)


def _line_index(part: ShipmentLine) -> int:
    return part.line


def _shipment(
    order: OrderRow,
    part: Part,
    lines: tuple[ShipmentLine, ...],
    carrying: int,
    handling: int,
    policy: PolicyEntity,
    name: str,
    moment: Moment,
) -> ShipmentRow:
    quote = part.quote
    lane = quote.lane
    release_ms = release_at_ms(policy, moment.now_ms, quote.ship_by_ms)
    return ShipmentRow(
        f"{order.order_id}/{name}",
        lane.pool,
        lane.wms,
        lane.carrier,
        order.service,
        SENT if release_ms <= moment.now_ms else PLANNED,
        lines,
        quote.ship_by_ms,
        quote.deliver_by_ms,
        release_ms,
        quote.day,
        (lane.fixed + carrying, handling, quote.lateness, quote.capacity),
        (),
    )


def named_as_before(shipment: ShipmentRow, planned: tuple[ShipmentRow, ...]) -> ShipmentRow:
    """With the name of the planned shipment that this one repeats: a plan that did not change keeps its names.

    What else is said of it may have changed with the reference: whom to tell, when to tell them, when it arrives.
    """
    for old in planned:
        if (
            old.pool == shipment.pool
            and old.carrier == shipment.carrier
            and old.ship_by_ms == shipment.ship_by_ms
            and old.lines == shipment.lines
        ):
            return replace(shipment, shipment_id=old.shipment_id)
    return shipment


def is_as_planned(shipments: tuple[ShipmentRow, ...], planned: tuple[ShipmentRow, ...]) -> bool:
    """Whether nothing changed but a price that rises with the pool's load alone: that makes no other plan."""
    return len(shipments) == len(planned) and all(
        replace(shipment, cost=(*shipment.cost[:3], old.cost[3])) == old
        for shipment, old in zip(shipments, planned, strict=True)
    )
