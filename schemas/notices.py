"""Notices: what the router publishes for others.  A notice changes nothing.

Every notice is a CloudEvent whose id is derived, never random, and carries the `sequence` of the bundle
(transaction) that published it.  Personal data stays out: a token for the customer, the address by reference.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

Time = Annotated[
    str,
    Meta(description="RFC 3339 in UTC, to the millisecond.", extra_json_schema={"format": "date-time"}),
]
Units = Annotated[int, Meta(description="Units, in the item's base unit.")]
Money = Annotated[int, Meta(description="In millionths of the network's currency.")]


class Notice(Struct, frozen=True, gc=False, kw_only=True, tag_field="type"):
    """The attributes that every notice carries."""

    specversion: str = "1.0"
    id: str
    source: str = "sluice"
    time: Time
    network: str
    sequence: int


# --- decisions ------------------------------------------------------------------------------------------------


class LineUnits(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One line's units by state; they always add up to `quantity`.  States with no units are left out."""

    line_id: str
    sku: str
    quantity: Units
    open: Units = 0
    allocated: Units = 0
    released: Units = 0
    cancel_pending: Units = 0
    shipped: Units = 0
    delivered: Units = 0
    cancelled: Units = 0
    refused: Units = 0


class PlannedLine(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Units of a line that a live shipment holds.

    `quantity` includes the `shipped`, `delivered` and `cancel_pending` ones; what is delivered is not shipped any more.
    """

    line_id: str
    sku: str
    quantity: Units
    shipped: Units = 0
    delivered: Units = 0
    cancel_pending: Units = 0
    at_risk: Units = 0


class Cost(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Parts of a price in micros.  Lane and handling are cash; the rest steers the choice."""

    lane: Money = 0
    handling: Money = 0
    lateness: Money = 0
    capacity: Money = 0
    split: Money = 0


class PlannedShipment(Struct, frozen=True, gc=False, kw_only=True):
    """A live shipment as it stands after the decision.

    `state` is planned (no warehouse knows of it), sent, accepted, dispatched or delivered.
    Once a warehouse was told of it, its `cost` stays: units that it could not send or does not send are still in it.
    """

    shipment_id: str
    pool: str
    wms: str
    carrier: str
    service: str
    state: str
    lines: list[PlannedLine]
    ship_by: Time
    deliver_by: Time
    release_at: Time
    cost: Cost


class Alternative(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A plan that was weighed and lost: its pools, the carrier of each, and what it would have cost more.

    Its `cost` is that of the plan as a whole: what was chosen costs `dearer` less.  `full_trucks`, where it is given,
    says of each pool how many trucks leave before the one that was weighed and have no free place.
    """

    pools: list[str]
    carriers: list[str] = field(default_factory=list)
    dearer: Money
    cost: Cost
    ship_by: Time
    deliver_by: Time
    full_trucks: tuple[int, ...] = ()


class RuledOut(Struct, frozen=True, gc=False, kw_only=True):
    """Pools that could not serve, by reason; `pools` names a few of `count`, those with the cheapest lanes.

    A pool with several carriers is ruled out when none of them can.  `not_enough_stock` is of pools that have not all
    of it where one pool is to send all, and of those that have nothing of it where several may.
    """

    reason: str
    count: int
    pools: list[str]


class SentBack(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Units that a warehouse does not send, and why: the first of its words, on one line.

    `cause` is the type of the event that said so; `lines` are the units that this event took away.
    """

    shipment_id: str
    pool: str
    cause: str
    lines: dict[str, Units]
    reason: str = ""


class Why(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Why this plan: bounded in size, always on.

    `candidates` are the lanes (a pool with one carrier) that serve the destination, `cost` is what was decided now,
    the price of more than one parcel included.  `others` of the lanes could ship and are not listed: no plan with one
    of them is better, where the decision is `proved`.  `sent_back` is what warehouses sent back of the order in this
    transaction, the first ten of it.
    """

    candidates: int = 0
    cost: Money = 0
    runners_up: list[Alternative] = field(default_factory=list)
    others: int = 0
    ruled_out: list[RuledOut] = field(default_factory=list)
    note: str = ""
    sent_back: tuple[SentBack, ...] = ()


class Promise(Struct, frozen=True, gc=False, kw_only=True):
    """Deliver-by as first promised and as it stands.

    `original` is None until every unit had a plan for the first time; `current` while some unit has none, and where
    none is left to be delivered.
    """

    original: Time | None
    current: Time | None


class DecisionData(Struct, frozen=True, gc=False, kw_only=True):
    """The order's whole plan after one decision."""

    order_id: str
    decision: int
    revision: int
    decided_at: Time
    cause: str
    channel: str
    zone: str
    priority: int
    lines: list[LineUnits]
    shipments: list[PlannedShipment]
    promise: Promise
    proved: bool
    why: Why
    policy: str
    set_id: str


class Decision(Notice, frozen=True, gc=False, kw_only=True, tag="order.decided"):
    """On `decisions`, keyed by the order."""

    data: DecisionData


# --- allocations.<wms> ----------------------------------------------------------------------------------------


class InstructedLine(Struct, frozen=True, gc=False, kw_only=True):
    """What to pick."""

    line_id: str
    sku: str
    quantity: Units
    unit: str


class ShipmentRequestedData(Struct, frozen=True, gc=False, kw_only=True):
    """Ship this."""

    shipment_id: str
    order_id: str
    order_revision: int
    pool: str
    carrier: str
    service: str
    ship_by: Time
    deliver_by: Time
    address_ref: str
    priority: int
    lines: list[InstructedLine]


class ShipmentRequested(Notice, frozen=True, gc=False, kw_only=True, tag="shipment.requested"):
    """On `allocations.<wms>`, keyed by the shipment."""

    data: ShipmentRequestedData


class CancelRequestedOfWmsData(Struct, frozen=True, gc=False, kw_only=True):
    """Do not ship these units, if you still can: answer `cancel.accepted` or `cancel.refused`."""

    shipment_id: str
    order_id: str
    pool: str
    request_id: str
    reason: str
    lines: dict[str, Units]


class CancelRequestedOfWms(Notice, frozen=True, gc=False, kw_only=True, tag="shipment.cancel_requested"):
    """On `allocations.<wms>`, keyed by the shipment."""

    data: CancelRequestedOfWmsData


class CountRequestedData(Struct, frozen=True, gc=False, kw_only=True):
    """Count this SKU: what a picker found contradicts the ledger."""

    pool: str
    sku: str
    reason: str


class CountRequested(Notice, frozen=True, gc=False, kw_only=True, tag="count.requested"):
    """On `allocations.<wms>`, keyed by the pool."""

    data: CountRequestedData


# --- exceptions -----------------------------------------------------------------------------------------------


class ExceptionData(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a person must look at, with the ways out."""

    exception_id: str
    kind: str
    cause: str
    order_id: str = ""
    shipment_id: str = ""
    pool: str = ""
    sku: str = ""
    ways_out: list[str] = field(default_factory=list)


class ExceptionOpened(Notice, frozen=True, gc=False, kw_only=True, tag="exception.opened"):
    """On `exceptions`, keyed by the exception."""

    data: ExceptionData


class ExceptionClosed(Notice, frozen=True, gc=False, kw_only=True, tag="exception.closed"):
    """On `exceptions`: the cause went away by itself."""

    data: ExceptionData


class SetOutcomeData(Struct, frozen=True, gc=False, kw_only=True):
    """What became of a committed reference set; `reasons` is empty when it took effect."""

    set_id: str
    members: int
    reasons: list[str]


class SetActivated(Notice, frozen=True, gc=False, kw_only=True, tag="set.activated"):
    """On `exceptions`, keyed by the set: it is in force from this sequence on."""

    data: SetOutcomeData


class SetRefused(Notice, frozen=True, gc=False, kw_only=True, tag="set.refused"):
    """On `exceptions`, keyed by the set: nothing of it took effect."""

    data: SetOutcomeData


class StockDriftData(Struct, frozen=True, gc=False, kw_only=True):
    """A count differed from what the moves up to its mark had led to expect."""

    pool: str
    sku: str
    stock_class: str = field(name="class")
    expected: Units
    counted: Units
    mark: int


class StockDriftFound(Notice, frozen=True, gc=False, kw_only=True, tag="stock.drift_found"):
    """On `exceptions`, keyed by pool, SKU and class."""

    data: StockDriftData


Published = (
    Decision
    | ShipmentRequested
    | CancelRequestedOfWms
    | CountRequested
    | ExceptionOpened
    | ExceptionClosed
    | SetActivated
    | SetRefused
    | StockDriftFound
)


class Outgoing(Struct, frozen=True, gc=False):
    """A notice on its way out: the topic's kind (`decisions`, `allocations.manhattan`), the record key, the notice."""

    topic: str
    key: str
    notice: Published
