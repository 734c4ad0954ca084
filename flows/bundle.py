"""What travels through the dataflow, in band and in order, for one partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from flows.arrivals import Arrivals
from operators.bundle import Outcome
from schemas.records import Record

if TYPE_CHECKING:
    from flows.lease import Lease


class Assigned(Struct, frozen=True):
    """From here on this process decides for the partition."""

    lease: Lease


class Revoked(Struct, frozen=True):
    """No longer; what the dataflow holds of it is to be forgotten."""

    lease: Lease


class Bundle(Struct, frozen=True):
    """What one poll returned for one partition; without records it is a tick.

    `positions` are the next offsets after these records and the control markers behind them, by topic kind, of every
    input topic.  `membership` is taken after the poll: it vouches that the records were this process's to read.
    """

    lease: Lease
    records: dict[str, list[Record]]
    positions: dict[str, int]
    now_ms: int
    membership: Any
    polled_at_s: float


class Decided(Struct, frozen=True):
    """A bundle and what was decided; it must be committed, or the partition restored.

    `arrivals` counts the bundle's records by topic kind and Kafka time stamp.
    """

    bundle: Bundle
    outcome: Outcome
    arrivals: Arrivals
    decided_in_s: float


Item = Assigned | Revoked | Bundle
