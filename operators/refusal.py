"""Refusal: what finds no place of an order that was only requested does not wait, where its policy says so."""

from __future__ import annotations

from schemas.reference import PolicyEntity
from schemas.rows import OrderRow


def refuses_the_rest(order: OrderRow, policy: PolicyEntity | None) -> bool:
    """Whether units of known items that find no place are refused; else they wait, and so does all without a policy."""
    return not order.sold and policy is not None and policy.unfilled_request == "refuse"
