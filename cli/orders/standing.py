"""Orders as they stand now, from the router's own memory of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cli.orders.wanted import Found, Wanted
from cli.shared.connection import Connection
from cli.shared.remembered import restored
from cli.words.counting import counted
from flows.metrics.cohorts import has_left, is_answered, is_due, leaves_ms, left_by, overdue_ms
from schemas.rows import PLANNED, OrderRow
from schemas.times import MINUTE_MS, NEVER_MS, rfc3339
from state.order_units import open_units
from state.routes import Routes


class Standing(NamedTuple):
    """What is to be told of an order, since when, and the pools that it is about."""

    since_ms: int
    what: str
    pools: set[str]


Look = Callable[[OrderRow, "Routes | None", int], Standing | None]
"""What is to be told of an order now; None when nothing is."""


def waiting(row: OrderRow, routes: Routes | None, now_ms: int) -> Standing | None:
    """It has units that no pool can serve."""
    units = sum(open_units(row))
    if not units:
        return None
    what = f"waits for {counted(units, 'unit')}, due {rfc3339(overdue_ms(row, routes))}"
    return Standing(row.placed_at_ms, what, set())


def overdue(row: OrderRow, routes: Routes | None, now_ms: int) -> Standing | None:
    """It has units that no pool can serve, and its time has passed."""
    due_ms = overdue_ms(row, routes)
    units = sum(open_units(row))
    if not units or due_ms >= now_ms:
        return None
    return Standing(due_ms, f"{counted(units, 'unit')} without a plan, due since then", set())


def at_risk(row: OrderRow, routes: Routes | None, now_ms: int) -> Standing | None:
    """A warehouse was told to ship units that may not be there."""
    units = {
        shipment.pool: sum(part.at_risk for part in shipment.lines)
        for shipment in row.shipments
        if any(part.at_risk for part in shipment.lines)
    }
    if not units:
        return None
    where = ", ".join(f"{counted(count, 'unit')} at {pool}" for pool, count in sorted(units.items()))
    return Standing(row.placed_at_ms, f"{where} may not be there", set(units))


def unanswered(row: OrderRow, routes: Routes | None, now_ms: int) -> Standing | None:
    """A warehouse was told of it, and has not said a word."""
    pools = sorted({each.pool for each in row.shipments if each.state != PLANNED and not is_answered(each)})
    if not pools:
        return None
    return Standing(row.placed_at_ms, f"{', '.join(pools)} has said nothing of it", set(pools))


def late(row: OrderRow, routes: Routes | None, now_ms: int) -> Standing | None:
    """A warehouse was told of it, and its truck has gone without it, or without a part of it."""
    missed: dict[str, int] = {}
    what: list[str] = []
    for shipment in sorted(row.shipments, key=lambda each: each.pool):
        truck_ms = leaves_ms(shipment.pool, shipment.ship_by_ms, routes)
        if truck_ms >= now_ms or not is_due(shipment) or left_by(shipment, truck_ms):
            continue
        if not has_left(shipment):
            what.append(f"has not left {shipment.pool}")
        elif shipment.dispatched_at_ms != NEVER_MS:
            what.append(
                f"left {shipment.pool} {-(-(shipment.dispatched_at_ms - truck_ms) // MINUTE_MS)} min late"
            )
        else:
            continue  # Nobody has written down when.
        missed[shipment.pool] = truck_ms
    return Standing(min(missed.values()), ", ".join(what), set(missed)) if missed else None


def undelivered(row: OrderRow, routes: Routes | None, now_ms: int) -> Standing | None:
    """The deliver-by that it was first promised for has passed, and no carrier has said that all of it arrived."""
    due_ms = row.promise_original_ms
    if due_ms == NEVER_MS or due_ms >= now_ms:
        return None
    travelling = _by_pool(
        (each.pool, part.shipped - part.arrived) for each in row.shipments for part in each.lines
    )
    staying = _by_pool((each.pool, part.unshipped) for each in row.shipments for part in each.lines)
    where = [f"{counted(units, 'unit')} on the way from {pool}" for pool, units in sorted(travelling.items())]
    where += [f"{counted(units, 'unit')} still at {pool}" for pool, units in sorted(staying.items())]
    waits = sum(open_units(row))
    if waits:
        where.append(f"{counted(waits, 'unit')} waiting for stock")
    if not where:
        return None
    return Standing(due_ms, f"promised for then: {', '.join(where)}", {*travelling, *staying})


def _by_pool(parts: Iterable[tuple[str, int]]) -> Counter[str]:
    units: Counter[str] = Counter()
    for pool, count in parts:
        units[pool] += count
    return +units


LOOKS: Mapping[str, Look] = {
    "waiting": waiting,
    "overdue": overdue,
    "at-risk": at_risk,
    "unanswered": unanswered,
    "late": late,
    "undelivered": undelivered,
}
"""By the option that asks for it."""


def standing(
    connection: Connection, partitions: Sequence[int], wanted: Wanted, look: Look, now_ms: int
) -> Iterator[Found]:
    """All orders of which the look has something to tell."""
    for number in partitions:
        for name, network in sorted(restored(connection, number).networks.items()):
            for row in network.orders.rows.values():
                if not wanted.is_channel(row.channel):
                    continue
                told = look(row, network.catalog.routes, now_ms)
                if told is not None and wanted.is_pool(told.pools) and wanted.is_time(told.since_ms):
                    yield Found(told.since_ms, name, row.order_id, 0, told.what)
