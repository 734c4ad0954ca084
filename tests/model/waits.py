"""What units of an order wait for that only a person can end, and which exceptions about it are open."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from tests.model.ledger_of_orders import Order
from tests.world import Told

KINDS = {"unknown_item", "shipment_limit", "pinned_pool"}


class Waits:
    """The exceptions of orders that a reader of the topic has open."""

    def __init__(self) -> None:
        self.open: set[str] = set()

    def hear(self, result: Told) -> None:
        for _, notice in result.notices:
            data = notice["data"]
            if notice["type"].startswith("exception.") and data["kind"] in KINDS and "order_id" in data:
                name, is_opened = data["exception_id"], notice["type"] == "exception.opened"
                assert is_opened != (name in self.open), f"{name} was {notice['type']} twice"
                (self.open.add if is_opened else self.open.remove)(name)

    def agree_with(self, orders: Iterable[Order], items: Collection[str]) -> None:
        """Each is open for as long as units wait for it, and no longer."""
        wanted = {name for order in orders for name in _waits_for(order, items)}
        assert self.open == wanted, f"open and not needed or the other way round: {self.open ^ wanted}"


def _waits_for(order: Order, items: Collection[str]) -> Iterator[str]:
    order_id = order.data["order_id"]
    waiting = [line for line in order.lines if {"open", "allocated"} & order.units(line).keys()]
    told = sum(shipment.told and shipment.is_live for shipment in order.shipments.values())
    # What is only requested is refused in this network when nobody may ship it.
    is_sold = order.data.get("commitment") != "request"
    if waiting and is_sold and told >= order.data.get("max_shipments", 3):
        yield f"shipment_limit/{order_id}"
    for line in waiting:
        sku, pinned = order.sku(line), order.lines[line].get("pinned_pool")
        if sku not in items:
            yield f"unknown_item/{order_id}/{sku}"
        if pinned and is_sold and (line, pinned) in order.barred:
            yield f"pinned_pool/{order_id}/{line}"
