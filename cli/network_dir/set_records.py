"""A reference set as Kafka records: one event for each member, then the commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import xxhash

from cli.network_dir.sets import EntityKey, ReferenceSet, member_key
from cli.network_dir.values import NAME_LENGTH_MAX
from schemas.codec import encode_key
from schemas.envelope import Event
from schemas.reference import (
    ReferenceStated,
    ReferenceStatedEvent,
    ReferenceWithdrawn,
    ReferenceWithdrawnEvent,
    SetCommittedEvent,
)

SOURCE = "sluice-apply"


class SetRecord(NamedTuple):
    """Key and value of one record, and the event in it."""

    key: bytes
    value: bytes
    event: Event


def set_records(network: str, reference_set: ReferenceSet, now: datetime) -> Iterator[SetRecord]:
    """All records of a set in the order in which they are published, the commit last."""
    set_id = reference_set.commit.set_id
    for member in reference_set.members:
        key = member_key(member)
        event_id = _event_id(set_id, key)
        yield _record(key, _member_event(network, event_id, member, now))
    commit = SetCommittedEvent(
        specversion="1.0",
        source=SOURCE,
        id=f"{set_id}/committed",
        time=now,
        network=network,
        data=reference_set.commit,
    )
    yield _record(("set", set_id), commit)


def _member_event(
    network: str, event_id: str, member: ReferenceStated | ReferenceWithdrawn, now: datetime
) -> Event:
    if isinstance(member, ReferenceStated):
        return ReferenceStatedEvent(
            specversion="1.0", source=SOURCE, id=event_id, time=now, network=network, data=member
        )
    return ReferenceWithdrawnEvent(
        specversion="1.0", source=SOURCE, id=event_id, time=now, network=network, data=member
    )


def _event_id(set_id: str, key: EntityKey) -> str:
    """`3-9f86d081/lane/dc-paris/FR/standard/colissimo`; long names are replaced by their hash."""
    readable = "/".join((set_id, *key))
    if len(readable) <= NAME_LENGTH_MAX:
        return readable
    return f"{set_id}/{key[0]}/{xxhash.xxh3_128_hexdigest(encode_key(key))}"


def _record(key: EntityKey, event: Event) -> SetRecord:
    return SetRecord(encode_key(key), msgspec.json.encode(event), event)
