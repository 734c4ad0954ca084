"""What a decision says in words beside its figures: what waits, what for, and who allows no more."""

from __future__ import annotations

from operators.shipment_limit import shipments_allowed
from schemas.reference import PolicyEntity
from schemas.rows import OrderRow
from state.limits import Limits
from state.order_units import told_count

NO_ITEM = "no unit can be placed: every open line waits for its item"
COMPLETE_NEEDS_ITEM = "ships complete only, and a line waits for its item"
NAMED_MAX = 3
"""Items that a remark names."""

WORDS_MAX = 200
"""Characters of what a warehouse says that are passed on."""

PUT_OFF = "it is decided again in one of the next transactions: this one has decided as many orders as it may"
NO_REQUEST_WAITS = "its policy lets no request wait"
NO_POOL_HAS_ALL = "no single pool can send everything"


def not_in_force(missing: list[str]) -> str:
    """What of the order was withdrawn: `channel "web" is`, or `channel "web" and service level "standard" are`."""
    return f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not in force any more"


def shipments_used_up(order: OrderRow, policy: PolicyEntity | None, limits: Limits) -> str:
    """How many shipments there are, and who allows no more of them."""
    allowed, told = shipments_allowed(order, policy, limits), told_count(order)
    by = _whose_limit(order, policy, allowed)
    return f"{counted(told, 'shipment')} {'are' if told > 1 else 'is'} in use, and {by} allows {allowed}"


def _whose_limit(order: OrderRow, policy: PolicyEntity | None, allowed: int) -> str:
    if allowed == order.max_shipments:
        return "the order"
    return f'policy "{policy.policy}"' if policy and allowed == policy.max_shipments else "the router"


def way_to_more_shipments(order: OrderRow, policy: PolicyEntity | None, limits: Limits) -> str:
    """What whoever allows no more of them can do: no customer can lift a policy's limit."""
    if policy and policy.max_shipments < min(order.max_shipments, limits.shipments_max):
        return f'let policy "{policy.policy}" allow more max_shipments, and apply it'
    return "agree on another shipment with the customer"


def unfilled(units: int, shipments: int | None, refused: bool = False) -> str:
    """Units that no plan ships; `shipments` where no more of those are allowed, None where that is not why."""
    within = "" if shipments is None else f" in {counted(shipments, 'shipment')}"
    verb, are = ("find", "are") if units > 1 else ("finds", "is")
    no_place = f"{counted(units, 'unit')} {verb} no place now{within}"
    return f"{no_place} and {are} refused ({NO_REQUEST_WAITS})" if refused else no_place


def refused(units: int) -> str:
    """What becomes of units of a request that nobody may ship any more."""
    return f"{counted(units, 'unit')} {'is' if units == 1 else 'are'} refused ({NO_REQUEST_WAITS})"


def complete_only(missing: dict[str, int], shipments: int | None, refused_with_them: int) -> str:
    """Why nothing ships of an order that ships complete: which items, and how many of each, find no place.

    So many units are `refused_with_them`, where the order is a request that may not wait.
    """
    named = [f"{units} of {sku}" for sku, units in list(missing.items())[:NAMED_MAX]]
    if len(missing) > NAMED_MAX:
        named.append(f"{len(missing) - NAMED_MAX} more")
    why = f"ships complete only, and {unfilled(sum(missing.values()), shipments)}: {', '.join(named)}"
    return f"{why}; {refused(refused_with_them)}" if refused_with_them else why


def waiting(found_no_place: str, unknown: int, kept_back: int | None) -> str:
    """What the open units wait for: a place, their item, or the others.

    So many units are `kept_back` with them for the last shipment; None where none is kept for what waits.
    """
    parts = [found_no_place] if found_no_place else []
    if unknown:
        parts.append(_waits_for_item(unknown))
    if kept_back is not None:
        with_them = f" and for {counted(kept_back, 'unit')} that could go now" if kept_back else ""
        parts.append(f"the last shipment allowed is kept for what waits{with_them}")
    return ", ".join(parts)


def one_shipment_left(
    order: OrderRow, policy: PolicyEntity | None, limits: Limits, unknown: int, is_filled: bool
) -> str:
    """Why nothing ships of an order that may have one more shipment, and who allows no more."""
    why = _waits_for_item(unknown) if is_filled else NO_POOL_HAS_ALL
    by = _whose_limit(order, policy, shipments_allowed(order, policy, limits))
    return f"{why}, and {by} allows only one{' more' if told_count(order) else ''} shipment"


def full(pool: str, carrier: str, trucks: int) -> str:
    """Why a pool that ships does not ship sooner."""
    return f"{pool} has no free place on {carrier}'s next {'truck' if trucks == 1 else f'{trucks} trucks'}"


def gone(units: int, sku: str, pool: str, on_hand: int, blocked: int, suspect: int, promised: int) -> str:
    """Why so many promised units were withdrawn: the figures that no longer match."""
    not_free = f", blocked {blocked}" if blocked else ""
    not_free += f", in doubt {suspect}" if suspect else ""
    return f"{units} of {sku} at {pool} are gone: on hand {on_hand}{not_free}, promised {promised}"


def _waits_for_item(units: int) -> str:
    return "1 unit waits for its item" if units == 1 else f"{units} units wait for their item"


def counted(count: int, noun: str) -> str:
    """`1 unit`, `3 units`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def first_words(said: str) -> str:
    """What somebody else wrote, on one line and not longer than a person reads."""
    words = " ".join(said.split())
    return words if len(words) <= WORDS_MAX else f"{words[: WORDS_MAX - 3]}..."
