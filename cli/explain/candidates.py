"""Every lane that could serve an order, priced as of now: what a decision's bounded reasons leave out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from cli.words.counting import counted, some_of
from cli.words.meanings import reason_in_words
from cli.words.money import money
from cli.words.places import Places, utc
from operators import remarks
from operators.choice import NO_STOCK
from operators.demand import Demand, demands_of
from operators.eligibility import barred, units_allowed
from operators.obstacles import Ground
from operators.promise import CAPACITY_FULL, NO_TRUCK, SHIPS_TOO_LATE, quote, terms_of
from schemas.notices import RuledOut
from schemas.rows import OrderRow
from schemas.times import rfc3339
from state.ledger import shortfall
from state.limits import Limits
from state.network import Network
from state.partition import Partition
from state.routes import Candidate, Routes

OF_TIME = (NO_TRUCK, CAPACITY_FULL, SHIPS_TOO_LATE)
"""What speaks against a lane, whatever its pool has and may send."""


class Offer(Struct, frozen=True):
    """One lane: what it would cost to send everything from there, or what speaks against it."""

    lane: Candidate
    units: int
    wanted: int
    cost: int
    ship_by_ms: int
    deliver_by_ms: int
    full_trucks: int
    barred: str

    @property
    def order(self) -> tuple[bool, int, int, int]:
        """Those that could, then those that have most of it, each cheapest first."""
        return bool(self.barred), -self.units, self.cost, self.lane.rank

    def as_dict(self) -> dict[str, object]:
        """For JSON; a lane that cannot send everything has no cost, and one without a truck no times."""
        has_truck = bool(self.ship_by_ms)
        return {
            "pool": self.lane.pool,
            "carrier": self.lane.carrier,
            "units": self.units,
            "wanted": self.wanted,
            "cost_micros": None if self.barred else self.cost,
            "ship_by": rfc3339(self.ship_by_ms) if has_truck else None,
            "deliver_by": rfc3339(self.deliver_by_ms) if has_truck else None,
            "full_trucks": self.full_trucks,
            "reason": self.barred,
        }


class Unplaced(Struct, frozen=True):
    """Units that no pool can be priced for, and why."""

    sku: str
    units: int
    reason: str


class Outlook(Struct, frozen=True):
    """What every pool could do for an order as of now."""

    zone: str
    offers: list[Offer]
    """Best first."""
    ruled_out: tuple[RuledOut, ...]
    unplaced: list[Unplaced]
    places: Places
    withdrawn: str = ""
    """What of the order is not in force any more, so that no pool can be priced for it."""

    def as_dict(self, now_ms: int) -> dict[str, object]:
        """For JSON: money in micros, times in UTC."""
        return {
            "at": rfc3339(now_ms),
            "offers": [offer.as_dict() for offer in self.offers],
            "ruled_out": [
                {"reason": each.reason, "count": each.count, "pools": list(each.pools)}
                for each in self.ruled_out
            ],
            "withdrawn": self.withdrawn,
            "unplaced": [structs.asdict(each) for each in self.unplaced],
        }


def outlook_of(partition: Partition, network_name: str, order_id: str, now_ms: int) -> Outlook | None:
    """All lanes for the units that are not shipped, cancelled or refused; None when the order is forgotten."""
    network = partition.networks.get(network_name)
    order = network.orders.rows.get(order_id) if network else None
    routes = network.catalog.routes if network else None
    if network is None or order is None or routes is None:
        return None
    places = Places(network.catalog.entities(network.catalog.sets).values())
    missing = Ground(routes).missing(order)
    if missing:
        return Outlook(order.zone, [], (), [], places, remarks.not_in_force(missing))
    units = _unshipped(order)
    demands = demands_of(order, units, routes)
    unplaced = list(_unplaced(order, units, routes))
    if not demands:
        return Outlook(order.zone, [], (), unplaced, places)
    found = sorted(offers(network, order, routes, demands, now_ms), key=lambda each: each.order)
    ruled_out = routes.candidates(order.zone, order.service, order.channel).ruled_out
    return Outlook(order.zone, found, tuple(ruled_out), unplaced, places)


def _unplaced(order: OrderRow, units: list[int], routes: Routes) -> Iterator[Unplaced]:
    """The lines that wait for their item: no pool is looked at for them."""
    for line, left in zip(order.lines, units, strict=True):
        item = routes.items.get(line.sku)
        if left and item is None:
            yield Unplaced(line.sku, left, "item_not_in_network")
        elif left and item is not None and item.unit != line.unit:
            yield Unplaced(line.sku, left, "item_has_other_unit")


def outlook_lines(outlook: Outlook | None, now_ms: int) -> Iterator[str]:
    """What each pool would cost, best first."""
    yield ""
    if outlook is None:
        yield "as of now: the order is closed and forgotten, so no pool can be priced for it"
        return
    yield f"as of now ({utc(now_ms)}), from each pool alone, with the stock there is now and the order's own:"
    if outlook.withdrawn:
        yield f"  {outlook.withdrawn}: apply it again until the order is done, or cancel the order"
        return
    for unplaced in outlook.unplaced:
        yield f"  {unplaced.sku}: {counted(unplaced.units, 'unit')} waiting; {reason_in_words(unplaced.reason)}"
    if not outlook.offers and not outlook.ruled_out and not outlook.unplaced:
        yield "  nothing is left to ship"
    for offer in outlook.offers:
        yield f"  {_words(offer, outlook.zone, outlook.places)}"
    for ruled_out in outlook.ruled_out:
        yield f"  {some_of(ruled_out.pools, total=ruled_out.count)}: {reason_in_words(ruled_out.reason)}"


def offers(
    network: Network, order: OrderRow, routes: Routes, demands: list[Demand], now_ms: int
) -> Iterator[Offer]:
    """One offer for each lane that serves the order's zone, service and channel."""
    own_slots = frozenset((shipment.pool, shipment.slot_day) for shipment in order.shipments)
    terms = terms_of(order, routes, now_ms, network.slots, own_slots, Limits().later_trucks_max)
    own = _own(order, network)
    wanted = sum(demand.quantity for demand in demands)
    for lane in routes.candidates(order.zone, order.service, order.channel).ranked:
        units = cost = 0
        taken: dict[str, int] = {}
        for demand in demands:
            free = network.ledger.free(demand.sku).get(lane.pool, 0) + own.get((demand.sku, lane.pool), 0)
            # Demands of one SKU, of which some are pinned, share what is there.
            free -= taken.get(demand.sku, 0)
            sent = min(free, units_allowed(lane, demand))
            taken[demand.sku] = taken.get(demand.sku, 0) + sent
            units += sent
            cost += sent * lane.unit_cost(demand.weight_grams)
        quoted = quote(lane, terms)
        if isinstance(quoted, str):
            yield Offer(lane, units, wanted, cost, 0, 0, 0, quoted)
        else:
            barred_by = "" if units == wanted else barred(lane, demands) or NO_STOCK
            yield Offer(
                lane,
                units,
                wanted,
                cost + quoted.fixed,
                quoted.ship_by_ms,
                quoted.deliver_by_ms,
                quoted.full_trucks,
                barred_by,
            )


