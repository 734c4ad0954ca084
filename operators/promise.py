"""Which truck an order would make from a pool, and when it would arrive: the time side of routing."""

from __future__ import annotations

from typing import Final

from operators.price import capacity_price, lateness_price
from schemas.reference import PolicyEntity
from schemas.rows import OrderRow
from schemas.times import DAY_MS, NEVER_MS
from state.cutoffs import Truck
from state.routes import Candidate, Routes

NO_TRUCK = "no_truck_in_calendar"
CAPACITY_FULL = "capacity_full"
SHIPS_TOO_LATE = "ships_after_latest_ship_by"


class Quote:
    """One lane as it stands for one order: `fixed` is all that does not depend on the units.

    So many `full_trucks` leave before the one that is quoted, and all places of their days are taken.
    """

    __slots__ = ("capacity", "day", "deliver_by_ms", "fixed", "full_trucks", "lane", "lateness", "ship_by_ms")

    def __init__(
        self,
        lane: Candidate,
        ship_by_ms: int,
        day: int,
        deliver_by_ms: int,
        fixed: int,
        lateness: int,
        capacity: int,
        full_trucks: int,
    ) -> None:
        self.lane: Final = lane
        self.ship_by_ms: Final = ship_by_ms
        self.day: Final = day
        self.deliver_by_ms: Final = deliver_by_ms
        self.fixed: Final = fixed
        self.lateness: Final = lateness
        self.capacity: Final = capacity
        self.full_trucks: Final = full_trucks


class Terms:
    """What an order asks of time, and what missing it costs."""

    __slots__ = (
        "capacity_full_price", "late_penalty_per_day", "later_trucks_max", "latest_ship_by_ms", "now_ms",
        "own_slots", "slots", "target_ms",
    )  # fmt: skip

    def __init__(
        self,
        now_ms: int,
        target_ms: int,
        latest_ship_by_ms: int,
        late_penalty_per_day: int,
        capacity_full_price: int,
        slots: dict[tuple[str, int], int],
        own_slots: frozenset[tuple[str, int]],
        later_trucks_max: int,
    ) -> None:
        self.now_ms: Final = now_ms
        self.target_ms: Final = target_ms
        self.latest_ship_by_ms: Final = latest_ship_by_ms
        self.late_penalty_per_day: Final = late_penalty_per_day
        self.capacity_full_price: Final = capacity_full_price
        self.slots: Final = slots
        self.own_slots: Final = own_slots
        self.later_trucks_max: Final = later_trucks_max


def target_ms(order: OrderRow, target_days: int) -> int:
    """When the order is late: by its own date where it names one, else so many days and one more after it was placed.

    To the hour, whatever the calendars say: which lane and so which days will count is not known before a plan is, and
    an order's own hour cannot be held against a delivery day, which has none. Hence the day of grace.
    """
    if order.deliver_by_ms != NEVER_MS:
        return order.deliver_by_ms
    return order.placed_at_ms + (target_days + 1) * DAY_MS


def terms_of(
    order: OrderRow,
    routes: Routes,
    now_ms: int,
    slots: dict[tuple[str, int], int],
    own_slots: frozenset[tuple[str, int]],
    later_trucks_max: int,
) -> Terms:
    """What this order asks of time, as its service level prices it."""
    service = routes.services[order.service]
    return Terms(
        now_ms,
        target_ms(order, service.target_days),
        order.latest_ship_by_ms,
        service.late_penalty_per_day,
        routes.network.capacity_price,
        slots,
        own_slots,
        later_trucks_max,
    )


def quote(lane: Candidate, terms: Terms) -> Quote | str:
    """The next truck with a free place, priced; or the reason why there is none.

    A cut-off that has passed is never quoted: the next one is, on whatever day the calendars allow.
    """
    departure = lane.next_truck(terms.now_ms)
    if departure is None:
        return NO_TRUCK
    next_cut_off_ms = departure[0].cut_off_ms
    capacity = full_trucks = 0
    if lane.orders_per_day:
        with_place = _with_place(lane, departure, terms)
        if with_place is None:
            return CAPACITY_FULL
        departure, used, full_trucks = with_place
        if 10 * (used + 1) > 7 * lane.orders_per_day:
            capacity = capacity_price(used + 1, lane.orders_per_day, terms.capacity_full_price)
    truck, deliver_by_ms = departure
    if truck.cut_off_ms > terms.latest_ship_by_ms != NEVER_MS:
        # An earlier truck that is full may have a place again.
        return CAPACITY_FULL if next_cut_off_ms <= terms.latest_ship_by_ms else SHIPS_TOO_LATE
    lateness = 0
    if deliver_by_ms > terms.target_ms:
        lateness = lateness_price(deliver_by_ms, terms.target_ms, terms.late_penalty_per_day)
    return Quote(
        lane, truck.cut_off_ms, truck.day, deliver_by_ms, lane.fixed + lateness + capacity, lateness, capacity,
        full_trucks,
    )  # fmt: skip


def _with_place(
    lane: Candidate, departure: tuple[Truck, int], terms: Terms
) -> tuple[tuple[Truck, int], int, int] | None:
    """The first departure from there on whose day has a place left, how many are taken, and how many trucks are full
    before it; None within reach.
    """
    later = 0
    while True:
        slot = (lane.pool, departure[0].day)
        used = terms.slots.get(slot, 0)
        if terms.own_slots and slot in terms.own_slots:
            used -= 1
        if used < lane.orders_per_day:
            return departure, used, later
        later += 1
        following = lane.later_truck(terms.now_ms, later) if later <= terms.later_trucks_max else None
        if following is None:
            return None
        departure = following


def release_at_ms(policy: PolicyEntity, now_ms: int, ship_by_ms: int) -> int:
    """When the warehouse is told: at once, or the policy's lead before the cut-off if that is still to come."""
    if policy.release == "at-once":
        return now_ms
    lead_ms = (policy.release_lead_minutes * 60 + policy.release_lead_seconds) * 1000
    return max(now_ms, ship_by_ms - lead_ms)
