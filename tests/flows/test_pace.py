"""When the next bundle begins: neither before nor after deciding it would end together with the commit in hand."""

from __future__ import annotations

import pytest

from flows.pace import Pace


def settled(commit_s: float, decide_s: float) -> Pace:
    """After many bundles that took this long."""
    pace = Pace()
    for _ in range(200):
        pace.decided(decide_s)
        pace.committed(commit_s)
    return pace


@pytest.mark.parametrize(
    ("commit_s", "decide_s", "since_s", "patience_s"),
    [
        # At a low rate nearly the whole commit is waited for: nothing that arrives meanwhile is left behind.
        (0.010, 0.001, 0.000, 0.009),
        (0.010, 0.001, 0.004, 0.005),
        # Deciding takes as long as the commit, or longer: waiting would only add the two up.
        (0.010, 0.010, 0.000, 0.0),
        (0.010, 0.040, 0.000, 0.0),
        # A commit that takes longer than of late is not waited for any more.
        (0.010, 0.001, 0.050, 0.0),
    ],
)
def test_deciding_ends_with_the_commit(
    commit_s: float, decide_s: float, since_s: float, patience_s: float
) -> None:
    assert settled(commit_s, decide_s).patience_s(since_s) == pytest.approx(patience_s, abs=1e-6)


def test_one_slow_commit_does_not_make_the_next_bundle_wait_for_as_long() -> None:
    pace = settled(0.010, 0.001)
    pace.committed(1.0)
    assert pace.patience_s(0.0) < 0.2
