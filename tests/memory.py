"""Two partitions that remember the same: one that lived through everything, one that was read back."""

from __future__ import annotations

from typing import Any

from state.network import Network
from state.partition import Partition


def same_memory(live: Partition, restored: Partition) -> None:
    """Every table and every index agrees; the order of a dict is no part of what is remembered."""
    assert restored.digest == live.digest
    assert restored.row_count == live.row_count
    for network in (*live.networks.values(), *restored.networks.values()):
        unpacked(network)
    assert restored.row_count == live.row_count
    assert restored.row_hashes == live.row_hashes
    assert (restored.sequence, restored.decided_at_ms, restored.positions) == (
        live.sequence, live.decided_at_ms, live.positions,
    )  # fmt: skip
    assert restored.seen.contents == live.seen.contents
    assert restored.network_names == live.network_names
    for name in live.network_names:
        there, here = _memory(live.networks[name]), _memory(restored.networks[name])
        for table, content in there.items():
            assert here[table] == content, f"{table} of {name} differs after a restore"


def unpacked(network: Network) -> Network:
    """The network, once every SKU was asked for."""
    network.ledger.unpack_all()
    assert network.ledger.packed.count == 0
    return network


def _memory(network: Network) -> dict[str, Any]:
    orders = network.orders
    return {
        "stock": network.ledger.good,
        "other stock": network.ledger.other,
        "available": network.ledger.available,
        "orders": orders.rows,
        "holders": {key: set(members) for key, members in orders.holders.items()},
        "waiting": {key: set(members) for key, members in orders.waiting.items()},
        "waiting_orders": set(orders.waiting_orders),
        "undecided": set(orders.undecided),
        "slots": network.slots,
        "sets": network.catalog.sets,
        "members": network.catalog.members,
        "safety": network.catalog.routes.safety if network.catalog.routes else {},
    }
