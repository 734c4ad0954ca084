"""The format of the state: one number for all rows of a partition, and which of them this release reads and writes.

A release reads the newest format and the one before, and writes the one that is in force in a partition.  So the
release before can be started again at any time, until somebody finalises the upgrade; see docs/upgrade.md.

The number in a row's tag is the format that brought this shape: where format 2 is in force, an order is `order.2`
and stock, which it left as it was, is still `stock.1`.
"""

from __future__ import annotations

import re

ENGINE = "sluice 0.2.0"
"""This release, as the journal names it."""

CLIENT_ID = ENGINE.replace(" ", "-")
"""How a router of this release is known in its consumer group, so that `sluice finalise` finds older ones."""

STARTED = "@"
"""Between that and the time when the router was started."""

FORMAT = 2
"""The newest: written where it is in force, and from the beginning where there is no state yet."""

FORMATS_READ = (FORMAT - 1, FORMAT)

FORMAT_UNRECORDED = 1
"""Of what was written before formats were recorded."""

SHIPMENT_TIMES = 2
"""The first format that keeps when a shipment left, and when and how much of it arrived."""

_TAG = re.compile(rb'\["([a-z]+)\.([0-9]{1,9})"')


def tag_of(value: bytes) -> tuple[str, int] | None:
    """The kind of a row and the format that brought its shape; None when the bytes are no row."""
    found = _TAG.match(value)
    return None if found is None else (found[1].decode(), int(found[2]))


def refusal(found: int, row: str) -> str:
    """Why this release does not touch a state in that format, and what to do."""
    oldest, newest = FORMATS_READ
    fault = f"its state is in format {found} ({row}), and {ENGINE} reads formats {oldest} and {newest}. "
    if found > newest:
        return fault + (
            "The upgrade was finalised, which cannot be taken back: run the release that finalised it, or a later one"
        )
    return fault + (
        f"A release was left out: run one that reads formats {found} and {oldest}, say `sluice finalise`, then come "
        "back to this one"
    )
