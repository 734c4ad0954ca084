"""What each played process is told when it starts: one JSON file for each, beside its log."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct


class Cluster(Struct, frozen=True, kw_only=True):
    """Where to connect, and the names of what a process may use."""

    bootstrap: str
    network: str
    inventory: str
    orders: str
    fulfilment: str


class Good(Struct, frozen=True):
    """One item of a catalogue: money in micros."""

    sku: str
    unit: str
    value: int


class ShopScript(Struct, frozen=True, kw_only=True):
    """The shop: its catalogue, most popular first, and how it sells."""

    cluster: Cluster
    seed: int
    orders_per_second: float
    currency: str
    channels: dict[str, float]
    countries: list[str]
    goods: list[Good]
    deliver_by: dict[str, str]
    """What customers are promised, by service level."""
    express_share: float


class WarehouseScript(Struct, frozen=True, kw_only=True):
    """A warehouse system: its pools with what really lies there, and the habits of its people."""

    cluster: Cluster
    name: str
    seed: int
    allocations: str
    pools: list[str]
    on_hand: dict[str, dict[str, int]]
    arriving: dict[str, list[str]]
    """Items that come in while the demo runs, by pool."""
    sales_per_second: float
    """Over the counter, where there is one."""
    adjustments_per_second: float


def write_script(path: Path, script: ShopScript | WarehouseScript) -> None:
    """Leave a script for a child to read."""
    path.write_bytes(msgspec.json.encode(script))
