"""The workload of every measurement: one network, its stock and its orders, the same for the same numbers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from random import Random

import msgspec
from msgspec import Struct

from bench.baskets import Baskets, apportioned
from bench.places import CHANNEL, CURRENCY, EXPRESS, KINDS, STANDARD, ZONES, Site, place_entities, sites
from cli.network_dir.reading import Network
from cli.workload.popularity import Popularity
from schemas.inventory import StockCounted, StockCountedEvent
from schemas.orders import Destination, OrderLine, OrderPlaced, OrderPlacedEvent
from schemas.reference import AnyEntity, ItemEntity

NETWORK = "bench"
SOURCE = "bench"
SUPPLY = 1.2
"""Units in stock for each unit that is ordered."""

RECOUNTED_UNITS = 100

EXPRESS_SHARE = 0.15
PIECE = "EA"

_encode = msgspec.json.Encoder().encode


class Size(Struct, frozen=True):
    """How large the workload is.  `pools` are distribution centres, third-party providers and stores."""

    pools: tuple[int, int, int] = (5, 10, 35)
    pools_per_sku: tuple[int, int, int] = (5, 2, 3)
    skus: int = 20_000
    orders: int = 200_000
    seed: int = 20261123

    @property
    def pool_count(self) -> int:
        return sum(self.pools)

    @property
    def stock_rows(self) -> int:
        return self.skus * sum(self.pools_per_sku)


class Workload:
    """Records of one network.  Each part draws from a generator of its own, so that one can be left out."""

    def __init__(self, size: Size, starts: datetime) -> None:
        self.size = size
        self.starts = starts
        self._sites = sites(size.pools, self._random("places"))
        self._popularity = Popularity(size.skus)
        # Popular items must not all have small names: the rank of an item is not its number.
        self._skus = [f"sku-{number:06d}" for number in range(size.skus)]
        self._random("ranks").shuffle(self._skus)

    @property
    def wms(self) -> list[str]:
        return sorted({site.wms for site in self._sites})

    def network(self) -> Network:
        """The reference: places and items."""
        random = self._random("items")
        entities: list[AnyEntity] = place_entities(self._sites, self.size.orders, self.starts.date())
        entities += [
            ItemEntity(sku=sku, unit=PIECE, weight_grams=random.randrange(50, 5_000))
            for sku in sorted(self._skus)
        ]
        return Network(NETWORK, entities)

    def counts(self) -> Iterator[bytes]:
        """A first count for each stock row: `SUPPLY` times the demand to be expected of each item."""
        random = self._random("stock")
        ordered = sum(quantity for basket in self._baskets() for _, quantity in basket)
        by_kind = [[site for site in self._sites if site.kind is kind] for kind in KINDS]
        supply = apportioned(round(SUPPLY * ordered), self._popularity.shares)
        for sku, units in zip(self._skus, supply, strict=True):
            where: list[Site] = []
            parts: list[float] = []
            for kind, there, count in zip(KINDS, by_kind, self.size.pools_per_sku, strict=True):
                where += random.sample(there, count)
                parts += [kind.stock_share / count] * count
            for site, quantity in zip(where, apportioned(units, parts), strict=True):
                yield self._count(sku, site.pool, quantity)

    def recounts(self) -> Iterator[bytes]:
        """One pool is counted again, item after item, without an end."""
        pool = self._sites[0].pool
        for number in itertools.count():
            mark, rank = divmod(number, len(self._skus))
            yield self._count(self._skus[rank], pool, RECOUNTED_UNITS, mark + 2)

    def orders(self) -> Iterator[bytes]:
        """Every order, oldest first."""
        random = self._random("orders")
        for number, basket in enumerate(self._baskets()):
            yield self._order(number, basket, random)

    def _baskets(self) -> Iterator[list[tuple[int, int]]]:
        baskets = Baskets(self._popularity, self._random("baskets"))
        return (baskets.draw() for _ in range(self.size.orders))

    def _random(self, part: str) -> Random:
        return Random(f"{self.size.seed}/{part}")

    def _count(self, sku: str, pool: str, quantity: int, mark: int = 1) -> bytes:
        return _encode(
            StockCountedEvent(
                specversion="1.0",
                source=SOURCE,
                id=f"count/{pool}/{sku}/{mark}",
                time=self.starts,
                network=NETWORK,
                data=StockCounted(pool=pool, sku=sku, quantity=quantity, mark=mark),
            )
        )

    def _order(self, number: int, basket: list[tuple[int, int]], random: Random) -> bytes:
        order_id = order_id_of(number)
        _, country, prefixes, _ = random.choice(ZONES)
        postal_code = (random.choice(prefixes) if prefixes else "1") + f"{random.randrange(10_000):04d}"
        return _encode(
            OrderPlacedEvent(
                specversion="1.0",
                source=SOURCE,
                id=f"placed/{order_id}",
                time=self.starts,
                network=NETWORK,
                data=OrderPlaced(
                    order_id=order_id,
                    channel=CHANNEL,
                    placed_at=self.starts,
                    service_level=EXPRESS if random.random() < EXPRESS_SHARE else STANDARD,
                    currency=CURRENCY,
                    destination=Destination(country=country, postal_code=postal_code),
                    customer_token=f"customer-{random.randrange(1_000_000):06d}",
                    address_ref=f"address/{order_id}",
                    lines=tuple(
                        OrderLine(
                            line_id=str(line),
                            sku=self._skus[rank],
                            quantity=quantity,
                            unit=PIECE,
                            value=random.randrange(5, 200) * 1_000_000,
                        )
                        for line, (rank, quantity) in enumerate(basket, start=1)
                    ),
                ),
            )
        )


def order_id_of(number: int) -> str:
    """The name of the order with this number."""
    return f"o-{number:07d}"
