"""One decision as lines of text: what ships from where, by when, at what cost, and why not from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from cli.words.counting import counted, some_of
from cli.words.meanings import COST_PARTS, SENT_BACK, UNIT_STATES, cause_in_words, reason_in_words
from cli.words.money import amount, money
from cli.words.names import shown
from cli.words.places import Places, utc
from operators import remarks
from schemas.notices import Alternative, Cost, Decision, DecisionData, PlannedShipment, RuledOut
from schemas.times import parse_rfc3339

NO_PROMISE = "none before all units have a place"

REASON_SHOWN_MAX = 1_000
"""The router has cut it already; what it could not print is longer here."""


def decision_lines(decision: Decision, places: Places) -> Iterator[str]:
    """The decision for a person, its head line first, the others indented under it."""
    data = decision.data
    yield f"{decision.id}   {utc(parse_rfc3339(data.decided_at))}   because {cause_in_words(data.cause)}"
    yield from (f"  {each}" for each in sent_back(data))
    for shipment in data.shipments:
        yield from _shipment(shipment, data, places)
    if len(data.shipments) > 1 and data.why.cost:
        yield f"  {len(data.shipments)} shipments; what was decided now costs {_together(data, places)}"
    if data.why.note:
        yield f"  note: {data.why.note}"
    yield from why_not(data, places)
    yield f"  units: {_units(data)}"
    promise = _promise(data, places)
    if promise:
        yield f"  promise: {promise}"
    if not data.proved:
        others = f", perhaps with one of {data.why.others} other lanes" if data.why.others else ""
        yield f"  the search ended at its bound: a better plan may exist{others}"


def sent_back(data: DecisionData) -> Iterator[str]:
    """What warehouses sent back and why: `dc-paris rejected 2 mug-blue of O-1002/1/1: "the shelf is blocked"`."""
    skus = {line.line_id: line.sku for line in data.lines}
    for each in data.why.sent_back:
        goods = ", ".join(f"{units} {skus.get(line, line)}" for line, units in each.lines.items())
        did = SENT_BACK.get(each.cause, "sent back")
        said = shown(each.reason, REASON_SHOWN_MAX) if each.reason else "it gave no reason"
        yield f"{each.pool} {did} {goods} of {each.shipment_id}: {said}"


def _shipment(shipment: PlannedShipment, data: DecisionData, places: Places) -> Iterator[str]:
    # What a warehouse could not send, or does not send any more, stays in the shipment with none of it left.
    goods = ", ".join(f"{line.quantity} {line.sku}" for line in shipment.lines if line.quantity)
    is_new = _is_of(data, shipment)
    # Costs and reasons are those of what was decided now.
    before = ", as before" if data.why.cost and not is_new else ""
    yield f"  {shipment.pool}: {goods}   ({shipment.carrier} {shipment.service}, {shipment.shipment_id}{before})"
    ship_by = places.at_pool(shipment.pool, parse_rfc3339(shipment.ship_by))
    gone = _truck_gone(shipment.pool, shipment.ship_by, data, places) if is_new else None
    if gone is not None:
        ship_by += f" (today's cut-off, {gone}, has passed)"
    deliver_by = places.at_zone(data.zone, parse_rfc3339(shipment.deliver_by))
    told = f"{shipment.wms} was told"
    if shipment.state == "planned":
        release_at = places.at_pool(shipment.pool, parse_rfc3339(shipment.release_at))
        told = f"{shipment.wms} is told {release_at}"
    yield f"    ship by {ship_by}, deliver by {deliver_by}; {told}"
    yield f"    {_cost(shipment.cost, places)}"
    at_risk = sum(line.at_risk for line in shipment.lines)
    if at_risk:
        yield f"    AT RISK: {at_risk} of these units may not be there"


def _is_of(data: DecisionData, shipment: PlannedShipment) -> bool:
    """Whether this decision chose the shipment; earlier ones chose what the warehouse was told of before."""
    return bool(data.why.cost) and (shipment.state == "planned" or shipment.release_at == data.decided_at)


def _together(data: DecisionData, places: Places) -> str:
    """What all parcels of this decision cost, with the price of their being several."""
    apart = sum(sum(structs.astuple(shipment.cost)) for shipment in data.shipments if _is_of(data, shipment))
    several = data.why.cost - apart
    of_it = f", {amount(several, places.currency)} of it for {COST_PARTS['split']}" if several > 0 else ""
    return f"{money(data.why.cost, places.currency)}{of_it}"


def _cost(cost: Cost, places: Places) -> str:
    parts = {name: micros for name, micros in structs.asdict(cost).items() if micros}
    told = ", ".join(
        f"{COST_PARTS[name]} {amount(micros, places.currency)}" for name, micros in parts.items()
    )
    return f"{money(sum(parts.values()), places.currency)}" + (f": {told}" if told else "")


def why_not(data: DecisionData, places: Places) -> Iterator[str]:
    """What spoke against the others, the closest first."""
    several_carriers = _of_several_carriers(data)
    for rival in data.why.runners_up:
        yield f"  not {_lanes(rival, several_carriers)}: {_dearer(rival, data, places)}"
    for ruled_out in sorted(data.why.ruled_out, key=_rarest_first):
        yield f"  not {_pools(ruled_out)}: {reason_in_words(ruled_out.reason)}"
    others = data.why.others
    if others and data.proved:
        yield f"  {counted(others, 'other lane')} cannot be {_better(data)}"


def _better(data: DecisionData) -> str:
    return "better" if any(line.open or line.refused for line in data.lines) else "cheaper"


def _of_several_carriers(data: DecisionData) -> set[str]:
    """The pools that are told of with more than one carrier: their names alone would be a riddle."""
    carriers: dict[str, set[str]] = {}
    for shipment in data.shipments:
        carriers.setdefault(shipment.pool, set()).add(shipment.carrier)
    for rival in data.why.runners_up:
        # Decisions of older routers do not name carriers.
        for pool, carrier in zip(rival.pools, rival.carriers, strict=False):
            carriers.setdefault(pool, set()).add(carrier)
    return {pool for pool, names in carriers.items() if len(names) > 1}


def _lanes(rival: Alternative, several_carriers: set[str]) -> str:
    """`dc-paris + dc-leipzig by dhl`: the carrier where the pool alone does not say which lane is meant."""
    carriers = rival.carriers or [""] * len(rival.pools)
    return " + ".join(
        f"{pool} by {carrier}" if carrier and pool in several_carriers else pool
        for pool, carrier in zip(rival.pools, carriers, strict=False)
    )


def _pools(ruled_out: RuledOut) -> str:
    """`dc-paris, dc-leipzig and 7 more`; only a number where none of the pools is near enough to be named."""
    if not ruled_out.pools:
        return counted(ruled_out.count, "pool")
    return some_of(ruled_out.pools, total=ruled_out.count)


def _rarest_first(ruled_out: RuledOut) -> tuple[int, str]:
    return ruled_out.count, ruled_out.reason


def _dearer(rival: Alternative, data: DecisionData, places: Places) -> str:
    dearer = f"{money(rival.dearer, places.currency)} dearer" if rival.dearer else "costs the same"
    told = f"{dearer}, delivers by {places.at_zone(data.zone, parse_rfc3339(rival.deliver_by))}"
    if not rival.dearer:
        told += "; of equals fewer parcels win, then the cheaper lane, then the name"
    for pool, carrier, trucks in zip(rival.pools, rival.carriers, rival.full_trucks, strict=False):
        told += f"; {remarks.full(pool, carrier, trucks)}" if trucks else ""
    gone = _truck_gone(rival.pools[0], rival.ship_by, data, places) if len(rival.pools) == 1 else None
    if gone is None:
        return told
    ship_by = places.at_pool(rival.pools[0], parse_rfc3339(rival.ship_by))
    return f"{told}; today's cut-off there ({gone}) has passed, the next is {ship_by}"


def _truck_gone(pool: str, ship_by: str, data: DecisionData, places: Places) -> str | None:
    """The cut-off of the day of the decision that a shipment would have made some hours before."""
    if not data.shipments:
        return None
    service = data.shipments[0].service
    now_ms, ship_by_ms = parse_rfc3339(data.decided_at), parse_rfc3339(ship_by)
    return places.truck_gone(data.channel, data.zone, service, pool, now_ms, ship_by_ms)


def _units(data: DecisionData) -> str:
    """`all 3 released`, or line by line where they differ."""
    states = {
        line.line_id: {state: getattr(line, state) for state in UNIT_STATES if getattr(line, state)}
        for line in data.lines
    }
    in_use = {state for units in states.values() for state in units}
    total = sum(line.quantity for line in data.lines)
    if len(in_use) == 1:
        everything = f"all {total}" if total > 1 else "1"
        return f"{everything} {UNIT_STATES[in_use.pop()]}"
    return "; ".join(
        f"{line.sku} "
        + ", ".join(f"{units} {UNIT_STATES[state]}" for state, units in states[line.line_id].items())
        for line in data.lines
    )


def _promise(data: DecisionData, places: Places) -> str:
    original, current = data.promise.original, data.promise.current
    if original is None:
        return NO_PROMISE if any(line.open for line in data.lines) else ""
    first = places.at_zone(data.zone, parse_rfc3339(original))
    if current == original:
        return f"deliver by {first}"
    if current is None:
        now = NO_PROMISE if any(line.open for line in data.lines) else "nothing is left to deliver"
    else:
        now = f"deliver by {places.at_zone(data.zone, parse_rfc3339(current))}"
    return f"{now}; first promised: {first}"
