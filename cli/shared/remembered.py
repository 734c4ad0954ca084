"""What the router remembers, read back from its state topics."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
    connection: Connection, partitions: Sequence[int], wanted: Callable[[str, str], bool]
) -> dict[str, Entities]:
    """What the sets in force say, by network; only entities whose kind and name are wanted, for there may be a million
    of others.
    """
    found: dict[str, Catalog] = {}
    for message in read_topic(connection, CATALOG, partitions):
        _, network, kind, name, *_ = key = _key_decoder.decode(message.key() or b"null")
        if not wanted(str(kind), str(name)):
            continue
        catalog, value = found.setdefault(str(network), Catalog()), message.value()
        row = None if value is None else decode_row(value)
        if isinstance(row, CatalogRow):
            catalog.put_member(row)
        else:
            # A later set replaced or withdrew it: the set that withdrew it may be gone as well.
            catalog.remove_member(key)
    for message in read_topic(connection, ROUTER_STATE, partitions):
        value = message.value()
        row = None if value is None else decode_row(value)
        if isinstance(row, ActiveSetsRow) and row.network in found:
            found[row.network].sets = row.sets
    return {network: catalog.entities(catalog.sets) for network, catalog in found.items()}


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
