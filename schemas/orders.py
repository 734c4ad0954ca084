"""Inputs on `orders`: what shops, marketplaces and customer service ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from schemas.envelope import Data, Event, Instant, Micros, Name, Quantity, Text

LINES_MAX = 500
SHIPMENTS_MAX = 50
POSTAL_CODE_LENGTH_MAX = 16

Priority = Annotated[int, Meta(ge=1, le=9, description="1 is the most urgent.")]
ShipmentLimit = Annotated[int, Meta(ge=1, le=SHIPMENTS_MAX, description="1 means a single shipment.")]


class Destination(Data, frozen=True, gc=False, kw_only=True):
    """Where the order goes.  Give a postal code (the network's zones are matched by prefix) or the zone itself."""

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
    """A new order.  `sold` must be filled or waits; `request` may be refused."""

    order_id: Name
    revision: Annotated[int, Meta(ge=1)] = 1
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


class CancelRequested(Data, frozen=True, gc=False, kw_only=True):
    """Cancels the whole order, or the given quantity of each named line."""

    order_id: Name
    request_id: Name
    reason: Text = ""
    lines: dict[Name, Quantity] | None = None


class OrderPlacedEvent(Event, frozen=True, gc=False, kw_only=True, tag="order.placed"):
    """See `OrderPlaced`."""

    data: OrderPlaced


class CancelRequestedEvent(Event, frozen=True, gc=False, kw_only=True, tag="cancel.requested"):
    """See `CancelRequested`."""

    data: CancelRequested


OrdersEvent = OrderPlacedEvent | CancelRequestedEvent
