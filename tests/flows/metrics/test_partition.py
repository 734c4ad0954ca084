"""What is shown of a partition as it is now: what waits, how old and how full, and by which reference."""

from __future__ import annotations

from datetime import date

from operators.bundle import decide_bundle
from schemas.kinds import INVENTORY, REFERENCE
from schemas.records import Record
from schemas.times import HOUR_MS
from tests.flows.metrics.figures import SPENT, Counted, seconds
from tests.flows.metrics.stories import STOCK, units_at_risk
from tests.small_network import calendar, cutoff, network, pool, with_entities
from tests.world import adjusted, counted, placed


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


def test_a_pool_is_not_called_silent_because_nobody_reads_on_where_it_lives() -> None:
    """Whoever calls its warehouse at night, or pauses it, makes one trouble two."""
    it = Counted()
    in_hand = it.world.send(counted("berlin", "lamp", 5, 1))
    it.metrics.partition_stopped(0)
    assert it.value("stock_event_timestamp_seconds", pool="london") is None
    # Its commit was under way when the partition stopped.
    it.commit(in_hand)
    assert it.value("stock_event_timestamp_seconds", pool="berlin") is None
    it.restart()
    assert it.value("stock_event_timestamp_seconds", pool="berlin") == it.world.now_ms / 1000


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


def test_when_the_first_calendar_ends_is_told_until_a_set_carries_it_on() -> None:
    it = Counted(with_entities(network(), calendar("weekdays", [], last=date(2026, 4, 30))))
    it.send(*STOCK)
    assert it.value("calendars_end_timestamp_seconds", network="shop") == seconds("2026-05-01 00:00")
    it.world.now_ms += 60_000
    carried_on = [calendar(name, [], last=date(2027, 4, 30)) for name in ("weekdays", "collections")]
    it.commit(it.world.apply(*carried_on))
    assert it.value("calendars_end_timestamp_seconds", network="shop") == seconds("2027-05-01 00:00")


def test_a_partition_that_is_gone_takes_its_pools_along() -> None:
    it = Counted()
    units_at_risk(it)
    it.look()
    it.metrics.partition_gone(0)
    text = "\n".join(name for name in it.shown() if "total" not in name)
    assert text == ""
    assert it.value("network_info", network="shop", currency="EUR") is None
    assert it.value("orders_total", channel="express") == 1, "what was counted stays counted"
