"""The words of stories for what happens: each makes the JSON records that would stand on the topics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from schemas.kinds import REFERENCE
from schemas.times import rfc3339
from tests.scenarios.runner import Play, Word
from tests.small_network import Entity, item, ms, network, pool
from tests.world import placed, topic_of

Records = Iterable[tuple[str, bytes | None]]

EVENTS: list[Word] = []


def event(pattern: str) -> Callable[[Callable[..., Records]], Callable[..., Records]]:
    def register(function: Callable[..., Records]) -> Callable[..., Records]:
        EVENTS.append((re.compile(pattern), function))
        return function

    return register


def record(play: Play, event_type: str, data: dict[str, Any]) -> Records:
    raw = play.world.event(event_type, data)
    play.memory["last"] = raw
    return [(topic_of(event_type), raw)]


@event(r"count (\w+) (\w+) (\d+) mark (\d+)")
def _(play: Play, pool: str, sku: str, quantity: str, mark: str) -> Records:
    data = {"pool": pool, "sku": sku, "quantity": int(quantity), "mark": int(mark)}
    return record(play, "stock.counted", data)


@event(r"adjust (\w+) (\w+) ([+-]\d+) position (\d+)")
def _(play: Play, pool: str, sku: str, delta: str, position: str) -> Records:
    data = {"pool": pool, "sku": sku, "delta": int(delta), "reason": "story", "position": int(position)}
    return record(play, "stock.adjusted", {**data, "document": f"{pool}{sku}{position}"})


@event(r"block (\w+) (\w+) (\d+) position (\d+)(?: until (.+))?")
def _(play: Play, pool: str, sku: str, quantity: str, position: str, until: str | None) -> Records:
    data = {"pool": pool, "sku": sku, "quantity": int(quantity), "reason": "story", "position": int(position)}
    end = {"until": rfc3339(ms(until))} if until else {}
    return record(play, "stock.blocked", {**data, **end, "document": f"block{position}"})


@event(r"unblock (\w+) (\w+) (\d+) of (\w+) position (\d+)")
def _(play: Play, pool: str, sku: str, quantity: str, block: str, position: str) -> Records:
    data = {"pool": pool, "sku": sku, "quantity": int(quantity), "reason": "story", "position": int(position)}
    return record(play, "stock.unblocked", {**data, "document": block})


@event(r"order (\w+): ([^;]+)(?:; (.+))?")
def _(play: Play, order: str, wanted: str, terms: str | None) -> Records:
    lines = [re.fullmatch(r"(\d+) (\w+)(?: from (\w+))?", each.strip()) for each in wanted.split(",")]
    assert all(lines), f"{wanted!r}: say `2 lamp, 1 rug from berlin`"
    _, data = placed(order, *((line[2], int(line[1])) for line in lines if line))
    data["placed_at"] = rfc3339(play.world.now_ms)
    for stated, line in zip(data["lines"], lines, strict=True):
        if line and line[3]:
            stated["pinned_pool"] = line[3]
    for term in (terms or "").split(","):
        name, _, value = term.strip().partition(" ")
        if name:
            data.update(_TERMS[name](value))
    return record(play, "order.placed", data)


_TERMS: dict[str, Callable[[str], dict[str, Any]]] = {
    "priority": lambda value: {"priority": int(value)},
    "at": lambda value: {"channel": "express"},
    "complete": lambda value: {"ship_complete": True},
    "requested": lambda value: {"commitment": "request"},
    "shipments": lambda value: {"max_shipments": int(value)},
    "to": lambda value: {"destination": {"country": value}},
}
"""at once (the channel whose policy releases so), complete, requested, shipments N, priority N, to FR."""


@event(r"cancel (\w+)(?: (\d+) of line (\w+))?")
def _(play: Play, order: str, units: str | None, line: str | None) -> Records:
    lines = {"lines": {line: int(units)}} if units and line else {}
    return record(play, "cancel.requested", {"order_id": order, "request_id": f"r-{order}", **lines})


@event(r"(\w+/\d+/\d+) is (accepted|rejected)")
def _(play: Play, shipment: str, answer: str) -> Records:
    return record(play, f"shipment.{answer}", {"shipment_id": shipment})


@event(r"(\w+/\d+/\d+) misses (\d+) of line (\w+) at (\d+)")
def _(play: Play, shipment: str, missing: str, line: str, position: str) -> Records:
    data = {"shipment_id": shipment, "line_id": line, "missing": int(missing), "position": int(position)}
    return record(play, "line.short_picked", data)


@event(r"(\w+/\d+/\d+) leaves with (\d+) of line (\w+) at (\d+)")
def _(play: Play, shipment: str, units: str, line: str, position: str) -> Records:
    data = {"shipment_id": shipment, "lines_total": {line: int(units)}, "position": int(position)}
    return record(play, "shipment.dispatched", {**data, "carrier": "post"})


@event(r"(\w+/\d+/\d+) arrives(?: with (\d+) of line (\w+))?")
def _(play: Play, shipment: str, units: str | None, line: str | None) -> Records:
    lines = {"lines_total": {line: int(units)}} if units and line else {}
    return record(play, "shipment.delivered", {"shipment_id": shipment, **lines})


@event(r"cancel of (\w+/\d+/\d+) is (accepted|refused)")
def _(play: Play, shipment: str, answer: str) -> Records:
    data = {"shipment_id": shipment, "request_id": f"r-{shipment.split('/')[0]}"}
    return record(play, f"cancel.{answer}", data)


@event(r"the same event again(?: with quantity (\d+))?")
def _(play: Play, quantity: str | None) -> Records:
    envelope = msgspec.json.decode(play.memory["last"])
    if quantity:
        envelope["data"]["quantity"] = int(quantity)
    return [(topic_of(envelope["type"]), msgspec.json.encode(envelope))]


@event(r"item (\w+) is applied")
def _(play: Play, sku: str) -> Records:
    return _applied(play, item(sku))


@event(r"safety stock of (\w+) in (\w+) becomes (\d+)")
def _(play: Play, sku: str, pool: str, units: str) -> Records:
    return _applied(play, {"kind": "item_pool", "sku": sku, "pool": pool, "safety": int(units)})


@event(r"(channel|zone|item) (\w+) is withdrawn")
def _(play: Play, kind: str, name: str) -> Records:
    gone = [
        each for each in network() if name in (each.get(kind), each.get("sku") if kind == "item" else None)
    ]
    keys = {"item": ("sku",), "lane": ("pool", "zone", "service", "carrier")}
    withdraw = tuple(
        (each["kind"], tuple(each[field] for field in keys.get(each["kind"], (each["kind"],))))
        for each in gone
    )
    return _applied(play, withdraw=withdraw)


@event(r"(channel|zone|item) (\w+) is applied again")
def _(play: Play, kind: str, name: str) -> Records:
    fields = (kind, "sku") if kind == "item" else (kind,)
    return _applied(play, *(each for each in network() if name in [each.get(field) for field in fields]))


@event(r"pool (\w+) is withdrawn")
def _(play: Play, name: str) -> Records:
    channels = [
        {**each, "pools": [pool for pool in each["pools"] if pool != name]}
        for each in network()
        if each["kind"] == "channel"
    ]
    lanes = [("lane", (name, zone, "standard", "post")) for zone in ("de", "fr")]
    withdraw = (("pool", (name,)), ("cutoff", (name, "post", "standard")), *lanes)
    return _applied(play, *channels, withdraw=withdraw)


@event(r"item (\w+) is counted by the (\w+) from now on")
def _(play: Play, sku: str, unit: str) -> Records:
    return _applied(play, item(sku, unit=unit))


@event(r"(\w+) takes (\d+) orders a day from now on")
def _(play: Play, name: str, places: str) -> Records:
    return _applied(play, pool(name, orders_per_day=int(places)))


def _applied(
    play: Play, *entities: Entity, withdraw: tuple[tuple[str, tuple[str, ...]], ...] = ()
) -> Records:
    return [(REFERENCE, raw) for raw in play.world.set_events(*entities, withdraw=withdraw)]


@event(r"time passes|the router comes back")
def _(play: Play) -> Records:
    return []
