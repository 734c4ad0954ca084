"""What is measured once a second, also where a commit is always under way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from flows.lags import Lags
from flows.lease import Lease
from flows.phase import Phase
from flows.port import GroupConsumer
from flows.services import Services


class BusyLease:
    """A partition under load: a commit is in hand whenever one looks, unless it is waited for."""

    number = 0
    phase = Phase.LIVE
    places = ()
    last_record_ms = 1
    is_settled = False
    waits = 0

    def settle(self) -> None:
        self.waits += 1
        self.is_settled = True


def looks_in(seconds: int) -> tuple[int, int]:
    """How often what fell due was looked at, and how often a commit was waited for."""
    looks: list[int] = []
    now_s = 100.0
    metrics: Any = SimpleNamespace(
        add_up=lambda: None,
        broker_errors=lambda counts: None,
        lag_age=lambda number, age_s: None,
        look=lambda number, as_of_ms, now_ms: looks.append(now_ms),
    )
    port: Any = SimpleNamespace(broker_errors=dict)
    services: Any = SimpleNamespace(steady_s=lambda: now_s, metrics=metrics, port=port)
    lags = Lags(cast(Services, services), cast(GroupConsumer, SimpleNamespace()))
    lease = BusyLease()
    for _ in range(seconds):
        now_s += 1
        lease.is_settled = False
        lags.measure([cast(Lease, lease)], round(now_s * 1000))
    return len(looks), lease.waits


def test_under_load_a_commit_is_waited_for_every_five_seconds_to_see_what_fell_due() -> None:
    assert looks_in(20) == (4, 4)
