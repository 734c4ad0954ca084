"""What being late and taking the last place cost, which truck is quoted, and when a warehouse is told."""

from __future__ import annotations

import msgspec
import pytest

from operators.price import capacity_price, lateness_price
from operators.promise import CAPACITY_FULL, NO_TRUCK, SHIPS_TOO_LATE, Quote, Terms, quote, release_at_ms
from schemas.reference import AnyEntity, PolicyEntity
from schemas.times import rfc3339
from state.routes import Candidate, Routes
from tests.small_network import cutoff, lane, ms, network, pool, with_entities
from tests.world import World, counted, placed

DAY_MS = 86_400_000
NOW = "2026-03-16 08:00"
MONDAY = 739_691


@pytest.mark.parametrize(("late_ms", "price"), [(-1, 0), (0, 0), (1, 5), (DAY_MS, 5), (DAY_MS + 1, 10)])
def test_each_begun_day_is_late(late_ms: int, price: int) -> None:
    assert lateness_price(1_000 * DAY_MS + late_ms, 1_000 * DAY_MS, 5) == price


@pytest.mark.parametrize(("used", "price"), [(1, 0), (70, 0), (71, 20), (85, 300), (100, 600)])
def test_the_price_of_capacity_rises_from_seventy_percent(used: int, price: int) -> None:
    assert capacity_price(used, 100, 600) == price


def candidate(places: int = 0) -> Candidate:
    entities = with_entities(network(), pool("berlin", orders_per_day=places))
    routes = Routes(msgspec.convert(entities, type=list[AnyEntity]))
    return next(lane for lane in routes.candidates("de", "standard", "web").ranked if lane.pool == "berlin")


def terms(
    now: str = NOW, slots: dict[tuple[str, int], int] | None = None, own: frozenset[tuple[str, int]] = frozenset(),
    latest: str = "", later: int = 7,
) -> Terms:  # fmt: skip
    return Terms(
        ms(now), ms("2026-03-17 22:00"), ms(latest) if latest else -1, 5, 600, slots or {}, own, later
    )


@pytest.mark.parametrize(
    ("now", "slots", "ship_by"),
    [
        (NOW, {}, "2026-03-16 13:00"),
        ("2026-03-16 13:00", {}, "2026-03-16 13:00"),
        ("2026-03-16 13:01", {}, "2026-03-17 13:00"),
        (NOW, {("berlin", MONDAY): 1}, "2026-03-16 13:00"),
        (NOW, {("berlin", MONDAY): 2}, "2026-03-17 13:00"),
        (NOW, {("berlin", MONDAY): 2, ("berlin", MONDAY + 1): 2}, "2026-03-18 13:00"),
    ],
)
def test_the_next_truck_with_a_free_place(now: str, slots: dict[tuple[str, int], int], ship_by: str) -> None:
    quoted = quote(candidate(places=2), terms(now, slots))
    assert isinstance(quoted, Quote)
    assert rfc3339(quoted.ship_by_ms) == rfc3339(ms(ship_by))


def test_an_orders_own_place_is_free_for_it() -> None:
    slots = {("berlin", MONDAY): 2}
    quoted = quote(candidate(places=2), terms(slots=slots, own=frozenset(slots)))
    assert isinstance(quoted, Quote)
    assert quoted.day == MONDAY


def test_reasons_for_no_quote() -> None:
    full = {("berlin", MONDAY + day): 2 for day in range(5)}
    assert quote(candidate(places=2), terms(slots=full, later=3)) == CAPACITY_FULL
    assert quote(candidate(), terms(latest="2026-03-16 12:59")) == SHIPS_TOO_LATE
    full_today = terms(slots={("berlin", MONDAY): 2}, latest="2026-03-16 13:00")
    assert quote(candidate(places=2), full_today) == CAPACITY_FULL, "a place may come free in time"
    assert quote(candidate(), terms(now="2026-12-31 20:00")) == NO_TRUCK


def test_a_later_delivery_day_is_priced() -> None:
    quoted = quote(candidate(), terms("2026-03-16 13:01"))
    assert isinstance(quoted, Quote)
    assert (rfc3339(quoted.deliver_by_ms), quoted.lateness) == ("2026-03-18T19:00:00.000Z", 5)


@pytest.mark.parametrize(
    ("collection", "deliver_by"), [("20:00", "2026-03-16 19:00"), ("20:01", "2026-03-17 19:00")]
)
def test_what_leaves_after_the_hour_of_delivery_arrives_on_the_next_day(
    collection: str, deliver_by: str
) -> None:
    """A courier of the same day: nothing arrives before it leaves."""
    world = World(
        with_entities(
            network(), lane("berlin", "de", 1, transit_days=0), cutoff("berlin", collection=collection)
        )
    )
    world.send(counted("berlin", "lamp", 1, 1), placed("A", ("lamp", 1)))
    assert rfc3339(world.order("A").promise_current_ms) == rfc3339(ms(deliver_by))


@pytest.mark.parametrize(
    ("release", "lead_minutes", "expected"),
    [("at-once", 0, NOW), ("before-cut-off", 120, "2026-03-16 11:00"), ("before-cut-off", 600, NOW)],
)
def test_when_the_warehouse_is_told(release: str, lead_minutes: int, expected: str) -> None:
    policy = msgspec.convert(
        {"policy": "p", "kind": "policy", "release": release, "release_lead_minutes": lead_minutes},
        PolicyEntity,
    )
    assert release_at_ms(policy, ms(NOW), ms("2026-03-16 13:00")) == ms(expected)


def test_what_is_late_beyond_all_measure_ships_all_the_same() -> None:
    """The dearest penalty that can be stated, and a shop that says the first of January 1970 for "soon"."""
    never_late = {"kind": "service_level", "service": "standard", "target_days": 3, "split_penalty": 10**15,
                  "late_penalty_per_day": 10**15}  # fmt: skip
    world = World(with_entities(network(), never_late))
    world.send(counted("berlin", "lamp", 1, 1), counted("paris", "chair", 1, 1))
    told = world.send(placed("A", ("lamp", 1), ("chair", 1), deliver_by="1970-01-01T00:00:00Z"))
    assert [shipment["pool"] for shipment in told.decisions[0]["shipments"]] == ["berlin", "paris"]
    assert world.restored().digest == world.partition.digest
