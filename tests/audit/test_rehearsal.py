"""Router and auditor, written apart, must agree on whatever happens: neither knows how the other counts."""

from __future__ import annotations

import pytest

from state.limits import Limits
from tests.audit.rehearsal import Rehearsal

BUNDLES = 150


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
@pytest.mark.promise("P3")
@pytest.mark.promise("P4")
@pytest.mark.parametrize("seed", range(8))
def test_the_auditor_agrees_with_the_router(seed: int) -> None:
    # Every other sender repeats itself under new event ids and reports more than it was told to ship.
    rehearsal = Rehearsal(seed, careless=seed % 2 == 1)
    rehearsal.run(BUNDLES)
    report = rehearsal.audit()
    assert report.violations == []
    assert report.unproved == {}
    assert report.counts["decisions"] > BUNDLES
    assert report.counts["shipments sent"] > 20
    assert report.counts["dead letters"] > 0
    assert report.counts["duplicates"] > 0


def test_it_agrees_when_the_agenda_is_short() -> None:
    rehearsal = Rehearsal(1, Limits(agenda_orders_max=1))
    rehearsal.run(BUNDLES)
    assert rehearsal.audit().violations == []
