"""How long an alert may take in a drill follows from its rule."""

import pytest

from bench.drill.faults import FAULTS
from bench.drill.ground import SCALE
from bench.drill.limits import GRACE_S, Limit, alternatives_of, limit_of
from infra.prometheus.durations import Scale
from infra.prometheus.rules import ALERTS


@pytest.mark.parametrize(
    ("alert", "limit"),
    [
        ("RouterDown", Limit(2 + GRACE_S, "0s", "2m")),
        ("PromisesWithdrawn", Limit(10 + GRACE_S, "10m", "0s")),
        ("DispatchPerformanceLow", Limit(60 + 5 + GRACE_S, "1h", "5m")),
    ],
)
def test_a_window_and_what_it_waits_for_are_scaled(alert: str, limit: Limit) -> None:
    assert limit_of(alert, Scale(60, 1_000)) == limit


def test_a_window_stays_as_long_as_four_scrapes() -> None:
    assert limit_of("CommitsStandStill", Scale(60, 1_000)) == Limit(4 + 1 + GRACE_S, "2m", "1m")


def test_of_several_burn_rates_the_first_one_counts_which_is_for_a_fault_of_everything() -> None:
    assert limit_of("RoutingAvailabilityBurnsFast", Scale(60, 1_000)) == Limit(60 + 2 + GRACE_S, "1h", "2m")


def test_the_limit_of_freshness_is_a_window_too() -> None:
    assert limit_of("StockFeedSilent", Scale(60, 1_000)) == Limit(15 + 2 + GRACE_S, "15m", "2m")


def test_alternatives_stand_outside_of_brackets() -> None:
    assert alternatives_of('(a or b)\nor\nc{d="or"} and for_x') == ["(a or b)\n", '\nc{d="or"} and for_x']


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_alert_of_a_drill_is_one_of_the_rules(fault: object) -> None:
    assert fault.right | fault.also <= ALERTS.keys()  # type: ignore[attr-defined]
    assert not fault.right & fault.also  # type: ignore[attr-defined]
    assert all(limit_of(name, SCALE).seconds <= 120 for name in fault.right)  # type: ignore[attr-defined]
