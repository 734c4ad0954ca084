"""What a reference set says of itself: the hash over its members, which writer and router compute alike.

The hash is a sum, so that the order in which members arrive does not matter, and it leaves the set's own name
out, because the name is made from the hash.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import xxhash

from schemas.reference import ReferenceStated, ReferenceWithdrawn

Member = ReferenceStated | ReferenceWithdrawn

_encoder = msgspec.json.Encoder()


def member_bytes(member: Member) -> bytes:
    """The canonical bytes of one member: its data in the types' own field order, without the set's name."""
    return _encoder.encode(msgspec.structs.replace(member, set_id=""))


def members_hash(members: Iterable[Member]) -> str:
    """Sixteen hexadecimal digits: the 64-bit sum of the members' hashes."""
    total = sum(xxhash.xxh3_64_intdigest(member_bytes(member)) for member in members)
    return f"{total % 2**64:016x}"


def set_name(number: int, hash_of_members: str) -> str:
    """`7-3fa2c1d0`: which set of the network it is, and the beginning of its hash."""
    return f"{number}-{hash_of_members[:8]}"
