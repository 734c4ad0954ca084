"""Business figures and symptoms, from what committed bundles did: each story with every figure that it leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schemas.rows import DELIVERED, PLANNED
from tests.flows.metrics.figures import ALWAYS, Counted
from tests.flows.metrics.stories import (
    NOON,
    STOCK,
    accepted,
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
    refused,
    refused_in_part,
    rejected,
    rejected_after_the_truck,
    released_later,
    risk_gone,
    short_picked,
    told_a_little_later,
    two_packages,
    units_at_risk,
)
from tests.small_network import cutoff, lane, network, pool, with_entities
from tests.world import counted, placed

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
ANSWERED = {"answered_shipments_total{berlin}": 1.0}
LEFT = ANSWERED | {"dispatched_shipments_total{berlin}": 1.0, "dispatched_units_total{berlin}": 3.0,
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
    (refused, order("express", 2) | {"backordered_orders_total{express}": 1.0}),
    (
        refused_in_part,
        order("express", 2) | released("berlin", 1, 4, 0.1) | cost("express", 4, 0.1)
        | {"backordered_orders_total{express}": 1.0},
    ),
    (cancelled_in_part_at_once, order("express", 5) | released("berlin", 2, 4, 0.2) | cost("express", 4, 0.2)),
    (cancelled_wholly_at_once, order("express", 5)),
    (
        rejected,
        ORDER | RELEASE | ANSWERED
        | {"failed_units_total{berlin}": 2.0, "rejected_shipments_total{berlin}": 1.0},
    ),
    (short_picked, ORDER | RELEASE | ANSWERED | {"failed_units_total{berlin}": 1.0}),
    (dispatched_early, ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME),
    (told_a_little_later, ORDER | RELEASE | LEFT | DUE | LEFT_ON_TIME),
    (dispatched_after_the_truck, ORDER | RELEASE | LEFT | DUE | MISSED),
    (dispatched_in_parts, ORDER | RELEASE | LEFT | DUE | MISSED | {"units_filled_total{express}": 2.0}),
    (never_dispatched, ORDER | RELEASE | DUE | MISSED),
    (accepted, ORDER | RELEASE | ANSWERED),
    (cancelled_before_the_truck, ORDER | RELEASE | ANSWERED),
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


def test_an_order_that_loses_several_items_at_once_loses_its_place_once() -> None:
    it = Counted()
    it.send(
        *(counted("berlin", sku, 7, 1) for sku in ("lamp", "chair", "rug")),
        *(placed(f"o{number}", ("lamp", 1), ("chair", 1), ("rug", 1)) for number in range(7)),
    )
    it.send(*(counted("berlin", sku, 0, 2) for sku in ("lamp", "chair", "rug")))
    assert it.value("promises_withdrawn_total", pool="berlin") == 7


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
