"""`@promise("P1")` on a test says that it keeps one of the design's promises; see conftest.py for what that
does."""

import pytest

PROMISES = {
    "P1": "no oversell",
    "P2": "one effect",
    "P3": "nothing lost",
    "P4": "no missed truck by design",
    "P5": "explained",
    "P6": "replayable",
}

promise = pytest.mark.promise
