"""Orders: booking a new one.  Booking is a fact; where it ships from is decided after all facts of the bundle."""

from __future__ import annotations

from collections.abc import Mapping

from operators.effects import Effects, Moment, exception_opened, nothing
from schemas.codec import BadRecord
from schemas.ids import in_id
from schemas.notices import ExceptionData, Outgoing
from schemas.orders import Destination, OrderPlaced, OrderPlacedEvent
from schemas.reference import ItemEntity
from schemas.rows import LineRow, OrderRow
from schemas.times import NEVER_MS, to_ms
from state.network import Network
from state.routes import Routes

CAUSE = "order.placed"


def book(network: Network, event: OrderPlacedEvent, content: int, moment: Moment) -> Effects:
    """The new order, all units OPEN; `content` is the hash of its data.

    Raises `BadRecord` for what the network can't serve as it stands, and for another order under the same name.
    """
    order = event.data
    known = network.orders.rows.get(order.order_id)
    if known is not None:
        if known.content == content:
            return nothing()
        raise BadRecord(
            "order_exists",
            f'order "{order.order_id}" exists with other content (revision {known.revision}); '
            "an order is placed once: cancel it and place a new one under a new order_id",
        )
    routes = _routes(network)
    items = [routes.items.get(line.sku) for line in order.lines]
    zone = _check(order, items, routes)
    placed_at_ms = to_ms(order.placed_at)
    # At that very millisecond, too: an order that closed when it was placed is forgotten then.
    if placed_at_ms <= moment.now_ms - moment.limits.closed_grace_ms:
        return Effects([], [_too_old(network.name, order, moment)])
    row = OrderRow(
        network.name,
        order.order_id,
        1,
        order.revision,
        0,
        order.channel,
        order.service_level,
        zone,
        order.priority,
        placed_at_ms,
        order.commitment == "sold",
        NEVER_MS if order.deliver_by is None else to_ms(order.deliver_by),
        NEVER_MS if order.latest_ship_by is None else to_ms(order.latest_ship_by),
        order.ship_complete,
        order.max_shipments,
        order.address_ref,
        order.customer_token,
        content,
        tuple(
            [
                LineRow(
                    line.line_id,
                    # The catalog's own string, so that every later look-up of the SKU is by identity.
                    line.sku if item is None else item.sku,
                    line.quantity,
                    line.unit,
                    line.value,
                    line.pinned_pool or "",
                    (),
                    0,
                    0,
                )
                for line, item in zip(order.lines, items, strict=True)
            ]
        ),
        (),
        CAUSE,
        NEVER_MS,
        NEVER_MS,
        NEVER_MS,
        NEVER_MS,
    )
    unknown = dict.fromkeys([line.sku for line, item in zip(order.lines, items, strict=True) if item is None])
    return Effects([row], [unknown_item(network.name, order.order_id, sku, moment) for sku in unknown])


def _routes(network: Network) -> Routes:
    if network.catalog.routes is None:
        raise BadRecord(
            "unknown_network",
            f'network "{network.name}" has no reference in force here; sluice apply publishes it',
        )
    return network.catalog.routes


def _check(order: OrderPlaced, items: list[ItemEntity | None], routes: Routes) -> str:
    """The order's zone, after everything that it names was found; raises `BadRecord` with all that was not.

    `items` are those of the lines, None where nothing is known of one.
    """
    faults: list[tuple[str, str]] = []
    if order.channel not in routes.channels:
        faults.append(("unknown_channel", f'channel "{order.channel}" is none of {_some(routes.channels)}'))
    if order.service_level not in routes.services:
        faults.append(
            (
                "unknown_service_level",
                f'service_level "{order.service_level}" is none of {_some(routes.services)}',
            )
        )
    if order.currency != routes.network.currency:
        faults.append(
            (
                "wrong_currency",
                f'currency "{order.currency}" should be "{routes.network.currency}", the network\'s',
            )
        )
    zone = _zone(order.destination, routes)
    if zone is None:
        faults.append(
            (
                "unknown_zone",
                f"destination {_told(order.destination)} is in none of the zones {_some(routes.zones)}",
            )
        )
    line_ids: set[str] = set()
    for line, item in zip(order.lines, items, strict=True):
        if line.line_id in line_ids:
            faults.append(
                ("repeated_line", f'line_id "{line.line_id}" stands twice; each line needs its own')
            )
        line_ids.add(line.line_id)
        if item is not None and item.unit != line.unit:
            faults.append(
                (
                    "wrong_unit",
                    f'line "{line.line_id}": unit "{line.unit}" should be "{item.unit}" for {line.sku}',
                )
            )
        if line.pinned_pool is not None and line.pinned_pool not in routes.pools:
            faults.append(
                ("unknown_pool", f'line "{line.line_id}": pinned_pool "{line.pinned_pool}" is not known')
            )
    if faults:
        raise BadRecord(faults[0][0], "; ".join(sentence for _, sentence in faults))
    assert zone is not None
    return zone


def _zone(destination: Destination, routes: Routes) -> str | None:
    if destination.zone is not None:
        return destination.zone if destination.zone in routes.zones else None
    return routes.zone_of(destination.country, destination.postal_code)


def _told(destination: Destination) -> str:
    parts = (
        ("country", destination.country), ("postal_code", destination.postal_code), ("zone", destination.zone),
    )  # fmt: skip
    return " ".join([f'{name} "{value}"' for name, value in parts if value is not None])


def _some(names: Mapping[str, object]) -> str:
    shown = sorted(names)[:8]
    return ", ".join(shown) + (", ..." if len(names) > len(shown) else "")


def unknown_item(network: str, order_id: str, sku: str, moment: Moment) -> Outgoing:
    """The order is kept; its line waits until the item is applied."""
    return exception_opened(moment, network, unknown_item_data(order_id, sku))


def unknown_item_data(order_id: str, sku: str) -> ExceptionData:
    """What the exception says, when it is opened and when it is closed."""
    return ExceptionData(
        exception_id=f"unknown_item/{in_id(order_id)}/{in_id(sku)}",
        kind="unknown_item",
        cause=f'order "{order_id}" asks for "{sku}", and no such item is in force; the line waits for it',
        order_id=order_id,
        sku=sku,
        ways_out=["apply the item", "cancel the line"],
    )


def _too_old(network: str, order: OrderPlaced, moment: Moment) -> Outgoing:
    return exception_opened(
        moment,
        network,
        ExceptionData(
            exception_id=f"order_too_old/{order.order_id}",
            kind="order_too_old",
            cause=f"placed_at {order.placed_at.isoformat()} is before the grace period: it may have been closed and "
            "forgotten, so it is not taken as a new order",
            order_id=order.order_id,
            ways_out=["place it again under a new order_id if it was never served"],
        ),
    )
