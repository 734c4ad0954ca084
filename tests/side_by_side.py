"""How tests are handed to processes that run them side by side: what takes longest starts first.

A test that waits for a broker leaves its processor to others, so the tests of a run overlap.  A run is as long as its
longest test at least, and much longer when that one starts last.
"""

from __future__ import annotations

import pytest

BROKER_SECONDS = 1.0
"""What a test with a broker takes unless it says otherwise; the others take next to nothing."""

takes = pytest.mark.takes


def arrange(items: list[pytest.Item]) -> None:
    """Sort what takes longest to the front; tests that take equally long stay as they were."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("takes")
    if mark is not None:
        return float(mark.args[0])
    return BROKER_SECONDS if item.get_closest_marker("kafka") else 0.0
