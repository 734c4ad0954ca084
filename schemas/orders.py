"""Inputs on `orders`: what shops, marketplaces and customer service ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from schemas.envelope import Data, Event, Instant, Micros, Name, Quantity, Revision, Text

LINES_MAX = 500
SHIPMENTS_MAX = 50
POSTAL_CODE_LENGTH_MAX = 16

Priority = Annotated[int, Meta(ge=1, le=9)]
ShipmentLimit = Annotated[int, Meta(ge=1, le=SHIPMENTS_MAX, description="1 means a single shipment.")]


class Destination(Data, frozen=True, gc=False, kw_only=True):
    """Where the order goes.  Give a postal code (the network's zones are matched by prefix) or the zone itself.

    Prefixes are matched letter by letter: case and spaces count.  A `zone` is taken as it stands, whatever the country
    and the postal code beside it are.
    """

    country: Annotated[str, Meta(min_length=2, max_length=2, description="ISO 3166-1 alpha-2.")]
    postal_code: Annotated[str, Meta(max_length=POSTAL_CODE_LENGTH_MAX)] | None = None
    zone: Name | None = None


class OrderLine(Data, frozen=True, gc=False, kw_only=True):
    """One line; `value` is the price of one unit in micros, `unit` the item's base unit."""

    line_id: Name
    sku: Name
    quantity: Quantity
    unit: Annotated[str, Meta(min_length=2, max_length=3, description="UN/CEFACT Recommendation 20 code.")]
    value: Micros = 0
    pinned_pool: Name | None = None


class OrderPlaced(Data, frozen=True, gc=False, kw_only=True):
    """A new order.  `sold` must be filled or waits; `request` may be refused.

    It is routed when it is read, also if `placed_at` lies in the future.  What comes after `deliver_by` is late and is
    sent all the same; no cut-off after `latest_ship_by` is taken, and the units wait.
    """

    order_id: Name
    revision: Revision = 1
    channel: Name
    placed_at: Instant
    commitment: Literal["sold", "request"] = "sold"
    service_level: Name
    priority: Priority = 5
    deliver_by: Instant | None = None
    latest_ship_by: Instant | None = None
    currency: Annotated[str, Meta(min_length=3, max_length=3, description="ISO 4217.")]
    destination: Destination
    customer_token: Name
    customer_group: Name | None = None
    address_ref: Name
    ship_complete: bool = False
    max_shipments: ShipmentLimit = 3
    lines: Annotated[tuple[OrderLine, ...], Meta(min_length=1, max_length=LINES_MAX)]


SomeLines = Annotated[
    dict[Name, Quantity], Meta(min_length=1, description="Units of each line; left out, all that are left.")
]


class CancelRequested(Data, frozen=True, gc=False, kw_only=True):
    """Cancels the whole order, or the given quantity of each named line.

    A `request_id` is used once for an order: what comes under the same one again has no effect.
    """

    order_id: Name
    request_id: Name
    reason: Text = ""
    lines: SomeLines | None = None


class OrderPlacedEvent(Event, frozen=True, gc=False, kw_only=True, tag="order.placed"):
    """See `OrderPlaced`."""

    data: OrderPlaced


class CancelRequestedEvent(Event, frozen=True, gc=False, kw_only=True, tag="cancel.requested"):
    """See `CancelRequested`."""

    data: CancelRequested


OrdersEvent = OrderPlacedEvent | CancelRequestedEvent
