"""Every bound of the core, named, with its default.  Nothing grows without one."""

from __future__ import annotations

from msgspec import Struct

from schemas.times import DAY_MS


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds that decisions depend on: a replay must use the values of the run."""

    identities_max: int = 1_000_000
    """Inputs whose (identity, content) hashes are remembered, for each partition."""
    agenda_orders_max: int = 2_000
    """Orders already booked that one bundle decides again; the rest wait for the next bundle, and with them new orders
    that could take what they wait for."""
    search_sets_max: int = 500
    """Sets of pools that one routing decision may weigh before it takes the best so far."""
    offers_max: int = 64
    """Offers, cheapest lane first, that the search for several shipments looks at."""
    later_trucks_max: int = 7
    """Cut-offs that a full pool is looked ahead for a free place."""
    why_runners_up_max: int = 3
    """Losing plans that a decision names."""
    why_pools_named_max: int = 3
    """Pools that a decision names for each reason that ruled some out."""
    moves_max: int = 64
    """Moves that a stock row keeps; the oldest are folded into its base."""
    documents_max: int = 64
    """Documents of moves that a stock row knows again, as many of blocks, and cancel requests that an order does."""
    order_bytes_max: int = 65_536
    """The largest order that is taken.  With `shipments_max` it bounds the order's plan and row (about 2 MB)."""
    shipments_max: int = 20
    """Live shipments that one order may have, whatever it allows."""
    staged_sets_max: int = 16
    """Reference sets that may wait for their commit; the oldest is forgotten first."""
    retry_ms: int = 15 * 60_000
    """How long an order that capacity or the calendar refused waits before it is weighed again."""
    closed_grace_ms: int = 30 * DAY_MS
    """How long a closed order is kept for late messages, and how old a new one may be. Where this is raised, orders
    that were forgotten sooner, and are sent again, are taken for new ones."""
    shipped_silence_ms: int = 60 * DAY_MS
    """A shipped order that nobody mentions any more counts as closed after this."""
