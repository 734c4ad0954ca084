"""What warehouses and carriers have said of an order since it was last decided."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cli.shared.connection import Connection
from cli.shared.topic_reader import read_topic
from cli.words.counting import counted
from cli.words.places import Places, utc
from schemas.codec import decode_row, encode_key
from schemas.notices import DecisionData, PlannedShipment
from schemas.rows import OrderRow, ShipmentRow
from schemas.times import NEVER_MS, optional_rfc3339
from schemas.topics import ORDER_BOOK
from state.order_units import open_units, told_count


def order_row(connection: Connection, network: str, order_id: str, partition: int) -> OrderRow | None:
    """The order as the router remembers it now; None once it is closed and forgotten."""
    wanted = encode_key(("order", network, order_id))
    latest: bytes | None = None
    for message in read_topic(connection, ORDER_BOOK, [partition]):
        if message.key() == wanted:
            latest = message.value()
    row = None if latest is None else decode_row(latest)
    return row if isinstance(row, OrderRow) else None


class News(Struct, frozen=True):
    """What has happened to one shipment that a decision did not know; `left` and `arrived` are 0 where nothing has."""

    shipment_id: str
    pool: str
    held: int
    left: int
    left_ms: int
    arrived: int
    arrived_ms: int

    def as_dict(self) -> dict[str, object]:
        """For JSON: units, and times in UTC where they are known."""
        return {
            "shipment_id": self.shipment_id,
            "pool": self.pool,
            "units": self.held,
            "left_units": self.left,
            "left_at": optional_rfc3339(self.left_ms),
            "arrived_units": self.arrived,
            "arrived_at": optional_rfc3339(self.arrived_ms),
        }


def news_of(row: OrderRow, decided: DecisionData) -> Iterator[News]:
    """Each shipment of which more has left, or arrived, than that decision knew of."""
    known = {shipment.shipment_id: shipment for shipment in decided.shipments}
    for shipment in row.shipments:
        if shipment.shipment_id in known:
            news = _news(shipment, known[shipment.shipment_id])
            if news.left or news.arrived:
                yield news


def _news(shipment: ShipmentRow, known: PlannedShipment) -> News:
    left = sum(part.shipped for part in shipment.lines)
    arrived = sum(part.arrived for part in shipment.lines)
    has_left = left > sum(line.shipped + line.delivered for line in known.lines)
    has_arrived = arrived > sum(line.delivered for line in known.lines)
    return News(
        shipment_id=shipment.shipment_id,
        pool=shipment.pool,
        held=sum(line.quantity for line in known.lines),
        left=left if has_left else 0,
        left_ms=shipment.dispatched_at_ms if has_left else NEVER_MS,
        arrived=arrived if has_arrived else 0,
        arrived_ms=shipment.delivered_at_ms if has_arrived else NEVER_MS,
    )


def since_lines(row: OrderRow, decided: DecisionData, places: Places) -> Iterator[str]:
    """One line for each shipment that there is news of."""
    for news in news_of(row, decided):
        yield f"  since then: {news.shipment_id} {', '.join(_words(news, row.zone, places))}"


def _words(news: News, zone: str, places: Places) -> Iterator[str]:
    if news.left:
        when = "" if news.left_ms == NEVER_MS else f" {places.at_pool(news.pool, news.left_ms)}"
        yield f"left {news.pool}{when}{_part(news.left, news.held)}"
    if news.arrived:
        yield f"arrived {places.at_zone(zone, news.arrived_ms)}{_part(news.arrived, news.held)}"


def _part(units: int, held: int) -> str:
    return f" ({units} of {held})" if units < held else ""


def waiting_lines(row: OrderRow) -> Iterator[str]:
    """What its open units wait for; nothing where none is open."""
    waiting = []
    for line, units in zip(row.lines, open_units(row), strict=True):
        if units and line.pinned_pool in line.excluded:
            yield (
                f"  waiting: {units:,} {line.sku}, for a person: it must ship from {line.pinned_pool}, which has sent "
                "it back and is not asked again"
            )
        elif units:
            waiting.append(f"{units:,} {line.sku}")
    if not waiting:
        return
    if told_count(row) >= row.max_shipments:
        allowed = counted(row.max_shipments, "shipment")
        yield f"  waiting: {', '.join(waiting)}, for a person: the order allows {allowed}, and no further one"
        return
    until = "decided again when stock becomes free or the network changes"
    if row.retry_at_ms != NEVER_MS:
        until += f", and {utc(row.retry_at_ms)} for a free truck"
    yield f"  waiting: {', '.join(waiting)}; {until}"
