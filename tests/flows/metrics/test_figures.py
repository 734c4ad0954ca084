"""Business figures and symptoms, from what committed bundles did: each story with every figure that it leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from operators.bundle import decide_bundle
from schemas.kinds import FULFILMENT, INVENTORY, REFERENCE
from schemas.records import Record
from schemas.rows import DELIVERED, PLANNED
from schemas.times import HOUR_MS
from tests.flows.metrics.figures import ALWAYS, SPENT, Counted, seconds
from tests.flows.metrics.stories import (
    NOON,
    STOCK,
    TRUCK_GONE,
    cancelled_before_the_truck,
    cancelled_in_part_at_once,
    cancelled_wholly_at_once,
    delivered,
    delivered_late,
    delivered_on_time,
    dispatched,
    dispatched_after_the_truck,
    dispatched_early,
    dispatched_in_parts,
    never_dispatched,
    never_scanned,
    nothing_there,
    one_order,
    promise_withdrawn,
    rejected,
    rejected_after_the_truck,
    released_later,
    risk_gone,
    short_picked,
    told_a_little_later,
    two_packages,
    units_at_risk,
)
from tests.small_network import cutoff, lane, ms, network, pool, with_entities
from tests.world import adjusted, counted, placed

HOUR_S = 3_600


def order(channel: str, units: float, orders: float = 1.0) -> dict[str, float]:
    return {
        f"orders_total{{{channel}}}": orders, f"ordered_units_total{{{channel}}}": units,
        "orders_by_country_total{DE}": orders, "units_by_country_total{DE}": units,
    }  # fmt: skip


def released(pool: str, units: float, lane: float, handling: float) -> dict[str, float]:
    return {
        f"released_shipments_total{{{pool}}}": 1.0, f"released_units_total{{{pool}}}": units,
        f"path_cost_total{{lane,{pool}}}": lane, f"path_cost_total{{handling,{pool}}}": handling,
    }  # fmt: skip


def cost(channel: str, lane: float, handling: float) -> dict[str, float]:
    return {
        f"channel_path_cost_total{{{channel},lane}}": lane, f"channel_path_cost_total{{{channel},handling}}": handling,
    }  # fmt: skip


ORDER = order("express", 3)
RELEASE = released("berlin", 3, 4, 0.3) | cost("express", 4, 0.3)
LEFT = {"dispatched_shipments_total{berlin}": 1.0, "dispatched_units_total{berlin}": 3.0,
        "packages_total{express,standard}": 1.0, "shipped_orders_total{express}": 1.0}  # fmt: skip
DUE = {"dispatch_due_total{berlin}": 1.0, "units_due_total{express}": 3.0,
       "channel_dispatch_due_total{express}": 1.0}  # fmt: skip
LEFT_ON_TIME = {"dispatch_on_time_total{berlin}": 1.0, "units_filled_total{express}": 3.0,
                "channel_dispatch_on_time_total{express}": 1.0}  # fmt: skip
MISSED = {"cutoffs_missed_total{berlin}": 1.0}
ARRIVED_DUE = {"delivery_due_total{berlin}": 1.0, "carrier_delivery_due_total{post}": 1.0,
               "channel_delivery_due_total{express}": 1.0, "delivery_due_by_country_total{DE}": 1.0}  # fmt: skip
ARRIVED = {name.replace("_due", "_told"): count for name, count in ARRIVED_DUE.items()}
ARRIVED_ON_TIME = {name.replace("_due", "_on_time"): count for name, count in ARRIVED_DUE.items()}

STORIES: list[tuple[Callable[[Counted], None], dict[str, float]]] = [
    (one_order, ORDER | RELEASE),
    (
        two_packages,
        order("express", 2) | released("berlin", 1, 4, 0.1) | released("paris", 1, 6, 0.1) | cost("express", 10, 0.2)
        | {"split_shipments_total{berlin}": 1.0, "split_shipments_total{paris}": 1.0},
    ),
    (released_later, order("web", 2) | released("berlin", 2, 4, 0.2) | cost("web", 4, 0.2)),
    (nothing_there, order("web", 2) | {"backordered_orders_total{web}": 1.0}),
    (cancelled_in_part_at_once, order("express", 5) | released("berlin", 2, 4, 0.2) | cost("express", 4, 0.2)),
    (cancelled_wholly_at_once, order("express", 5)),
    (rejected, ORDER | RELEASE | {"failed_units_total{berlin}": 2.0, "rejected_shipments_total{berlin}": 1.0}),
    (short_picked, ORDER | RELEASE | {"failed_units_total{berlin}": 1.0}),
    (dispatched_early, ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME),
    (told_a_little_later, ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME),
    (dispatched_after_the_truck, ORDER | RELEASE | LEFT | DUE | MISSED),
    (dispatched_in_parts, ORDER | RELEASE | LEFT | DUE | MISSED | {"units_filled_total{express}": 2.0}),
    (never_dispatched, ORDER | RELEASE | DUE | MISSED),
    (cancelled_before_the_truck, ORDER | RELEASE),
    (
        delivered_on_time,
        ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME | ARRIVED_DUE | ARRIVED_ON_TIME | ARRIVED
        | {"cycle_time_seconds_count{express}": 1.0, "cycle_time_seconds_sum{express}": 26 * HOUR_S},
    ),
    (
        delivered_late,
        ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME | ARRIVED_DUE | ARRIVED
        | {"cycle_time_seconds_count{express}": 1.0, "cycle_time_seconds_sum{express}": 51 * HOUR_S},
    ),
    (never_scanned, ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME | ARRIVED_DUE),
    (
        promise_withdrawn,
        order("web", 8, 2) | {"promises_withdrawn_total{berlin}": 1.0},
    ),
    (units_at_risk, ORDER | RELEASE | {"units_at_risk{berlin}": 1.0}),
    (risk_gone, ORDER | RELEASE),
]  # fmt: skip


@pytest.mark.parametrize(("story", "figures"), STORIES, ids=lambda each: getattr(each, "__name__", ""))
def test_what_a_story_leaves_in_the_figures(
    story: Callable[[Counted], None], figures: dict[str, float]
) -> None:
    it = Counted()
    story(it)
    shown = {name: value for name, value in it.shown().items() if name.split("{")[0] not in ALWAYS}
    assert shown == pytest.approx(figures)


def test_what_is_counted_by_name_begins_at_zero_for_every_name_in_force() -> None:
    """A counter that begins with its first value has no increase there."""
    it = Counted()
    for channel in ("web", "express"):
        assert it.value("packages_total", channel=channel, service="standard") == 0
        assert it.value("orders_total", channel=channel) == 0
    assert it.value("carrier_delivery_due_total", carrier="post") == 0
    assert it.value("decision_age_seconds_count", topic="orders") == 0
    assert it.value("units_by_country_total", country="DE") == 0


def test_nothing_is_counted_before_its_bundle_is_committed() -> None:
    it = Counted()
    before = it.shown()
    told = it.world.send(*STOCK, placed("o1", ("lamp", 2), channel="express"))
    assert it.shown() == before
    it.commit(told)
    assert it.value("orders_total", channel="express") == 1


def test_a_package_that_takes_the_place_of_a_rejected_one_is_no_split() -> None:
    it = Counted()
    rejected_after_the_truck(it)
    assert it.value("released_shipments_total", pool="paris") == 1
    assert it.value("split_shipments_total", pool="paris") == 0


def test_an_order_on_two_trucks_is_judged_when_both_have_left_though_the_last_to_leave_was_told_first() -> (
    None
):
    it = Counted(with_entities(network(), pool("paris", pick_minutes=180), cutoff("paris", "16:00")))
    two_packages(it)
    names = {shipment.pool: shipment.shipment_id for shipment in it.world.order("o1").shipments}
    it.send(dispatched(names["berlin"], {"1": 1}))
    it.until(TRUCK_GONE)
    assert it.value("units_due_total", channel="express") == 0
    it.send(dispatched(names["paris"], {"2": 1}))
    it.until("2026-03-16 15:06")
    assert it.value("units_due_total", channel="express") == 2
    assert it.value("units_filled_total", channel="express") == 2
    assert it.value("channel_dispatch_on_time_total", channel="express") == 2


def test_an_order_that_waited_is_due_to_arrive_when_it_is_first_promised() -> None:
    it = Counted()
    nothing_there(it)
    it.until("2026-03-20 09:00")
    it.send(counted("berlin", "lamp", 10, 1))
    it.until("2026-03-21 00:01")
    it.until("2026-03-26 12:00")
    assert it.value("channel_delivery_due_total", channel="web") == 1


def test_an_order_that_is_cancelled_while_it_waits_is_never_due_to_arrive() -> None:
    it = Counted()
    nothing_there(it)
    it.until("2026-03-20 09:00")
    it.send(("cancel.requested", {"order_id": "o1", "request_id": "r", "reason": "changed my mind"}))
    for day in range(21, 31):
        it.until(f"2026-03-{day} 00:01")
    assert it.value("channel_delivery_due_total", channel="web") == 0


def test_an_order_takes_until_its_last_package_arrives_though_that_was_but_planned_when_the_first_did() -> (
    None
):
    it = Counted()
    it.send(counted("berlin", "lamp", 10, 1), placed("o1", ("lamp", 1), ("chair", 1)))
    it.until(NOON)
    it.send(dispatched("o1/1/1", {"1": 1}))
    it.until("2026-03-16 15:00")
    it.send(counted("berlin", "chair", 10, 2))
    it.send(delivered("o1/1/1", "2026-03-17T08:00:00Z"))
    first, second = it.world.order("o1").shipments
    assert (first.state, second.state) == (DELIVERED, PLANNED)
    assert it.value("cycle_time_seconds_count", channel="web") is None
    it.until("2026-03-17 12:30")
    it.send(dispatched(second.shipment_id, {"2": 1}, position=9))
    it.send(delivered(second.shipment_id, "2026-03-18T08:00:00Z"))
    assert it.value("cycle_time_seconds_count", channel="web") == 1
    assert it.value("cycle_time_seconds_sum", channel="web") == 48 * HOUR_S


def test_an_order_is_not_complete_while_a_part_of_it_waits_for_stock() -> None:
    it = Counted()
    it.send(counted("berlin", "lamp", 10, 1), placed("o1", ("lamp", 1), ("chair", 1)))
    it.until(NOON)
    it.send(dispatched("o1/1/1", {"1": 1}))
    it.send(delivered("o1/1/1", "2026-03-17T08:00:00Z"))
    assert it.world.order("o1").shipments[0].state == DELIVERED
    assert it.value("cycle_time_seconds_count", channel="web") is None


@pytest.mark.parametrize("pick_minutes", [10, 180])
def test_a_truck_leaves_when_it_was_planned_to_though_the_time_to_pick_is_changed_meanwhile(
    pick_minutes: int,
) -> None:
    """The pool's figures and the channel's are of the same truck."""
    it = Counted()
    one_order(it)
    it.commit(it.world.apply(pool("berlin", pick_minutes=pick_minutes)))
    it.until("2026-03-16 13:55")
    it.send(dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.until(TRUCK_GONE)
    assert it.value("dispatch_due_total", pool="berlin") == 1
    assert it.value("dispatch_on_time_total", pool="berlin") == 1
    assert it.value("channel_dispatch_due_total", channel="express") == 1
    assert it.value("channel_dispatch_on_time_total", channel="express") == 1
    assert it.value("units_filled_total", channel="express") == 3


def test_nothing_is_judged_beyond_what_input_is_known() -> None:
    it = Counted()
    one_order(it)
    it.commit(*it.world.advance("2026-03-16 13:55"))
    event = it.world.event(*dispatched("o1/1/1", {"1": 2, "2": 1}))
    it.commit(*it.world.advance("2026-03-16 14:30"))
    it.metrics.look(0, ms("2026-03-16 14:02"), it.world.now_ms)
    assert it.value("dispatch_due_total", pool="berlin") == 0
    it.commit(it.world.bundle({FULFILMENT: [event]}))
    it.look()
    assert it.value("dispatch_on_time_total", pool="berlin") == 1


def test_orders_without_a_plan_are_overdue_when_their_time_has_passed() -> None:
    it = Counted()
    it.send(
        placed("o1", ("lamp", 1), latest_ship_by="2026-03-17T10:00:00Z"),
        placed("o2", ("lamp", 1), deliver_by="2026-03-18T10:00:00Z"),
        placed("o3", ("lamp", 1)),
    )
    for moment, overdue in (
        ("2026-03-17 09:00", 0), ("2026-03-17 11:00", 1), ("2026-03-18 11:00", 2), ("2026-03-20 07:00", 2),
        ("2026-03-20 09:00", 3),
    ):  # fmt: skip
        it.until(moment)
        assert it.value("overdue_orders", partition="0") == overdue, moment
    it.send(counted("berlin", "lamp", 2, 1))
    it.until("2026-03-20 09:10")
    assert it.value("overdue_orders", partition="0") == 1


def test_stock_is_as_old_as_the_last_record_of_the_pool() -> None:
    it = Counted()
    started = seconds("2026-03-16 08:00")
    assert it.value("stock_event_timestamp_seconds", pool="berlin") == started
    it.world.now_ms += 60_000
    it.send(counted("berlin", "lamp", 5, 1))
    it.world.now_ms += 60_000
    it.send(adjusted("paris", "lamp", 1, 1))
    assert it.value("stock_event_timestamp_seconds", pool="berlin") == started + 60
    assert it.value("stock_event_timestamp_seconds", pool="paris") == started + 120
    assert it.value("stock_event_timestamp_seconds", pool="london") == started


def test_a_pool_that_is_paused_or_withdrawn_need_not_be_heard_of() -> None:
    it = Counted()
    it.send(counted("london", "lamp", 5, 1))
    it.commit(it.world.apply(pool("london", time_zone="Europe/London", status="paused")))
    assert it.value("stock_event_timestamp_seconds", pool="london") is None


def test_a_pool_that_is_paused_is_not_waited_for_though_it_tells_something_more() -> None:
    it = Counted()
    it.commit(it.world.apply(pool("london", time_zone="Europe/London", status="paused")))
    it.send(counted("london", "lamp", 5, 1))
    assert it.value("stock_event_timestamp_seconds", pool="london") is None


def test_of_two_networks_pools_of_one_name_the_one_that_is_silent_is_shown() -> None:
    it = Counted()
    it.commit(it.world.bundle({REFERENCE: it.world.set_events(*network(), network="shop2")}))
    started = it.world.now_ms / 1000
    it.world.now_ms += 60_000
    it.send(counted("berlin", "lamp", 5, 1))
    assert it.value("stock_event_timestamp_seconds", pool="berlin") == started


def test_a_source_whose_clock_is_ahead_is_heard_of_now() -> None:
    it = Counted()
    value = it.world.event(*counted("berlin", "lamp", 5, 1))
    record = Record(INVENTORY, 0, it.world.now_ms + HOUR_MS, b"key", value)
    outcome = decide_bundle(it.world.partition, {INVENTORY: [record]}, {INVENTORY: 1}, it.world.now_ms)
    it.metrics.committed(it.world.partition, {}, outcome, SPENT, it.world.now_ms)
    it.metrics.add_up()
    assert it.value("stock_event_timestamp_seconds", pool="berlin") == it.world.now_ms / 1000


def test_a_partition_that_commits_nothing_is_dated_from_its_take_over() -> None:
    """Else nobody could say how long it has stood still."""
    it = Counted()
    it.restart()
    assert it.value("last_commit_timestamp_seconds", partition="0") == it.world.now_ms / 1000


def test_an_order_that_loses_several_items_at_once_loses_its_place_once() -> None:
    it = Counted()
    it.send(
        *(counted("berlin", sku, 7, 1) for sku in ("lamp", "chair", "rug")),
        *(placed(f"o{number}", ("lamp", 1), ("chair", 1), ("rug", 1)) for number in range(7)),
    )
    it.send(*(counted("berlin", sku, 0, 2) for sku in ("lamp", "chair", "rug")))
    assert it.value("promises_withdrawn_total", pool="berlin") == 7


def test_capacity_is_that_of_the_pools_own_day() -> None:
    it = Counted(with_entities(network(), pool("berlin", orders_per_day=3, time_zone="Europe/Berlin")))
    it.send(*STOCK, placed("o1", ("lamp", 1)), placed("o2", ("lamp", 1)))
    it.until("2026-03-16 22:59")
    assert (it.value("capacity_used", pool="berlin"), it.value("capacity_limit", pool="berlin")) == (2, 3)
    assert it.value("capacity_limit", pool="paris") is None
    it.until("2026-03-16 23:05")
    assert it.value("capacity_used", pool="berlin") == 0, "in Berlin tomorrow has begun"


def test_the_reference_in_force_is_named() -> None:
    it = Counted()
    first = it.world.network.catalog.set_id
    assert it.value("network_info", network="shop", currency="EUR") == 1
    assert it.value("reference_set_info", network="shop", set_id=first) == 1
    assert it.value("reference_set_timestamp_seconds", network="shop") == seconds("2026-03-16 08:00")
    it.world.now_ms += 60_000
    it.commit(it.world.apply(cutoff("berlin", "16:00")))
    assert it.value("reference_set_info", network="shop", set_id=first) is None
    assert it.value("reference_set_info", network="shop", set_id=it.world.network.catalog.set_id) == 1
    assert it.value("reference_set_timestamp_seconds", network="shop") == seconds("2026-03-16 08:01")
    it.restart()
    assert it.value("reference_set_timestamp_seconds", network="shop") is None, "nobody has written down when"


def test_what_is_not_in_force_any_more_is_counted_as_other() -> None:
    fair = {"kind": "channel", "channel": "fair", "pools": ["depot"], "policy": "at-once"}
    depot = (pool("depot"), lane("depot", "de", 1_000_000), cutoff("depot"), fair)
    it = Counted(with_entities(network(), *depot))
    it.send(counted("depot", "lamp", 5, 1), placed("o1", ("lamp", 2), channel="fair"))
    it.commit(
        it.world.apply(
            withdraw=(
                ("channel", ("fair",)), ("lane", ("depot", "de", "standard", "post")),
                ("cutoff", ("depot", "post", "standard")), ("pool", ("depot",)),
            )
        )
    )  # fmt: skip
    it.send(dispatched("o1/1/1", {"1": 2}))
    assert it.value("orders_total", channel="fair") == 1
    assert it.value("dispatched_shipments_total", pool="other") == 1
    assert it.value("packages_total", channel="other", service="standard") == 1


def test_a_partition_that_is_gone_takes_its_pools_along() -> None:
    it = Counted()
    units_at_risk(it)
    it.look()
    it.metrics.partition_gone(0)
    text = "\n".join(name for name in it.shown() if "total" not in name)
    assert text == ""
    assert it.value("network_info", network="shop", currency="EUR") is None
    assert it.value("orders_total", channel="express") == 1, "what was counted stays counted"
