"""What a bundle's figures are made of, noted while decisions are at hand: their rows would cost far more later.

They are plain numbers by name; metrics add them up once the bundle is committed, and nothing decides by them.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from operators.effects import Effects
from operators.intake import CAUSE as PLACED
from schemas.journal import DeadLetter
from schemas.notices import Decision, DecisionData, ExceptionOpened, ShipmentRequested
from schemas.rows import SENT, OrderRow, ShipmentRow
from schemas.times import NEVER_MS
from state.order_units import is_live, open_units

WAITING = "waiting"
PARTLY_WAITING = "partly_waiting"
ONE_SHIPMENT = "one_shipment"
SPLIT = "split"

Truck = tuple[str, int]
"""(pool, ship-by): the departure that shipments are planned for."""


class Load:
    """What one bundle gave to one truck: shipments that the warehouse was told of, and orders that end with it.

    `split` are those of orders with several packages.  `orders` are new ones whose first plan is whole, each under
    the last of its trucks.
    """

    __slots__ = ("capacity", "handling", "lane", "lateness", "orders", "shipments", "split", "units")

    def __init__(self) -> None:
        self.shipments = 0
        self.split = 0
        self.units = 0
        self.lane = 0
        self.handling = 0
        self.lateness = 0
        self.capacity = 0
        self.orders: list[str] = []


class Market:
    """What one bundle did for one channel and zone: orders placed, and the cost of shipments told to warehouses.

    `without_place` are new orders of which some unit found no place, whether it waits or was refused.
    """

    __slots__ = ("capacity", "handling", "lane", "lateness", "orders", "units", "without_place")

    def __init__(self) -> None:
        self.orders = 0
        self.without_place = 0
        self.units = 0
        self.lane = 0
        self.handling = 0
        self.lateness = 0
        self.capacity = 0


class NetworkMeasures:
    """What one bundle did in one network.

    `decisions` are counted by (cause, outcome), the outcome being what became of the order's units, `exceptions` by
    kind.  `waiting` are new orders of which some unit waits; `changes` are (before, after) of orders whose
    shipments a warehouse or a carrier changed, or missing stock did.  Of each pool `ignored` counts the inventory
    records that a count in force overrules, and `heard` is Kafka's time of the last one of the others.
    """

    __slots__ = (
        "changes", "decisions", "exceptions", "heard", "ignored", "loads", "markets", "one_shipment", "waiting"
    )  # fmt: skip

    def __init__(self) -> None:
        self.decisions: dict[tuple[str, str], int] = {}
        self.exceptions: dict[str, int] = {}
        self.markets: dict[tuple[str, str], Market] = {}
        self.loads: dict[Truck, Load] = {}
        self.one_shipment = 0
        self.waiting: list[OrderRow] = []
        self.changes: list[tuple[OrderRow, OrderRow]] = []
        self.heard: dict[str, int] = {}
        self.ignored: dict[str, int] = {}

    def note(self, effects: Effects) -> None:
        """Count what one decision publishes.

        The first row is the order's whenever a decision or an instruction is published.
        """
        notices = effects.notices
        first = notices[0].notice
        noted = 0
        if type(first) is Decision:
            noted = 1
            if first.data.cause == PLACED:
                noted += self._note_first_plan(effects.rows[0])  # type: ignore[arg-type]
            else:
                _count(self.decisions, (first.data.cause, outcome_of(first.data)))
                if first.data.decision == 1:
                    self._note_cancelled_at_once(effects.rows[0])  # type: ignore[arg-type]
        if noted != len(notices):
            self._note_others(effects, noted)

    def _note_first_plan(self, row: OrderRow) -> int:
        """A new order with its first plan; how many warehouses were told at once.

        Every order comes here, and nearly all of them leave whole in one package: that case is written out.
        """
        units = refused = 0
        for line in row.lines:
            units += line.quantity
            refused += line.refused
        key = (row.channel, row.zone)
        market = self.markets.get(key)
        if market is None:
            market = self.markets[key] = Market()
        market.orders += 1
        market.units += units
        if refused:
            market.without_place += 1
        shipments = row.shipments
        # A promise means that every unit has a place or was refused.
        if len(shipments) != 1 or row.promise_current_ms == NEVER_MS:
            return self._note_other_plan(row, market, refused)
        self.one_shipment += 1
        shipment = shipments[0]
        truck = (shipment.pool, shipment.ship_by_ms)
        load = self.loads.get(truck)
        if load is None:
            load = self.loads[truck] = Load()
        load.orders.append(row.order_id)
        if shipment.state != SENT:
            return 0
        lane, handling, lateness, capacity = shipment.cost
        load.shipments += 1
        for part in shipment.lines:
            load.units += part.quantity
        load.lane += lane
        load.handling += handling
        market.lane += lane
        market.handling += handling
        if lateness or capacity:
            _put_on(load, market, lateness, capacity)
        return 1

    def _note_cancelled_at_once(self, row: OrderRow) -> None:
        """A new order of which nothing is left to plan: no first plan will count it."""
        if not row.needs_decision:
            market = self._market(row)
            market.orders += 1
            market.units += sum([line.quantity for line in row.lines])

    def _note_other_plan(self, row: OrderRow, market: Market, refused: int) -> int:
        shipments = row.shipments
        told = 0
        last: Load | None = None
        last_ms = 0
        for shipment in shipments:
            load = self._load(shipment)
            if shipment.state == SENT:
                told += 1
                _tell(load, market, shipment, len(shipments))
            if shipment.ship_by_ms >= last_ms:
                last, last_ms = load, shipment.ship_by_ms
        if last is not None and row.promise_current_ms != NEVER_MS:
            outcome = ONE_SHIPMENT if len(shipments) == 1 else SPLIT
            last.orders.append(row.order_id)
        elif any(open_units(row)):
            outcome = PARTLY_WAITING if shipments else WAITING
            self.waiting.append(row)
            if not refused:
                market.without_place += 1
        else:
            outcome = _without_shipments(refused)
        _count(self.decisions, (PLACED, outcome))
        return told

    def _note_others(self, effects: Effects, noted: int) -> None:
        for outgoing in effects.notices[noted:]:
            kind = type(outgoing.notice)
            if kind is ShipmentRequested:
                self._note_release(effects.rows[0], outgoing.key)  # type: ignore[arg-type]
            elif kind is ExceptionOpened:
                _count(self.exceptions, outgoing.notice.data.kind)  # type: ignore[union-attr]

    def _note_release(self, row: OrderRow, shipment_id: str) -> None:
        """A shipment that the warehouse is told of later than with the first plan."""
        market = self._market(row)
        for shipment in row.shipments:
            if shipment.shipment_id == shipment_id:
                _tell(self._load(shipment), market, shipment, sum(map(is_live, row.shipments)))

    def _load(self, shipment: ShipmentRow) -> Load:
        truck = (shipment.pool, shipment.ship_by_ms)
        load = self.loads.get(truck)
        if load is None:
            load = self.loads[truck] = Load()
        return load

    def _market(self, row: OrderRow) -> Market:
        key = (row.channel, row.zone)
        market = self.markets.get(key)
        if market is None:
            market = self.markets[key] = Market()
        return market

    def sum_up(self) -> None:
        """At the end of the bundle: first plans in one shipment, which are decisions too."""
        if self.one_shipment:
            key = (PLACED, ONE_SHIPMENT)
            self.decisions[key] = self.decisions.get(key, 0) + self.one_shipment


class BundleMeasures(Struct):
    """Counts of one bundle, for metrics: a plain summary of what is published."""

    received: dict[str, int] = {}
    """Decoded records by event type."""
    decisions: dict[tuple[str, str], int] = {}
    """Decisions by (cause, outcome) in all networks."""
    dead_letters: dict[tuple[str, str], int] = {}
    """By (topic kind, reason)."""
    exceptions: dict[str, int] = {}
    """Opened, by kind, in all networks."""
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


def sum_up(measures: BundleMeasures, letters: list[DeadLetter], changed_rows: int) -> BundleMeasures:
    """At the end of the bundle: all networks together, and what was refused."""
    measures.changed_rows = changed_rows
    for letter in letters:
        _count(measures.dead_letters, (letter.topic, letter.reason))
    for network in measures.networks.values():
        network.sum_up()
        for what, count in network.decisions.items():
            measures.decisions[what] = measures.decisions.get(what, 0) + count
        for kind, count in network.exceptions.items():
            measures.exceptions[kind] = measures.exceptions.get(kind, 0) + count
    return measures


def _tell(load: Load, market: Market, shipment: ShipmentRow, packages: int) -> None:
    """The warehouse was told of this shipment, one of so many of its order."""
    lane, handling, lateness, capacity = shipment.cost
    load.shipments += 1
    load.split += packages > 1
    for part in shipment.lines:
        load.units += part.quantity
    load.lane += lane
    load.handling += handling
    market.lane += lane
    market.handling += handling
    _put_on(load, market, lateness, capacity)


def _put_on(load: Load, market: Market, lateness: int, capacity: int) -> None:
    load.lateness += lateness
    load.capacity += capacity
    market.lateness += lateness
    market.capacity += capacity


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
