"""Which pools may not send a demand whatever they hold, and why."""

from __future__ import annotations

from operators.choice import EXCLUDED, NOT_CAPABLE, NOT_PINNED
from operators.demand import Demand
from state.routes import Candidate


def is_plain(demands: list[Demand]) -> bool:
    """Whether nothing but stock and time decides who may send these demands."""
    for demand in demands:  # noqa: SIM110 - every order comes here, and a generator costs twice as much.
        if demand.pinned_pool or demand.excluded or demand.restrictions:
            return False
    return True


def barred(lane: Candidate, demands: list[Demand]) -> str | None:
    """Why this lane may not send all of these demands; None when it may."""
    for demand in demands:
        reason = barred_for(lane, demand)
        if reason is not None:
            return reason
    return None


def barred_for(lane: Candidate, demand: Demand) -> str | None:
    """Why this lane may not send all of one demand; None when it may."""
    if demand.pinned_pool and demand.pinned_pool != lane.pool:
        return NOT_PINNED
    if not lane.capabilities.issuperset(demand.restrictions):
        return NOT_CAPABLE
    return EXCLUDED if lane.pool in demand.excluded else None


def units_allowed(lane: Candidate, demand: Demand) -> int:
    """Units of one demand that this lane may send."""
    reason = barred_for(lane, demand)
    if reason is None:
        return demand.quantity
    return demand.at_most.get(lane.pool, 0) if reason == EXCLUDED else 0
