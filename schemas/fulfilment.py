"""Inputs on `fulfilment`: what happened to each shipment, as its warehouse and its carrier say.

Quantities per line are cumulative, so a repeated or overtaken message never counts twice; only the answers to a cancel
are not, which name what no answer has named before.  Skipped and late states are legal: a warehouse that only sends
`shipment.dispatched` is served as well, and a carrier need send nothing.
"""

from __future__ import annotations

from schemas.envelope import Data, Event, Instant, Level, Name, Position, ShipmentId, Text


class ShipmentAccepted(Data, frozen=True, gc=False, kw_only=True):
    """The warehouse will do it."""

    shipment_id: ShipmentId


class ShipmentRejected(Data, frozen=True, gc=False, kw_only=True):
    """The warehouse will not: all of it, or the cumulative quantity of each named line."""

    shipment_id: ShipmentId
    reason: Text = ""
    lines: dict[Name, Level] | None = None


class LineShortPicked(Data, frozen=True, gc=False, kw_only=True):
    """The picker found less than was promised; `missing` is cumulative for the line of this shipment."""

    shipment_id: ShipmentId
    line_id: Name
    missing: Level
    position: Position
    reason: Text = ""


class Package(Data, frozen=True, gc=False, kw_only=True):
    """One parcel of a shipment."""

    package_id: Name
    tracking: Name | None = None


class ShipmentDispatched(Data, frozen=True, gc=False, kw_only=True):
    """Goods left the building: `lines_total` is the cumulative quantity of each line that has left so far.

    `carrier`, `tracking` and `packages` are for whoever else reads the topic: the router keeps none of them.
    """

    shipment_id: ShipmentId
    lines_total: dict[Name, Level]
    position: Position
    carrier: Name
    tracking: Name | None = None
    packages: tuple[Package, ...] = ()


class ShipmentDelivered(Data, frozen=True, gc=False, kw_only=True):
    """Goods arrived at the customer's: `lines_total` is the cumulative quantity of each line that has arrived so far.

    Without `lines_total` it is all that was dispatched; without `delivered_at` it was at the event's `time`.
    """

    shipment_id: ShipmentId
    delivered_at: Instant | None = None
    lines_total: dict[Name, Level] | None = None


class CancelAccepted(Data, frozen=True, gc=False, kw_only=True):
    """The warehouse will not ship these units; without `lines`, all that the request named.

    A request may be answered in parts: what no answer has named still waits for one.  Units beyond the request are not
    cancelled by it: what else will not be shipped is rejected.
    """

    shipment_id: ShipmentId
    request_id: Name
    lines: dict[Name, Level] | None = None


class CancelRefused(Data, frozen=True, gc=False, kw_only=True):
    """Too late: the units go out; without `lines`, all that the request named.

    It may be answered in parts, too: then after what is accepted, for a refusal is taken for units that have not left.
    """

    shipment_id: ShipmentId
    request_id: Name
    lines: dict[Name, Level] | None = None
    reason: Text = ""


class ShipmentAcceptedEvent(Event, frozen=True, gc=False, kw_only=True, tag="shipment.accepted"):
    """See `ShipmentAccepted`."""

    data: ShipmentAccepted


class ShipmentRejectedEvent(Event, frozen=True, gc=False, kw_only=True, tag="shipment.rejected"):
    """See `ShipmentRejected`."""

    data: ShipmentRejected


class LineShortPickedEvent(Event, frozen=True, gc=False, kw_only=True, tag="line.short_picked"):
    """See `LineShortPicked`."""

    data: LineShortPicked


class ShipmentDispatchedEvent(Event, frozen=True, gc=False, kw_only=True, tag="shipment.dispatched"):
    """See `ShipmentDispatched`."""

    data: ShipmentDispatched


class ShipmentDeliveredEvent(Event, frozen=True, gc=False, kw_only=True, tag="shipment.delivered"):
    """See `ShipmentDelivered`."""

    data: ShipmentDelivered


class CancelAcceptedEvent(Event, frozen=True, gc=False, kw_only=True, tag="cancel.accepted"):
    """See `CancelAccepted`."""

    data: CancelAccepted


class CancelRefusedEvent(Event, frozen=True, gc=False, kw_only=True, tag="cancel.refused"):
    """See `CancelRefused`."""

    data: CancelRefused


FulfilmentEvent = (
    ShipmentAcceptedEvent
    | ShipmentRejectedEvent
    | LineShortPickedEvent
    | ShipmentDispatchedEvent
    | ShipmentDeliveredEvent
    | CancelAcceptedEvent
    | CancelRefusedEvent
)
