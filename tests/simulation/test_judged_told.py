"""What figures are judged up to is told in transactions that hold no bundle: they, too, may end in any way."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from flows import sink
from flows.metrics import Metrics
from flows.port import PortFault
from tests.promises import promise
from tests.side_by_side import takes
from tests.simulation.test_simulation import Crash, Simulation

SEEDS = range(6)
ALWAYS_MS = 2**62


class Busy(Simulation):
    """Time passes between any two steps, so that every process measures, and tells, again and again."""

    def act(self) -> None:
        self.kafka.now_ms += self.chance.choice((1, 1_000))
        self.world.now_ms = self.kafka.now_ms
        super().act()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How the transactions ended; something is to be told wherever anything was ever committed."""
    ends: Counter[str] = Counter()
    tell = sink._tell_judged

    def counted_ms(metrics: Metrics, number: int) -> int:
        figures = metrics._partitions.get(number)
        return ALWAYS_MS if figures is not None and figures.partition.sequence else 0

    def told(*arguments: Any) -> PortFault | None:
        try:
            fault = tell(*arguments)
        except BaseException as error:
            ends[type(error).__name__] += 1
            raise
        ends[fault.remedy.name if fault else "committed"] += 1
        return fault

    monkeypatch.setattr(Metrics, "counted_ms", counted_ms)
    monkeypatch.setattr(sink, "_tell_judged", told)
    return ends


@takes(12)
@promise("P2")
@promise("P3")
def test_however_it_ends_the_audit_holds(ended: Counter[str]) -> None:
    for seed in SEEDS:
        simulation = Busy(seed)
        simulation.run()
        assert simulation.audit().violations == [], simulation.happened
        assert simulation.refuted_copies() == []
    assert {"committed", "ABORT", "REJOIN", Crash.__name__} <= ended.keys()
