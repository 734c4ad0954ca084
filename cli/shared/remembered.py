"""What the router remembers, read back from its state topics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from schemas.codec import decode_row
from schemas.rows import ActiveSetsRow, CatalogRow
from schemas.topics import CATALOG, LEDGER, ORDER_BOOK, ROUTER_STATE
from state.catalog import Catalog, Entities
from state.partition import Partition

_key_decoder = msgspec.json.Decoder(tuple[str | int, ...])


def catalogs(
    connection: Connection, partitions: Sequence[int], wanted: Callable[[CatalogRow], bool]
) -> dict[str, Entities]:
    """What the sets in force say, by network; only what is wanted, for there may be a million of others."""
    found: dict[str, Catalog] = {}
    for topic in (CATALOG, ROUTER_STATE):
        for message in read_topic(connection, topic, partitions):
            value = message.value()
            if value is None:
                _forget(found, message.key())
                continue
            row = decode_row(value)
            if isinstance(row, CatalogRow) and wanted(row):
                found.setdefault(row.network, Catalog()).put_member(row)
            elif isinstance(row, ActiveSetsRow):
                found.setdefault(row.network, Catalog()).sets = row.sets
    return {network: catalog.entities(catalog.sets) for network, catalog in found.items()}


def _forget(found: Mapping[str, Catalog], key: bytes | None) -> None:
    """A member that a later set replaced or withdrew: the set that withdrew it may be gone as well."""
    kind, network, *_ = parsed = _key_decoder.decode(key or b"null")
    if kind == "catalog" and network in found:
        found[str(network)].remove_member(parsed)


def restored(connection: Connection, number: int) -> Partition:
    """The router's memory of one partition, read back from its state topics.

    A router that is at work writes meanwhile, so the rows may be a transaction apart from each other.
    """
    partition = Partition(number, connection.partitions)
    for topic in (CATALOG, ROUTER_STATE, LEDGER, ORDER_BOOK):
        for message in read_topic(connection, topic, [number]):
            partition.restore_row(message.key() or b"", message.value())
    for network in partition.networks.values():
        network.activate()
    return partition
