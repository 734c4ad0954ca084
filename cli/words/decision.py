"""One decision as lines of text: what ships from where, by when, at what cost, and why not from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from cli.words.meanings import COST_PARTS, UNIT_STATES, cause_in_words, reason_in_words
from cli.words.money import amount, money
from cli.words.places import Places, utc
from schemas.notices import Alternative, Cost, Decision, DecisionData, PlannedShipment, RuledOut
from schemas.times import parse_rfc3339


def decision_lines(decision: Decision, places: Places) -> Iterator[str]:
    """The decision for a person, its head line first, the others indented under it."""
    data = decision.data
    yield f"{decision.id}   {utc(parse_rfc3339(data.decided_at))}   because {cause_in_words(data.cause)}"
    for shipment in data.shipments:
        yield from _shipment(shipment, data, places)
    if len(data.shipments) > 1 and data.why.cost:
        yield f"  {len(data.shipments)} shipments; what was decided now costs {money(data.why.cost, places.currency)}"
    if data.why.note:
        yield f"  note: {data.why.note}"
    yield from why_not(data, places)
    yield f"  units: {_units(data)}"
    promise = _promise(data, places)
    if promise:
        yield f"  promise: {promise}"
    if not data.proved:
        yield "  the search ended at its bound: a cheaper plan may exist"


def _shipment(shipment: PlannedShipment, data: DecisionData, places: Places) -> Iterator[str]:
    goods = ", ".join(f"{line.quantity} {line.sku}" for line in shipment.lines)
    yield f"  {shipment.pool}: {goods}   ({shipment.carrier} {shipment.service}, {shipment.shipment_id})"
    ship_by = places.at_pool(shipment.pool, parse_rfc3339(shipment.ship_by))
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


def _cost(cost: Cost, places: Places) -> str:
    parts = {name: micros for name, micros in structs.asdict(cost).items() if micros}
    told = ", ".join(
        f"{COST_PARTS[name]} {amount(micros, places.currency)}" for name, micros in parts.items()
    )
    return f"{money(sum(parts.values()), places.currency)}" + (f": {told}" if told else "")


def why_not(data: DecisionData, places: Places) -> Iterator[str]:
    """What spoke against the others, the closest first."""
    for rival in data.why.runners_up:
        yield f"  not {' + '.join(rival.pools)}: {_dearer(rival, data, places)}"
    for ruled_out in sorted(data.why.ruled_out, key=_rarest_first):
        named = ", ".join(ruled_out.pools)
        more = ruled_out.count - len(ruled_out.pools)
        yield f"  not {named}{f' and {more} more' if more > 0 else ''}: {reason_in_words(ruled_out.reason)}"
    if data.why.others:
        yield f"  {data.why.others} other lanes cannot be cheaper"


def _rarest_first(ruled_out: RuledOut) -> tuple[int, str]:
    return ruled_out.count, ruled_out.reason


def _dearer(rival: Alternative, data: DecisionData, places: Places) -> str:
    dearer = (
        f"{money(rival.dearer, places.currency)} dearer"
        if rival.dearer
        else "costs the same, and ties go by lane"
    )
    ship_by_ms, now_ms = parse_rfc3339(rival.ship_by), parse_rfc3339(data.decided_at)
    deliver_by = places.at_zone(data.zone, parse_rfc3339(rival.deliver_by))
    if len(rival.pools) > 1 or not data.shipments:
        return f"{dearer}, delivers by {deliver_by}"
    pool, service = rival.pools[0], data.shipments[0].service
    gone = places.truck_gone(data.channel, data.zone, service, pool, now_ms, ship_by_ms)
    if gone is not None:
        return f"{dearer}; today's cut-off there ({gone}) has passed, the next is {places.at_pool(pool, ship_by_ms)}"
    return f"{dearer}, delivers by {deliver_by}"


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
        return ""
    first = places.at_zone(data.zone, parse_rfc3339(original))
    if current == original:
        return f"deliver by {first}"
    now = "open" if current is None else f"deliver by {places.at_zone(data.zone, parse_rfc3339(current))}"
    return f"{now}; first promised: {first}"