def _words(offer: Offer, zone: str, places: Places) -> str:
    lane = offer.lane
    name = f"{lane.pool} by {lane.carrier}"
    verb = "has" if offer.barred in (NO_STOCK, *OF_TIME) else "may send"
    has = f"{verb} {offer.units} of {offer.wanted} units"
    if not offer.ship_by_ms:
        return f"{name}: {has}; {reason_in_words(offer.barred)}"
    when = (
        f"ship by {places.at_pool(lane.pool, offer.ship_by_ms)}, "
        f"deliver by {places.at_zone(zone, offer.deliver_by_ms)}"
    )
    if offer.full_trucks:
        when += f"; {remarks.full(lane.pool, lane.carrier, offer.full_trucks)}"
    if offer.barred:
        return f"{name}: {has}, {reason_in_words(offer.barred)}; {when}"
    return f"{name}: {money(offer.cost, places.currency)}; {when}"


def _unshipped(order: OrderRow) -> list[int]:
    units = [line.quantity - line.cancelled - line.refused for line in order.lines]
    for shipment in order.shipments:
        for part in shipment.lines:
            units[part.line] -= part.shipped
    return units


def _own(order: OrderRow, network: Network) -> dict[tuple[str, str], int]:
    """What of the order's own units is there, by SKU and pool: what is promised and gone is not."""
    own: dict[tuple[str, str], int] = {}
    for shipment in order.shipments:
        for part in shipment.lines:
            key = order.lines[part.line].sku, shipment.pool
            own[key] = own.get(key, 0) + part.unshipped
    for sku, pool in own:
        row = network.ledger.row(pool, sku)
        short = 0 if row is None else max(0, shortfall(row))
        own[sku, pool] = max(0, own[sku, pool] - short)
    return own
