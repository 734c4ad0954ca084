"""The envelope of every input: CloudEvents 1.0 in structured JSON, the payload under `data`.

A record is a tagged union on `type`.  Unknown fields are ignored; an unknown type is a dead letter, because a
break of the contract is a new type (`order.placed.v2`) that an older router must not half understand.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=128)]
ShipmentId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=160,
        description="`<order_id>/<decision>/<n>`: longer than the order's own name.",
    ),
]
Document = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="The paper behind it, by which a repetition is known: what comes again on the same paper for the "
        "same pool, SKU and class has no effect, whatever it says.",
    ),
]
Text = Annotated[str, Meta(max_length=1024)]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset; UTC preferred.")]
Position = Annotated[
    int,
    Meta(
        ge=0,
        le=2**62,
        description="Place in the warehouse system's own sequence of physical events, which ascends for good: a "
        "sequence that begins anew goes on above its last position, with an offset.",
    ),
]
Quantity = Annotated[int, Meta(gt=0, le=10**12, description="Units, in the item's base unit.")]
Level = Annotated[int, Meta(ge=0, le=10**12, description="Units, in the item's base unit; zero allowed.")]
Delta = Annotated[int, Meta(ge=-(10**12), le=10**12, description="Units to add; negative takes away.")]
Revision = Annotated[int, Meta(ge=1, le=2**62, description="The order as its channel counts its versions.")]
Micros = Annotated[int, Meta(ge=0, le=10**15, description="Money in millionths of the network's currency.")]


class Event(Struct, frozen=True, gc=False, kw_only=True, tag_field="type"):
    """The attributes that every input carries.

    `source` and `id` together are the idempotency key: the same pair with the same `data` is a duplicate and has
    no second effect; with other `data` it is a conflict and becomes a dead letter.
    """

    specversion: Literal["1.0"]
    source: Name
    id: Name
    time: Instant
    network: Name
    actor: Name | None = None


class Data(Struct, frozen=True, gc=False, kw_only=True):
    """Base of every payload."""
