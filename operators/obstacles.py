"""What keeps units of an order waiting for a person, whatever stock there is: names that the reference does not have.

A new set may put such an obstacle in the way of an order under way, or clear it.  Either is told when the set takes
effect: an order that goes on waiting decides nothing new, and where nothing is decided nothing is published.  So what
comes back from a warehouse is told of when it comes back: a set may end it before it is decided.  Each is open for as
long as units wait for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from operators import remarks
from operators.effects import Moment, exception_closed, exception_opened
from operators.intake import unknown_item_data
from operators.inventory import unknown_stock_data
from operators.refusal import refuses_the_rest
from operators.shipment_limit import shipments_allowed
from schemas.ids import in_id
from schemas.notices import ExceptionData, Outgoing
from schemas.reference import AnyEntity, ChannelEntity, ItemEntity, PolicyEntity
from schemas.rows import CatalogRow, LineRow, OrderRow
from state.limits import Limits
from state.network import Network
from state.order_units import told_count, unrouted_units
from state.routes import Routes

RELEVANT = ("channel", "service_level", "zone", "item", "policy", "pool")
"""Kinds of entities without which units wait for a person."""


class Ground:
    """What an order stands on: the entities in force, or what they will be once a set takes effect."""

    def __init__(self, routes: Routes, members: dict[tuple[str, ...], CatalogRow] | None = None) -> None:
        self._tables: dict[str, Mapping[str, AnyEntity]] = {
            "channel": routes.channels,
            "service_level": routes.services,
            "zone": routes.zones,
            "policy": routes.policies,
            "item": routes.items,
            "pool": routes.pools,
        }
        self._members = members or {}

    def get(self, kind: str, name: str) -> AnyEntity | None:
        """The entity of that name; None when it is not in force."""
        row = self._members.get((kind, name))
        if row is not None:
            return row.entity
        return self._tables[kind].get(name)

    def missing(self, order: OrderRow) -> list[str]:
        """`channel "web"` and the like: what the order names and is not in force any more."""
        named = (("channel", order.channel), ("service_level", order.service), ("zone", order.zone))
        return [f'{kind.replace("_", " ")} "{name}"' for kind, name in named if self.get(kind, name) is None]

    def policy_of(self, order: OrderRow) -> PolicyEntity | None:
        """The policy of its channel; None when either is not in force."""
        channel = self.get("channel", order.channel)
        policy = self.get("policy", channel.policy) if isinstance(channel, ChannelEntity) else None
        return policy if isinstance(policy, PolicyEntity) else None


def obstacles_of(order: OrderRow, ground: Ground, moment: Moment) -> list[ExceptionData]:
    """One exception for each thing that keeps units of the order, or some of them, from being planned for."""
    units = unrouted_units(order)
    if not any(units):
        return []
    found = []
    missing = ground.missing(order)
    if missing:
        found.append(not_in_force_data(order, missing))
    policy = ground.policy_of(order)
    # What is refused waits for nobody; only its item is waited for all the same.
    if not refuses_the_rest(order, policy):
        if told_count(order) >= shipments_allowed(order, policy, moment.limits):
            found.append(limit_reached_data(order, policy, moment.limits))
        found += pin_obstacles(order, units, ground)
    return found + item_obstacles(order, units, ground)


def pin_obstacles(order: OrderRow, units: list[int], ground: Ground) -> list[ExceptionData]:
    """The lines with such units whose only pool is withdrawn, or could not ship them before."""
    return [
        pinned_data(order, line, is_withdrawn=ground.get("pool", line.pinned_pool) is None)
        for line, waiting in zip(order.lines, units, strict=True)
        if waiting
        and line.pinned_pool
        and (line.pinned_pool in line.excluded or ground.get("pool", line.pinned_pool) is None)
    ]


def item_obstacles(order: OrderRow, units: list[int], ground: Ground) -> list[ExceptionData]:
    """The items of which the order has such units by line and that are not in force, or count in another unit."""
    by_sku: dict[str, ExceptionData] = {}
    for line, waiting in zip(order.lines, units, strict=True):
        item = ground.get("item", line.sku)
        if not waiting:
            continue
        if not isinstance(item, ItemEntity):
            by_sku[line.sku] = unknown_item_data(order.order_id, line.sku)
        elif item.unit != line.unit:
            by_sku.setdefault(line.sku, other_unit_data(order, line.sku, line.unit, item.unit))
    return list(by_sku.values())


def obstacles_met(network: Network, before: OrderRow, after: OrderRow, moment: Moment) -> list[Outgoing]:
    """Exceptions to open because units of the order came back, and to close because none waits for them any more."""
    routes = network.catalog.routes
    if routes is None:
        return []
    ground = Ground(routes)
    opened, closed = _difference(obstacles_of(before, ground, moment), obstacles_of(after, ground, moment))
    return _told(network, opened, closed, moment)


def obstacles_changed(
    network: Network, members: dict[tuple[str, ...], CatalogRow], moment: Moment
) -> list[Outgoing]:
    """Exceptions to open and to close when a set of these members takes effect, before it does."""
    routes = network.catalog.routes
    if routes is None:
        return []
    before, after = Ground(routes), Ground(routes, members)
    changed = [
        (kind, key)
        for kind, key in sorted(each for each in members if len(each) == 2 and each[0] in RELEVANT)
        if _matters(before.get(kind, key), after.get(kind, key))
    ]
    if not changed:
        return []
    opened: list[ExceptionData] = []
    closed: list[ExceptionData] = []
    orders = network.orders
    skus = {name for kind, name in changed if kind == "item"}
    only_items = len(skus) == len(changed)
    for order_id in {*orders.waiting_orders, *orders.undecided, *orders.planned_orders()}:
        order = orders.rows[order_id]
        # Most sets bring items, of which few orders have any.
        if only_items and skus.isdisjoint([line.sku for line in order.lines]):
            continue
        come, gone = _difference(obstacles_of(order, before, moment), obstacles_of(order, after, moment))
        opened += come
        closed += gone
    opened.sort(key=_by_item)
    closed.sort(key=_by_item)
    for kind, sku in changed:
        if kind == "item":
            was, comes = before.get(kind, sku), after.get(kind, sku)
            stock = [
                unknown_stock_data(pool, sku)
                for pool in sorted({row.pool for row in network.ledger.rows_of(sku)})
            ]
            opened += stock if comes is None else []
            closed += stock if was is None else []
    return _told(network, opened, closed, moment)


def _difference(
    before: list[ExceptionData], after: list[ExceptionData]
) -> tuple[list[ExceptionData], list[ExceptionData]]:
    """What is there only after, and what was there only before."""
    there_were = {data.exception_id for data in before}
    there_are = {data.exception_id for data in after}
    return (
        [data for data in after if data.exception_id not in there_were],
        [data for data in before if data.exception_id not in there_are],
    )


def _told(
    network: Network, opened: list[ExceptionData], closed: list[ExceptionData], moment: Moment
) -> list[Outgoing]:
    return [exception_opened(moment, network.name, data) for data in opened] + [
        exception_closed(moment, network.name, data) for data in closed
    ]


def _by_item(data: ExceptionData) -> tuple[str, str, str]:
    return data.sku, data.order_id, data.kind


def _matters(was: AnyEntity | None, comes: AnyEntity | None) -> bool:
    """Whether something appears or goes, or what an order needs of it is another."""
    if was is None or comes is None:
        return was is not comes
    if isinstance(was, ItemEntity) and isinstance(comes, ItemEntity):
        return was.unit != comes.unit
    if isinstance(was, ChannelEntity) and isinstance(comes, ChannelEntity):
        return was.policy != comes.policy
    if isinstance(was, PolicyEntity) and isinstance(comes, PolicyEntity):
        return (was.max_shipments, was.unfilled_request) != (comes.max_shipments, comes.unfilled_request)
    return False


# --- what they say ------------------------------------------------------------------------------------------


def not_in_force_data(order: OrderRow, missing: list[str]) -> ExceptionData:
    """For an order that names what was withdrawn."""
    return ExceptionData(
        exception_id=f"not_in_force/{order.order_id}",
        kind="not_in_force",
        cause=f"{' and '.join(missing)}: withdrawn while units were open",
        order_id=order.order_id,
        ways_out=["apply it again until the order is done", "cancel the order"],
    )


def limit_reached_data(order: OrderRow, policy: PolicyEntity | None, limits: Limits) -> ExceptionData:
    """For an order of which units are open, and that may have no further shipment."""
    return ExceptionData(
        exception_id=f"shipment_limit/{order.order_id}",
        kind="shipment_limit",
        cause=f"units are open, but {remarks.shipments_used_up(order, policy, limits)}",
        order_id=order.order_id,
        ways_out=["cancel the open units", remarks.way_to_more_shipments(order, policy, limits)],
    )


def pinned_data(order: OrderRow, line: LineRow, is_withdrawn: bool) -> ExceptionData:
    """For a line that no pool may ship: the one that it must ship from is gone, or has sent it back."""
    why = "is withdrawn" if is_withdrawn else "has rejected or short-picked it"
    again = [f'apply pool "{line.pinned_pool}" again'] if is_withdrawn else []
    return ExceptionData(
        exception_id=f"pinned_pool/{in_id(order.order_id)}/{in_id(line.line_id)}",
        kind="pinned_pool",
        cause=f'line "{line.line_id}" must ship from pool "{line.pinned_pool}", which {why}; the line waits',
        order_id=order.order_id,
        pool=line.pinned_pool,
        ways_out=[*again, "cancel the line and place it anew without that pool"],
    )


def other_unit_data(order: OrderRow, sku: str, ordered: str, now: str) -> ExceptionData:
    """For units that were ordered in a unit in which the item is not counted any more."""
    return ExceptionData(
        exception_id=f"other_unit/{in_id(order.order_id)}/{in_id(sku)}",
        kind="other_unit",
        cause=f'order "{order.order_id}" asks for "{sku}" by the "{ordered}", and the item is counted by the "{now}" '
        "now; the line waits",
        order_id=order.order_id,
        sku=sku,
        ways_out=[f'apply the item with unit "{ordered}" again', "cancel the line and place it anew"],
    )
