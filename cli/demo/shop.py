"""A process that plays the shops: customers in real cities order, and now and then think better of it.

    python -m cli.demo.shop SCRIPT

It knows the `orders` topic and nothing else of Sluice.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec

from cli.demo.client import Commands, Event, Sender, say
from cli.demo.scripts import ShopScript
from cli.workload.baskets import GENERAL, MARKETPLACE, Baskets
from cli.workload.cities import CityDemand
from cli.workload.popularity import Popularity

NAME = "shop"
CANCELLED_SHARE = 0.01
CANCEL_AFTER_S = 0.7
TICK_S = 0.01
CUSTOMERS = 50_000
PRIORITIES = (3, 5, 5, 5, 5, 5, 5, 6)
MALFORMED = b'{"specversion":"1.0","source":"shop","id":"cut-off-in-the-midd'


class Shop:
    """Sells until it is told to finish."""

    def __init__(self, script: ShopScript) -> None:
        self._script = script
        self._random = Random(script.seed)
        self._sender = Sender(script.cluster, NAME, self._random)
        popularity = Popularity(len(script.goods))
        self._general = Baskets(GENERAL, popularity)
        self._marketplace = Baskets(MARKETPLACE, popularity)
        self._cities = CityDemand(script.countries)
        self._regrets: deque[tuple[float, str]] = deque()
        self._placed = 0
        self._cancelled = 0

    def run(self) -> None:
        """Wait for the start, sell, finish."""
        commands = Commands()
        say("ready")
        while commands.next(timeout_s=60) != ["start"]:
            pass
        self._mistakes()
        begun_s = time.monotonic()
        while commands.next(timeout_s=TICK_S) != ["finish"]:
            now_s = time.monotonic()
            wanted = int((now_s - begun_s) * self._script.orders_per_second)
            while self._placed < wanted:
                self._place(now_s)
            while self._regrets and self._regrets[0][0] <= now_s:
                self._cancel(self._regrets.popleft()[1])
        self._sender.flush()
        say("done", self._placed, self._cancelled, self._sender.repeated)

    def _mistakes(self) -> None:
        """What goes wrong in the first minute of every integration: a torn message, and a wrong unit."""
        self._sender.send_bytes(self._script.cluster.orders, MALFORMED)
        order = self._order("O-wrong-unit")
        order["lines"][0]["unit"] = "KGM"
        self._sender.send(self._script.cluster.orders, "order.placed", order)

    def _place(self, now_s: float) -> None:
        self._placed += 1
        order_id = f"O-{self._placed:05d}"
        self._sender.send(self._script.cluster.orders, "order.placed", self._order(order_id))
        if self._random.random() < CANCELLED_SHARE:
            self._regrets.append((now_s + CANCEL_AFTER_S, order_id))

    def _order(self, order_id: str) -> Event:
        random, script = self._random, self._script
        city = self._cities.draw(random)
        channel = random.choices(list(script.channels), list(script.channels.values()))[0]
        service = "express" if random.random() < script.express_share else "standard"
        baskets = self._marketplace if channel == "marketplace" else self._general
        return {
            "order_id": order_id,
            "channel": channel,
            "placed_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "service_level": service,
            "priority": random.choice(PRIORITIES),
            "deliver_by": script.deliver_by[service],
            "currency": script.currency,
            "destination": {"country": city.country, "postal_code": city.postal_code},
            "customer_token": f"customer-{random.randrange(CUSTOMERS)}",
            "address_ref": f"address/{city.name}/{random.randrange(CUSTOMERS)}",
            "lines": [
                {
                    "line_id": str(number),
                    "sku": script.goods[rank].sku,
                    "quantity": quantity,
                    "unit": script.goods[rank].unit,
                    "value": script.goods[rank].value,
                }
                for number, (rank, quantity) in enumerate(baskets.draw(random), start=1)
            ],
        }

    def _cancel(self, order_id: str) -> None:
        self._cancelled += 1
        data = {"order_id": order_id, "request_id": f"regret-{order_id}", "reason": "ordered by mistake"}
        self._sender.send(self._script.cluster.orders, "cancel.requested", data)


if __name__ == "__main__":
    Shop(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=ShopScript)).run()
