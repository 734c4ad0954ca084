"""What a bundle's figures are made of, noted while decisions are at hand: their rows would cost far more later.

They are plain numbers by name; metrics add them up once the bundle is committed, and nothing decides by them.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from operators.effects import Effects
from operators.intake import CAUSE as PLACED
from schemas.notices import DeadLetter, Decision, DecisionData, ExceptionOpened, ShipmentRequested
from schemas.rows import SENT, OrderRow, ShipmentRow

WAITING = "waiting"
PARTLY_WAITING = "partly_waiting"
ONE_SHIPMENT = "one_shipment"
SPLIT = "split"

Truck = tuple[str, int]
"""(pool, ship-by): the departure that shipments are planned for."""


class Load:
    """What one bundle gave to one truck: shipments that the warehouse was told of, and orders that end with it.

    `orders` are new ones whose first plan is whole, each under the last of its trucks.
    """

    __slots__ = ("capacity", "handling", "lane", "lateness", "orders", "shipments", "units")

    def __init__(self) -> None:
        self.shipments = 0
        self.units = 0
        self.lane = 0
        self.handling = 0
        self.lateness = 0
        self.capacity = 0
        self.orders: list[str] = []


class NetworkMeasures:
    """What one bundle did in one network.

    `placed` holds [orders, units] by channel, zone and what became of the first plan; `waiting` are new orders of
    which some unit found no place; `changes` are (before, after) of orders whose shipments a warehouse changed, or
    missing stock did; `heard` is Kafka's time of each pool's last inventory record.
    """

    __slots__ = ("changes", "heard", "loads", "placed", "waiting")

    def __init__(self) -> None:
        self.placed: dict[tuple[str, str, str], list[int]] = {}
        self.loads: dict[Truck, Load] = {}
        self.waiting: list[OrderRow] = []
        self.changes: list[tuple[OrderRow, OrderRow]] = []
        self.heard: dict[str, int] = {}


class BundleMeasures(Struct):
    """Counts of one bundle, for metrics: a plain summary of what is published."""

    received: dict[tuple[str, str], int] = {}
    """Decoded records by (topic kind, event type)."""
    decisions: dict[tuple[str, str], int] = {}
    """Decisions by (cause, outcome); the outcome is what became of the order's units."""
    dead_letters: dict[tuple[str, str], int] = {}
    """By (topic kind, reason)."""
    exceptions: dict[str, int] = {}
    """Opened, by kind."""
    duplicates: int = 0
    stale: int = 0
    changed_rows: int = 0
    networks: dict[str, NetworkMeasures] = {}

    def of(self, network: str) -> NetworkMeasures:
        """What is noted of one network."""
        measures = self.networks.get(network)
        if measures is None:
            measures = self.networks[network] = NetworkMeasures()
        return measures


def note(measures: BundleMeasures, told: list[tuple[str, Effects]]) -> None:
    """Count what some decisions publish, each with its network.

    The first row is the order's whenever a decision or an instruction is published.  Every new order comes here, so the
    common case is written out in one piece.
    """
    name = ""
    network: NetworkMeasures | None = None
    for its_network, effects in told:
        notices = effects.notices
        first = notices[0].notice
        counted = 0
        if type(first) is Decision:
            data = first.data
            counted = 1
            if data.cause == PLACED:
                if network is None or its_network != name:
                    name = its_network
                    network = measures.of(name)
                counted += _note_placed(network, effects.rows[0])  # type: ignore[arg-type]
            else:
                _count(measures.decisions, (data.cause, outcome_of(data)))
        if counted != len(notices):
            _note_others(measures, its_network, effects, counted)


def _note_others(measures: BundleMeasures, network: str, effects: Effects, counted: int) -> None:
    for outgoing in effects.notices[counted:]:
        kind = type(outgoing.notice)
        if kind is ShipmentRequested:
            _note_release(measures.of(network), effects.rows[0], outgoing.key)  # type: ignore[arg-type]
        elif kind is ExceptionOpened:
            _count(measures.exceptions, outgoing.notice.data.kind)  # type: ignore[union-attr]


def sum_up(measures: BundleMeasures, letters: list[DeadLetter], changed_rows: int) -> BundleMeasures:
    """At the end of the bundle: what was refused, and first plans, which are decisions too."""
    measures.changed_rows = changed_rows
    for letter in letters:
        _count(measures.dead_letters, (letter.topic, letter.reason))
    for network in measures.networks.values():
        for (_channel, _zone, outcome), (orders, _units) in network.placed.items():
            measures.decisions[PLACED, outcome] = measures.decisions.get((PLACED, outcome), 0) + orders
    return measures


def _note_placed(network: NetworkMeasures, row: OrderRow) -> int:
    """A new order with its first plan; how many warehouses were told at once."""
    units = left = 0
    for line in row.lines:
        quantity = line.quantity
        units += quantity
        left += quantity - line.cancelled - line.refused
    told = 0
    last: Load | None = None
    last_ms = 0
    loads = network.loads
    shipments = row.shipments
    for shipment in shipments:
        ship_by_ms = shipment.ship_by_ms
        truck = (shipment.pool, ship_by_ms)
        load = loads.get(truck)
        if load is None:
            load = loads[truck] = Load()
        there = 0
        for part in shipment.lines:
            there += part.quantity
        left -= there
        if shipment.state == SENT:
            told += 1
            # As `_put_on`.
            lane, handling, lateness, capacity = shipment.cost
            load.shipments += 1
            load.units += there
            load.lane += lane
            load.handling += handling
            if lateness:
                load.lateness += lateness
            if capacity:
                load.capacity += capacity
        if ship_by_ms >= last_ms:
            last, last_ms = load, ship_by_ms
    if left:
        outcome = PARTLY_WAITING if shipments else WAITING
        network.waiting.append(row)
    elif last is not None:
        outcome = ONE_SHIPMENT if len(shipments) == 1 else SPLIT
        last.orders.append(row.order_id)
    else:
        outcome = _without_shipments(sum([line.refused for line in row.lines]))
    key = (row.channel, row.zone, outcome)
    placed = network.placed.get(key)
    if placed is None:
        network.placed[key] = [1, units]
    else:
        placed[0] += 1
        placed[1] += units
    return told


def _put_on(load: Load, shipment: ShipmentRow, units: int) -> None:
    lane, handling, lateness, capacity = shipment.cost
    load.shipments += 1
    load.units += units
    load.lane += lane
    load.handling += handling
    if lateness:
        load.lateness += lateness
    if capacity:
        load.capacity += capacity


def _note_release(network: NetworkMeasures, row: OrderRow, shipment_id: str) -> None:
    """A shipment that the warehouse is told of later than with the first plan."""
    for shipment in row.shipments:
        if shipment.shipment_id == shipment_id:
            truck = (shipment.pool, shipment.ship_by_ms)
            load = network.loads.get(truck)
            if load is None:
                load = network.loads[truck] = Load()
            _put_on(load, shipment, sum(part.quantity for part in shipment.lines))


def outcome_of(data: DecisionData) -> str:
    """The least settled state that any unit of the order is in."""
    shipments = len(data.shipments)
    for line in data.lines:
        if line.open:
            return PARTLY_WAITING if shipments else WAITING
    if shipments:
        return ONE_SHIPMENT if shipments == 1 else SPLIT
    return _without_shipments(sum([line.refused for line in data.lines]))


def _without_shipments(refused: int) -> str:
    return "refused" if refused else "cancelled"


def _count(counts: dict[Any, int], key: object) -> None:
    counts[key] = counts.get(key, 0) + 1
