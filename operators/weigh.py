"""What is to be sent of an order now: its need, weighed against all pools, and what is kept back for the rest of it."""

from __future__ import annotations

from msgspec import Struct

from operators import remarks
from operators.choice import Choice, nothing_sent
from operators.choose import choose
from operators.demand import Demand
from operators.effects import Moment
from operators.promise import terms_of
from operators.refusal import refuses_the_rest
from schemas.reference import PolicyEntity
from schemas.rows import OrderRow, ShipmentRow
from state.network import Network
from state.routes import Routes

_NO_SLOTS: frozenset[tuple[str, int]] = frozenset()


class Need(Struct, frozen=True, gc=False):
    """What one decision has to place: `units` by line, as demands, in at most `room` shipments.

    Units of unknown items are in no demand.  `planned` are the shipments that no warehouse was told of yet: they are
    placed anew, so that their units and their places count as free for the order.
    """

    order: OrderRow
    policy: PolicyEntity
    units: list[int]
    demands: list[Demand]
    planned: tuple[ShipmentRow, ...]
    room: int


class Weighed(Struct, frozen=True, gc=False):
    """The choice to carry out, or None where nothing is to be sent now, with a note of what waits and why.

    It `holds_back` units for which there is a place, where others of the order wait for their item.
    """

    choice: Choice | None
    note: str
    holds_back: bool = False


def weigh(network: Network, routes: Routes, need: Need, moment: Moment) -> Weighed:
    """The best choice for an order of which channel, service level and zone are in force."""
    order, policy, demands, planned, room = need.order, need.policy, need.demands, need.planned, need.room
    if not demands:
        return Weighed(None, remarks.NO_ITEM if any(need.units) else "")
    # Units of unknown items are in no demand; they need a shipment one day like all that is unfilled.
    unknown = sum(need.units) - sum([demand.quantity for demand in demands])
    if order.ship_complete and unknown:
        return Weighed(None, remarks.COMPLETE_NEEDS_ITEM, holds_back=True)
    if room <= 0:
        used_up = remarks.shipments_used_up(order, policy, moment.limits)
        refused = sum(need.units) - unknown if refuses_the_rest(order, policy) else 0
        return Weighed(None, f"{used_up}; {remarks.refused(refused) if refused else 'a person decides'}")
    candidates = routes.candidates(order.zone, order.service, order.channel)
    available = _available(network, order, demands, planned)
    own_slots = _NO_SLOTS
    if planned:
        own_slots = frozenset([(shipment.pool, shipment.slot_day) for shipment in planned])
    terms = terms_of(order, routes, moment.now_ms, network.slots, own_slots, moment.limits.later_trucks_max)
    penalty = routes.services[order.service].split_penalty
    choice = choose(demands, available, candidates, terms, room, penalty, moment.limits)
    if not choice.unfilled and not unknown:
        return Weighed(choice, remarks.NO_POOL_HAS_ALL if choice.none_alone else "")
    unfilled = choice.unfilled
    shipments_used = room if len(choice.parts) == room else None
    refuses = refuses_the_rest(order, policy)
    if order.ship_complete:
        refused = sum(need.units) if refuses else 0
        note = remarks.complete_only(_missing(choice, demands), shipments_used, refused)
        return Weighed(nothing_sent(choice, room), note)
    kept_back = None
    # What waits for its item is never refused.
    if shipments_used and (unknown or not refuses):
        # The rest must be able to ship one day, so the last allowed shipment is not spent on a part.
        if room == 1:
            note = remarks.one_shipment_left(order, policy, moment.limits, unknown, is_filled=not unfilled)
            return Weighed(nothing_sent(choice, room), note, unknown > 0)
        choice = choose(demands, available, candidates, terms, room - 1, penalty, moment.limits)
        kept_back = choice.unfilled - unfilled
    holds_back = kept_back is not None and unknown > 0
    no_place = remarks.unfilled(unfilled, shipments_used, refuses and not holds_back) if unfilled else ""
    return Weighed(choice, remarks.waiting(no_place, unknown, kept_back), holds_back)


def _missing(choice: Choice, demands: list[Demand]) -> dict[str, int]:
    """Units of each item that the choice has no place for."""
    missing: dict[str, int] = {}
    for at, demand in enumerate(demands):
        units = demand.quantity - sum([part.quantities[at] for part in choice.parts])
        if units:
            missing[demand.sku] = missing.get(demand.sku, 0) + units
    return missing


def _available(
    network: Network, order: OrderRow, demands: list[Demand], planned: tuple[ShipmentRow, ...]
) -> list[dict[str, int]]:
    """Free units by demand and pool; what the order itself has planned counts as free for it."""
    free = network.ledger.free
    available = [free(demand.sku) for demand in demands]
    if not planned:
        return available
    own: dict[str, dict[str, int]] = {}
    for shipment in planned:
        for part in shipment.lines:
            pools = own.setdefault(order.lines[part.line].sku, {})
            pools[shipment.pool] = pools.get(shipment.pool, 0) + part.quantity
    return [
        _with_own(network, demand.sku, there, own[demand.sku]) if demand.sku in own else there
        for demand, there in zip(demands, available, strict=True)
    ]


def _with_own(network: Network, sku: str, there: dict[str, int], own: dict[str, int]) -> dict[str, int]:
    together = dict(there)
    for pool, units in own.items():
        row = network.ledger.row(pool, sku)
        if row is not None:
            # Below zero the pool's figure is not in `available`, so the row itself is read.
            there_is = row.on_hand - row.blocked - row.suspect - row.reserved
            beyond_safety = max(0, there_is - network.ledger.safety(pool, sku))
            # Safety stock that was raised since keeps new promises away; it never withdraws this one.
            together[pool] = max(0, units + min(0, there_is)) + beyond_safety
    return together
