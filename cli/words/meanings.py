"""What the codes of a decision mean, as a person would say it.  An unknown code is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "order.placed": "the order was placed",
    "cancel.requested": "a cancellation was asked for",
    "cancel.accepted": "the warehouse agreed not to ship",
    "cancel.refused": "the warehouse refused to cancel, and ships all the same",
    "shipment.rejected": "the warehouse rejected the shipment",
    "line.short_picked": "the picker found less than was promised",
    "stock_arrived": "stock arrived or became free",
    "stock_gone": "promised stock turned out to be gone",
    "at_risk": "released stock went missing, or is there again",
    "cut_off_passed": "its cut-off passed before it was released",
    "release_due": "it was time to tell the warehouse",
    "retry_due": "it was time to try again",
    "reference_changed": "the network was changed",
    "units_cancelled": "units were cancelled, so the rest may fit",
}
"""Why an order was decided."""

SENT_BACK: Mapping[str, str] = {
    "shipment.rejected": "rejected",
    "line.short_picked": "did not find",
}
"""What the warehouse of a pool did with units that it does not send."""

REASONS: Mapping[str, str] = {
    "not_enough_stock": "not enough stock",
    "rejected_before": "rejected or short-picked this line before",
    "pinned_elsewhere": "the line must ship from another pool",
    "may_not_ship_item": "may not ship this kind of item",
    "no_truck_in_calendar": "no truck as far as the calendars reach",
    "capacity_full": "no free place on its next trucks",
    "ships_after_latest_ship_by": "its cut-off is after the order's latest ship-by",
    "channel_may_not_use": "not for this channel",
    "does_not_serve_zone": "does not serve this zone with this service",
    "pool_paused": "paused",
    "item_not_in_network": "no such item is in force",
    "item_has_other_unit": "the item is in force with another unit",
}
"""Why a pool could not serve."""

UNIT_STATES: Mapping[str, str] = {
    "open": "waiting",
    "allocated": "planned",
    "released": "released to the warehouse",
    "cancel_pending": "to be cancelled, if the warehouse agrees",
    "shipped": "shipped",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "refused": "refused",
}
"""The states of a line's units, in the order in which they are told."""

COST_PARTS: Mapping[str, str] = {
    "lane": "carriage",
    "handling": "handling",
    "lateness": "lateness",
    "capacity": "scarce capacity",
    "split": "more than one parcel",
}
"""The parts of a price."""


def cause_in_words(cause: str) -> str:
    """Why an order was decided."""
    return CAUSES.get(cause, cause.replace("_", " "))


def reason_in_words(reason: str) -> str:
    """Why a pool could not serve."""
    return REASONS.get(reason, reason.replace("_", " "))
