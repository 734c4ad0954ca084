"""What the demo sells and where it lies: popular things everywhere in depth, a few not at all until they arrive."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from cli.demo.places import POOLS, Pool
from cli.network_dir.example.items import Item, items
from cli.workload.popularity import Popularity

SUPPLY_PER_DEMAND = 2.5
"""Ample, so that what waits does so for a reason that the demo made."""
SOLD_OUT_COUNT = 6
"""Items of middling popularity that nobody has at first: their orders wait until some arrive."""
SOLD_OUT_FIRST_RANK = 60

_KEPT_PERCENT = {"dc": 95, "3pl": 60, "store": 30}
_SUPPLY_SHARE = {"dc": 0.24, "3pl": 0.08, "store": 0.01}
_QUANTITY_LEAST = {"dc": 12, "3pl": 5, "store": 2}


class Stocked(NamedTuple):
    """The assortment, most popular first, and what lies where."""

    items: list[Item]
    values: dict[str, int]
    """The price of each item, in micros."""
    on_hand: dict[str, dict[str, int]]
    """By pool and SKU."""
    sold_out: list[str]


def stocked(random: Random, units_expected: float) -> Stocked:
    """An assortment with stock for about that many units of demand."""
    ranked = list(items())
    random.shuffle(ranked)
    shares = Popularity(len(ranked)).shares
    sold_out = [item.sku for item in ranked[SOLD_OUT_FIRST_RANK : SOLD_OUT_FIRST_RANK + SOLD_OUT_COUNT]]
    on_hand: dict[str, dict[str, int]] = {pool.pool: {} for pool in POOLS}
    for item, share in zip(ranked, shares, strict=True):
        if item.sku not in sold_out:
            wanted = units_expected * SUPPLY_PER_DEMAND * share
            for pool, quantity in _spread(random, item, wanted):
                on_hand[pool.pool][item.sku] = quantity
    values = {item.sku: random.randrange(9, 160) * 1_000_000 - 10_000 for item in ranked}
    return Stocked(ranked, values, on_hand, sold_out)


def _spread(random: Random, item: Item, wanted: float) -> Iterator[tuple[Pool, int]]:
    for pool in POOLS:
        may_keep = set(item.restrictions.split()) <= set(pool.capabilities.split())
        if may_keep and random.randrange(100) < _KEPT_PERCENT[pool.kind]:
            quantity = wanted * _SUPPLY_SHARE[pool.kind] * random.uniform(0.8, 1.2)
            yield pool, math.ceil(quantity) + _QUANTITY_LEAST[pool.kind]
