"""What is measured once a second, also under load, and what is said of a partition before anything is known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from flows.health import LIVE, MEASURING, PartitionHealth
from flows.lags import Lags
from flows.lease import Lease
from flows.phase import Phase
from flows.port import GroupConsumer, Place
from flows.services import Services
from schemas.kinds import INVENTORY, ORDERS

ORDERS_0, INVENTORY_0 = Place(ORDERS, 0), Place(INVENTORY, 0)
START_S = 100.0


class Deciding:
    """A partition that decides; under load a commit is in hand whenever one looks, unless it is waited for."""

    number = 0
    phase = Phase.LIVE
    places = (ORDERS_0, INVENTORY_0)

    def __init__(self) -> None:
        self.positions = {ORDERS: 0, INVENTORY: 0}
        self.read_until_ms: dict[str, int] = {}
        self.judged_told_ms = 0
        self.is_settled = True
        self.waits = 0

    def settle(self) -> None:
        self.waits += 1
        self.is_settled = True


class Fetching:
    """What a consumer knows of the orders' place; the other one is empty as long as nothing else is said."""

    def __init__(self, end: int | None = None) -> None:
        self.end = end
        self.end_of_inventory = 0
        self.at: int | None = None

    def end_last_seen(self, place: Place) -> int | None:
        return self.end if place == ORDERS_0 else self.end_of_inventory

    def position(self, place: Place) -> int | None:
        return self.at if place == ORDERS_0 else None

    def stable_gap(self, place: Place) -> int | None:
        return None


class Measured:
    """One partition, and until when what fell due was looked at; what waits is nearly always orders."""

    def __init__(self, end: int | None = None) -> None:
        self.lease = Deciding()
        self.consumer = Fetching(end)
        self.looks_ms: list[int] = []
        self._now_s = START_S
        metrics: Any = SimpleNamespace(
            add_up=lambda: None,
            broker_errors=lambda counts: None,
            lag=lambda number, topic, records: None,
            lag_age=lambda number, age_s: None,
            counted_ms=lambda number: 0,
            look=lambda number, as_of_ms, now_ms: self.looks_ms.append(as_of_ms),
        )
        port: Any = SimpleNamespace(broker_errors=dict)
        services: Any = SimpleNamespace(steady_s=lambda: self._now_s, metrics=metrics, port=port)
        self.lags = Lags(cast(Services, services), cast(GroupConsumer, self.consumer))

    def after(self, seconds: float) -> PartitionHealth:
        """The flow polls after so long; what it says of the partition then."""
        self._now_s += seconds
        self.lags.measure([cast(Lease, self.lease)], self.now_ms)
        return self.lags.health_of(cast(Lease, self.lease))

    @property
    def now_ms(self) -> int:
        return round(self._now_s * 1000)


def test_under_load_a_commit_is_waited_for_every_five_seconds_to_see_what_fell_due() -> None:
    it = Measured(end=0)
    for _ in range(20):
        it.lease.is_settled = False
        it.after(1)
    assert (len(it.looks_ms), it.lease.waits) == (4, 4)


def test_before_the_ends_are_known_nothing_is_judged_and_nothing_called_live() -> None:
    it = Measured(end=None)
    assert it.after(1) == PartitionHealth(MEASURING)
    assert it.after(10) == PartitionHealth(MEASURING)
    assert (it.looks_ms, it.lease.waits) == ([], 0)


def test_whoever_waits_for_it_to_be_live_waits_no_longer_than_for_the_ends() -> None:
    it = Measured(end=None)
    it.after(1)
    it.consumer.end = 0
    assert it.after(0.01) == PartitionHealth(LIVE, 0, 0.0)
    assert it.looks_ms == [it.now_ms]


def test_before_a_record_is_read_nobody_knows_how_old_those_that_wait_are() -> None:
    it = Measured(end=7)
    assert it.after(1) == PartitionHealth(MEASURING)
    assert it.looks_ms == []
    it.lease.positions[ORDERS] = 1
    it.lease.read_until_ms[ORDERS] = it.now_ms - 60_000
    assert it.after(0) == PartitionHealth(LIVE, 6, 60.0)
    assert it.looks_ms == [it.now_ms - 60_000], "what fell due since may be told by what waits"


def test_an_input_that_is_read_to_its_end_does_not_hide_how_late_another_one_is() -> None:
    """Stock is counted now, orders wait since an hour ago: and what fell due may be told by what waits."""
    it = Measured(end=100_000)
    it.lease.positions[ORDERS] = 10
    it.lease.read_until_ms = {ORDERS: it.now_ms - 3_600_000}
    it.consumer.end_of_inventory = 50
    it.lease.positions[INVENTORY] = 50
    it.lease.read_until_ms[INVENTORY] = it.now_ms
    assert it.after(1) == PartitionHealth(LIVE, 99_990, 3_601.0)
    assert it.looks_ms == [START_S * 1000 - 3_600_000]


def test_what_comes_after_a_silence_is_as_old_as_its_own_waiting() -> None:
    """The last record is from yesterday; what waits has come since the partition was last seen at its end."""
    it = Measured(end=5)
    it.lease.positions[ORDERS], it.lease.read_until_ms[ORDERS] = 5, it.now_ms - 86_400_000
    assert it.after(1) == PartitionHealth(LIVE, 0, 0.0)
    it.consumer.end = 6
    assert it.after(1) == PartitionHealth(LIVE, 1, 1.0)


def test_what_was_taken_for_the_end_while_nothing_was_fetched_is_not_believed_for_long() -> None:
    """The broker could not be reached, others could reach it: the first record read again tells how old all is."""
    it = Measured(end=5)
    it.lease.positions[ORDERS] = 5
    it.after(300)
    it.consumer.end = 900
    it.lease.positions[ORDERS], it.lease.read_until_ms[ORDERS] = 6, it.now_ms - 280_000
    assert it.after(1) == PartitionHealth(LIVE, 894, 281.0)


def test_markers_behind_the_last_record_do_not_wait() -> None:
    """A topic that is written in transactions ends with one, and no record will ever move the position past it."""
    it = Measured(end=8)
    it.lease.positions[ORDERS] = 7
    assert it.after(1) == PartitionHealth(MEASURING)
    it.consumer.at = 8
    assert it.after(1) == PartitionHealth(LIVE, 0, 0.0)
    assert it.looks_ms == [it.now_ms]


def test_what_comes_back_is_measured_anew() -> None:
    it = Measured(end=0)
    assert it.after(1).phase == LIVE
    it.lags.forget(0)
    it.consumer.end = None
    assert it.after(1) == PartitionHealth(MEASURING)


def test_what_does_not_decide_has_no_lag() -> None:
    it = Measured(end=0)
    it.after(1)
    it.lease.phase = Phase.STOPPED
    assert it.after(1) == PartitionHealth("stopped")
