"""The words of stories for what must hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from schemas.rows import PLANNED, OrderRow
from schemas.times import rfc3339
from state.order_units import is_live, open_units, pending_units
from tests.scenarios.runner import Play, Word
from tests.small_network import ms

CHECKS: list[Word] = []


def check(pattern: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(function: Callable[..., None]) -> Callable[..., None]:
        CHECKS.append((re.compile(pattern), function))
        return function

    return register


def _units(order: OrderRow) -> Counter[str]:
    units: Counter[str] = Counter(open=sum(open_units(order)))
    for line in order.lines:
        units["cancelled"] += line.cancelled
        units["refused"] += line.refused
    for shipment in order.shipments:
        for part in shipment.lines:
            pending = pending_units(shipment, part.line)
            units["shipped"] += part.shipped - part.arrived
            units["delivered"] += part.arrived
            units["cancel_pending"] += pending
            units["allocated" if shipment.state == PLANNED else "released"] += part.unshipped - pending
            units["at_risk"] += part.at_risk
    return +units


@check(r"(\w+) has ((?:\d+ \w+(?:, )?)+)")
def _(play: Play, order: str, states: str) -> None:
    """All its units by state; `at_risk` is a mark beside it."""
    expected = {state: int(units) for units, state in (each.split(" ") for each in states.split(", "))}
    assert _units(play.world.order(order)) == expected


@check(r"(\w+)(/\d+/\d+) is (dispatched|delivered)")
def _(play: Play, order: str, shipment: str, state: str) -> None:
    states = {ship.shipment_id: ship.state for ship in play.world.order(order).shipments}
    assert states[order + shipment] == state


@check(r"(\w+) is (known|forgotten)")
def _(play: Play, order: str, what: str) -> None:
    assert (order in play.world.network.orders.rows) == (what == "known")


@check(r"(\w+) ships nothing")
def _(play: Play, order: str) -> None:
    assert not [ship.shipment_id for ship in play.world.order(order).shipments if is_live(ship)]


@check(r"(\w+) ships (.+? from \w+(?:, .+? from \w+)*?)(?: by (\d{4}-.+))?")
def _(play: Play, order: str, plan: str, ship_by: str | None) -> None:
    """Its live shipments and nothing else, and the cut-off that they make."""
    row = play.world.order(order)
    live = [shipment for shipment in row.shipments if is_live(shipment)]
    parts = Counter(
        (shipment.pool, row.lines[part.line].sku)
        for shipment in live
        for part in shipment.lines
        for _ in range(part.unshipped + part.shipped)
    )
    stated: Counter[tuple[str, str]] = Counter()
    for each in plan.split(", "):
        match = re.fullmatch(r"(\d+) (\w+) from (\w+)", each)
        assert match, f"{each!r}: say `2 lamp from berlin`"
        stated[match[3], match[2]] += int(match[1])
    assert parts == stated
    if ship_by:
        assert {rfc3339(shipment.ship_by_ms) for shipment in live} == {rfc3339(ms(ship_by))}


@check(r"stock (\w+) (\w+): ((?:\w+ \d+(?:, )?)+)")
def _(play: Play, pool: str, sku: str, figures: str) -> None:
    row = play.world.stock(pool, sku)
    stated = {name: int(units) for name, units in (each.split(" ") for each in figures.split(", "))}
    assert {name: getattr(row, name) for name in stated} == stated


@check(r"(wms-\w+) is told to (ship|cancel) ([\w/]+)")
def _(play: Play, wms: str, what: str, shipment: str) -> None:
    event_type = "shipment.requested" if what == "ship" else "shipment.cancel_requested"
    told = [each for said in play.said for each in said.instructions]
    assert told.count((wms, event_type, shipment)) == 1, told


@check(r"no warehouse is told anything")
def _(play: Play) -> None:
    assert [each for said in play.said for each in said.instructions] == []


@check(r"(wms-\w+) is asked to count (\w+)")
def _(play: Play, wms: str, sku: str) -> None:
    assert [data["sku"] for said in play.said for data in said.of("count.requested")] == [sku]
    assert any(each[:2] == (wms, "count.requested") for said in play.said for each in said.instructions)


@check(r"the exception (\w+) is (opened|closed)")
def _(play: Play, kind: str, what: str) -> None:
    assert kind in [data["kind"] for said in play.said for data in said.of(f"exception.{what}")]


@check(r"the exception (\w+) is (opened|closed) (for|in) (.+)")
def _(play: Play, kind: str, what: str, about: str, named: str) -> None:
    """For these orders, or of stock in these pools, once each and for no others."""
    field = "order_id" if about == "for" else "pool"
    told = [data for said in play.said for data in said.of(f"exception.{what}") if data["kind"] == kind]
    assert sorted(data[field] for data in told if data.get(field)) == sorted(named.split(", "))


@check(r"no exception is opened")
def _(play: Play) -> None:
    assert [kind for said in play.said for kind in said.exceptions] == []


@check(r"it is a dead letter: (\w+)")
def _(play: Play, reason: str) -> None:
    assert [letter["reason"] for said in play.said for letter in said.dead_letters] == [reason]


@check(r"it is a duplicate without effect")
def _(play: Play) -> None:
    assert sum(said.outcome.measures.duplicates for said in play.said) == 1
    assert not any(said.notices or said.outcome.measures.changed_rows for said in play.said)


@check(r"it is stale")
def _(play: Play) -> None:
    assert sum(said.outcome.measures.stale for said in play.said) == 1


@check(r"(\w+) is decided because of (\w[\w.]*)")
def _(play: Play, order: str, cause: str) -> None:
    causes = [data["cause"] for said in play.said for data in said.decisions if data["order_id"] == order]
    assert cause in causes, causes


@check(r"nothing is decided")
def _(play: Play) -> None:
    assert [data["cause"] for said in play.said for data in said.decisions] == []


@check(r"(\w+) says why: (.+)")
def _(play: Play, order: str, words: str) -> None:
    why = [data["why"] for said in play.said for data in said.decisions if data["order_id"] == order][-1]
    assert words in str(why), why
