"""Sample events for the example network: a count of all stock, orders, a cancel, and a warehouse's answers.

They are what shops and warehouses would send: CloudEvents, in an order in which each of them makes sense.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cli.network_dir.example.stock import assortment

NETWORK = "eu"
FIRST_MARK = 1_000
"""Where each warehouse's sequence stands when it counts."""

Event = dict[str, Any]
Line = tuple[str, int, str, str]
"""SKU, quantity, unit and the price of one unit."""


class _Order(NamedTuple):
    order_id: str
    channel: str
    service: str
    priority: int
    country: str
    postal_code: str
    lines: tuple[Line, ...]
    max_shipments: int = 3
    commitment: str = "sold"


_ORDERS = (
    _Order("O-1001", "web", "standard", 5, "FR", "75011", (("parka-navy-m", 1, "EA", "129.00"),)),
    _Order("O-1002", "web", "express", 3, "DE", "80331", (("runner-black-42", 1, "PR", "89.00"),
                                                        ("tee-white-m", 2, "EA", "19.00"))),
    _Order("O-1003", "marketplace", "standard", 5, "ES", "08001",
           (("jeans-slim-blue-32", 1, "EA", "69.00"),)),
    _Order("O-1004", "stores", "economy", 6, "FR", "13001", (("armchair-oak", 1, "EA", "349.00"),)),
    _Order("O-1005", "web", "standard", 5, "PT", "1100-148", (("mug-blue", 4, "EA", "9.50"),
                                                            ("bowl-blue", 4, "EA", "12.00"),
                                                            ("kettle-white", 1, "EA", "49.00"))),
    _Order("O-1006", "web", "standard", 5, "FI", "00100", (("boot-black-43", 1, "PR", "149.00"),
                                                         ("perfume-cedar-50ml-gift", 1, "EA", "74.00"))),
    _Order("O-1007", "web", "express", 2, "FR", "69002", (("headphones-black", 1, "EA", "119.00"),), 1),
    _Order("O-1008", "marketplace", "economy", 5, "BE", "1000",
           (("powerbank-white", 6, "EA", "29.00"),), 2, "request"),
    _Order("O-1009", "web", "standard", 5, "DE", "10115", (("truffles-4", 3, "EA", "24.00"),)),
    _Order("O-1010", "web", "standard", 5, "ES", "28013", (("polo-sand-l", 1, "EA", "39.00"),)),
)  # fmt: skip


def events(now: datetime) -> Iterator[Event]:
    """All events; the stock is an hour old at `now`, the orders came in over the last ten minutes."""
    now = now.astimezone(UTC).replace(microsecond=0)
    yield from _counts(now - timedelta(hours=1))
    yield from _orders(now - timedelta(minutes=10))
    yield from _answers(now)


def _counts(counted_at: datetime) -> Iterator[Event]:
    """One count for each item in each pool, numbered in the pool's own sequence."""
    marks: dict[str, int] = {}
    for item, pool, quantity in assortment():
        mark = marks[pool.pool] = marks.get(pool.pool, FIRST_MARK) + 1
        data = {"pool": pool.pool, "sku": item.sku, "quantity": quantity, "mark": mark}
        yield _event(pool.wms, f"count/{pool.pool}/{mark}", "stock.counted", counted_at, data)
    blocked = {
        "pool": "dc-paris", "sku": "parka-navy-m", "quantity": 2, "reason": "water damage, to be inspected",
        "document": "QA-77", "position": marks["dc-paris"] + 1,
    }  # fmt: skip
    yield _event("manhattan", "block/QA-77", "stock.blocked", counted_at, blocked)


def _orders(first_placed_at: datetime) -> Iterator[Event]:
    for number, order in enumerate(_ORDERS):
        placed_at = first_placed_at + timedelta(seconds=50 * number)
        data = {
            "order_id": order.order_id,
            "channel": order.channel,
            "placed_at": _text(placed_at),
            "commitment": order.commitment,
            "service_level": order.service,
            "priority": order.priority,
            "currency": "EUR",
            "destination": {"country": order.country, "postal_code": order.postal_code},
            "customer_token": f"customer-{order.order_id}",
            "address_ref": f"address-{order.order_id}",
            "max_shipments": order.max_shipments,
            "lines": [
                {
                    "line_id": str(place),
                    "sku": sku,
                    "quantity": quantity,
                    "unit": unit,
                    "value": _micros(value),
                }
                for place, (sku, quantity, unit, value) in enumerate(order.lines, start=1)
            ],
        }
        yield _event("shop", f"order/{order.order_id}", "order.placed", placed_at, data)


def _answers(now: datetime) -> Iterator[Event]:
    """A customer changes their mind, and a warehouse accepts and ships what it was asked to."""
    cancel = {"order_id": "O-1010", "request_id": "C-1", "reason": "ordered the wrong size"}
    yield _event("customer-service", "cancel/C-1", "cancel.requested", now - timedelta(seconds=90), cancel)
    shipment_id = "O-1001/1/1"
    accepted_at, accepted = now - timedelta(seconds=60), {"shipment_id": shipment_id}
    yield _event("manhattan", f"accept/{shipment_id}", "shipment.accepted", accepted_at, accepted)
    dispatched = {
        "shipment_id": shipment_id, "lines_total": {"1": 1}, "position": 10_000, "carrier": "colissimo",
        "tracking": "6A00000000001", "packages": [{"package_id": "1", "tracking": "6A00000000001"}],
    }  # fmt: skip
    yield _event("manhattan", f"dispatch/{shipment_id}", "shipment.dispatched", now, dispatched)


def _event(source: str, event_id: str, kind: str, time: datetime, data: dict[str, Any]) -> Event:
    return {
        "specversion": "1.0",
        "source": source,
        "id": event_id,
        "type": kind,
        "time": _text(time),
        "network": NETWORK,
        "data": data,
    }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _micros(price: str) -> int:
    euros, cents = price.split(".")
    return int(euros) * 1_000_000 + int(cents) * 10_000
