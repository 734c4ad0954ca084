"""The kinds of topics: what a topic is called within Sluice, where the prefix of a deployment does not matter.

`schemas.topics` says of each who writes it and what the broker must promise for it.
"""

from __future__ import annotations

INVENTORY = "inventory"
ORDERS = "orders"
FULFILMENT = "fulfilment"
REFERENCE = "reference"

INPUT_TOPICS = (REFERENCE, INVENTORY, FULFILMENT, ORDERS)
"""In the order in which a bundle applies them."""

DECISIONS = "decisions"
EXCEPTIONS = "exceptions"
DEAD_LETTERS = "dead-letters"
JOURNAL = "journal"
ALLOCATIONS = "allocations."
"""Followed by the name of a warehouse system: each has a topic of its own."""

LEDGER = "ledger"
ORDER_BOOK = "order-book"
CATALOG = "catalog"
ROUTER_STATE = "router-state"

STATE_TOPICS = (LEDGER, ORDER_BOOK, CATALOG, ROUTER_STATE)
"""Those that hold rows, in the order in which a bundle publishes them."""
