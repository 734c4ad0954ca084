"""What cannot succeed stops after a bounded number of attempts; what happens now and then never does."""

from __future__ import annotations

from flows.config import RouterConfig
from flows.setbacks import Setbacks


def test_failures_in_a_row_are_counted_for_each_partition() -> None:
    setbacks = Setbacks(RouterConfig(setbacks_max=3, setback_memory_ms=60_000))
    assert [setbacks.note(0, now_s) for now_s in (0, 10, 20)] == [1, 2, 3]
    assert setbacks.note(1, 20) == 1
    assert setbacks.is_too_many(3)
    assert not setbacks.is_too_many(2)


def test_a_failure_is_forgotten_after_a_quiet_time() -> None:
    setbacks = Setbacks(RouterConfig(setbacks_max=3, setback_memory_ms=60_000))
    assert [setbacks.note(0, now_s) for now_s in (0, 50, 111)] == [1, 2, 1]
