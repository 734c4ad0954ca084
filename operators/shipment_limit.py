"""How many shipments an order may have: the least of what its customer, its policy and the router allow."""

from __future__ import annotations

from schemas.reference import PolicyEntity
from schemas.rows import OrderRow
from state.limits import Limits


def shipments_allowed(order: OrderRow, policy: PolicyEntity | None, limits: Limits) -> int:
    """How many shipments the order may have; its policy is None when that is not in force."""
    allowed = min(order.max_shipments, limits.shipments_max)
    return allowed if policy is None else min(allowed, policy.max_shipments)
