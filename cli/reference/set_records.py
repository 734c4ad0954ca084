"""A reference set as Kafka records: one event for each member, then the commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import xxhash

from cli.network_dir.values import NAME_LENGTH_MAX
from cli.reference.sets import EntityKey, ReferenceSet, member_key
from schemas.codec import encode_key
from schemas.envelope import Event
from schemas.reference import (
    ReferenceStated,
    ReferenceStatedEvent,
    ReferenceWithdrawnEvent,
    SetCommittedEvent,
)

SOURCE = "sluice-apply"


class SetRecord(NamedTuple):
    """Key and value of one record, and the event in it."""

    key: bytes
    value: bytes
    event: Event


def set_records(
    network: str, reference_set: ReferenceSet, now: datetime, source: str = SOURCE
) -> Iterator[SetRecord]:
    """All records of a set in the order in which they are published, the commit last."""
    set_id = reference_set.commit.set_id
    for member in reference_set.members:
        key = member_key(member)
        kind = ReferenceStatedEvent if isinstance(member, ReferenceStated) else ReferenceWithdrawnEvent
        event = kind(
            specversion="1.0",
            source=source,
            id=_event_id(network, set_id, key),
            time=now,
            network=network,
            data=member,  # type: ignore[arg-type]  # Of the kind that was chosen for it.
        )
        yield _record(key, event)
    commit = SetCommittedEvent(
        specversion="1.0",
        source=source,
        id=_event_id(network, set_id, ("committed",)),
        time=now,
        network=network,
        data=reference_set.commit,
    )
    yield _record(("set", set_id), commit)


def _event_id(network: str, set_id: str, key: EntityKey) -> str:
    """`eu/3-9f86d081/lane/dc-paris/FR/standard/colissimo`; long names and ones with a slash are hashed.

    With slashes in them, a lane from `a/b` to `c` would read like one from `a` to `b/c`: the router would refuse the
    second as another event under the same id, and so the whole set.
    The network is part of it: two that are described alike have sets of one name, and where they share a partition
    the second one's records would else be duplicates of the first one's.
    """
    readable = "/".join((network, set_id, *key))
    if len(readable) <= NAME_LENGTH_MAX and not any("/" in name for name in (network, *key)):
        return readable
    return f"{set_id}/{key[0]}/{xxhash.xxh3_128_hexdigest(encode_key((network, *key)))}"


def _record(key: EntityKey, event: Event) -> SetRecord:
    return SetRecord(encode_key(key), msgspec.json.encode(event), event)
