"""What a record says, in a line for a person and as fields for a program."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from cli.words.meanings import cause_in_words
from cli.words.money import money
from cli.words.places import Places
from schemas.envelope import Event
from schemas.inventory import (
    StockAdjustedEvent,
    StockBlockedEvent,
    StockCountedEvent,
    StockSoldEvent,
    StockUnblockedEvent,
)
from schemas.notices import (
    Decision,
    ExceptionClosed,
    ExceptionOpened,
    PlannedShipment,
    Published,
    SetActivated,
    SetRefused,
    StockDriftFound,
)
from schemas.times import parse_rfc3339

DETAIL_CHARACTERS_MAX = 120


class Happening(Struct, frozen=True):
    """One thing that happened; `text` is its line, `fields` are for programs."""

    text: str
    fields: dict[str, Any] = field(default_factory=dict)


def decided(decision: Decision, places: Places) -> Happening:
    """`O-1002 -> dc-paris   7.31 EUR   leaves Mon 16:30, arrives Tue 20:00`."""
    data = decision.data
    fields: dict[str, Any] = {
        "order": data.order_id,
        "decision": data.decision,
        "network": decision.network,
        "cause": data.cause,
        "cost_micros": data.why.cost,
        "currency": places.currency,
        "shipments": [
            {"pool": each.pool, "ship_by": each.ship_by, "deliver_by": each.deliver_by}
            for each in data.shipments
        ],
        "open_units": sum(line.open for line in data.lines),
    }
    because = "" if data.cause == "order.placed" else f"   because {cause_in_words(data.cause)}"
    if not data.shipments:
        outcome = "waits" if fields["open_units"] else "nothing to ship"
        return Happening(f"{data.order_id} -> {outcome}{because}", fields)
    pools = " + ".join(dict.fromkeys(each.pool for each in data.shipments))
    first, last = _first_to_leave(data.shipments), _last_to_arrive(data.shipments)
    # Ship-by is the pool's last moment to hand it over, so that is when it leaves at the latest.
    leaves = _short(places.at_pool(first.pool, parse_rfc3339(first.ship_by)))
    arrives = _short(places.at_zone(data.zone, parse_rfc3339(last.deliver_by)))
    cost = f"   {money(data.why.cost, places.currency)}" if data.why.cost else ""
    waits = f", {fields['open_units']} units wait" if fields["open_units"] else ""
    return Happening(
        f"{data.order_id} -> {pools}{cost}   leaves by {leaves}, arrives by {arrives}{waits}{because}", fields
    )


def _first_to_leave(shipments: list[PlannedShipment]) -> PlannedShipment:
    return min(shipments, key=lambda each: parse_rfc3339(each.ship_by))


def _last_to_arrive(shipments: list[PlannedShipment]) -> PlannedShipment:
    return max(shipments, key=lambda each: parse_rfc3339(each.deliver_by))


def _short(moment: str) -> str:
    """`Tue 20:00` of `Tue 24 Nov 20:00`."""
    words = moment.split(" ")
    return f"{words[0]} {words[3]}" + (" UTC" if words[-1] == "UTC" else "")


def exception(notice: Published) -> Happening | None:
    """What a person must look at, or what became of it."""
    if isinstance(notice, ExceptionOpened | ExceptionClosed):
        data = notice.data
        about = " ".join(part for part in (data.order_id, data.shipment_id, data.pool, data.sku) if part)
        state = "opened" if isinstance(notice, ExceptionOpened) else "closed"
        ways = f"; ways out: {', '.join(data.ways_out)}" if data.ways_out and state == "opened" else ""
        text = f"{data.kind} {state}{f': {about}' if about else ''}   {_cut(data.cause)}{ways}"
        return Happening(text, {"kind": data.kind, "state": state, "cause": data.cause, "about": about})
    if isinstance(notice, SetRefused | SetActivated):
        outcome = notice.data
        state = "refused" if isinstance(notice, SetRefused) else "in force"
        reasons = f": {_cut('; '.join(outcome.reasons))}" if outcome.reasons else ""
        return Happening(
            f"reference set {outcome.set_id} of {notice.network} {state}{reasons}",
            {"kind": f"set_{state.replace(' ', '_')}", "set_id": outcome.set_id, "reasons": outcome.reasons},
        )
    if isinstance(notice, StockDriftFound):
        drift = notice.data
        return Happening(
            f"stock drift: {drift.pool} {drift.sku}   expected {drift.expected:,}, counted {drift.counted:,}",
            {"kind": "stock_drift", "pool": drift.pool, "sku": drift.sku, "expected": drift.expected,
             "counted": drift.counted},
        )  # fmt: skip
    return None


def dead_letter(headers: dict[str, str]) -> Happening:
    """What was refused, and why."""
    place = f"{headers.get('topic', '?')}/{headers.get('partition', '?')}/{headers.get('offset', '?')}"
    reason, detail = headers.get("reason", "unknown"), headers.get("detail", "")
    return Happening(f"{place}   {reason}: {_cut(detail)}", {"id": place, "reason": reason, "detail": detail})


def stock(event: Event) -> Happening | None:
    """What a warehouse or a shop said about stock."""
    if isinstance(event, StockCountedEvent):
        text = f"counted {event.data.quantity:,}"
    elif isinstance(event, StockAdjustedEvent):
        text = f"{event.data.delta:+,} ({_cut(event.data.reason)})"
    elif isinstance(event, StockBlockedEvent):
        text = f"blocked {event.data.quantity:,} ({_cut(event.data.reason)})"
    elif isinstance(event, StockUnblockedEvent):
        text = f"unblocked {event.data.quantity:,} ({_cut(event.data.reason)})"
    elif isinstance(event, StockSoldEvent):
        text = f"sold {event.data.quantity:,} over the counter"
    else:
        return None
    pool, sku = event.data.pool, event.data.sku
    return Happening(f"{pool} {sku}   {text}", {"pool": pool, "sku": sku, "what": text})


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= DETAIL_CHARACTERS_MAX else one_line[: DETAIL_CHARACTERS_MAX - 1] + "…"
