"""How tests are handed to processes that run them side by side: what takes longest starts first.

A test that waits for a broker leaves its processor to others, so the tests of a run overlap.  A run is as long as its
longest test at least, and much longer when that one starts last.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

PROPERTY_SECONDS = 2.0
BROKER_SECONDS = 1.0
"""What a property, or a test with a broker, takes unless it says otherwise; the others take next to nothing."""

takes = pytest.mark.takes

together = pytest.mark.xdist_group
"""Tests with the same name here run in one process, and share what takes long to start."""


def arrange(items: list[pytest.Item]) -> None:
    """Sort what takes longest to the front, tests that run together as one; equally long ones stay as they were."""
    seconds: dict[str, float] = defaultdict(float)
    for item in items:
        seconds[_unit(item)] += _seconds(item)
    items.sort(key=lambda item: seconds[_unit(item)], reverse=True)


def _unit(item: pytest.Item) -> str:
    """What is handed to a process at once: those that run together, or the test by itself."""
    mark = item.get_closest_marker("xdist_group")
    return item.nodeid if mark is None else str(mark.args[0])


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("takes")
    if mark is not None:
        return float(mark.args[0])
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return PROPERTY_SECONDS
    return BROKER_SECONDS if item.get_closest_marker("kafka") else 0.0
