"""SIGKILL at each step of a bundle: nothing is lost, nothing happens twice, nothing is decided
differently.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.stage import Stage, order_of, wait_for
from tests.faults.steps import KILL, STEPS
from tests.promises import promise
from tests.side_by_side import takes

ORDERS = 200
BUNDLE_RECORDS = 20
"""Small, so that a few hundred records make many bundles whatever the machine's speed."""


@takes(5)
@promise("P1")
@promise("P2")
@promise("P3")
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_of_a_bundle_is_invisible(
    kafka: Any, prefix: str, tmp_path: Path, step: str
) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    stage.send_stock("eu", quantity=20)
    stage.send_orders("eu", first=0, count=ORDERS)

    with stage.router(instance="one", bundle_records_max=BUNDLE_RECORDS, fault=(step, 6, KILL)) as router:
        assert router.exit_code() == -signal.SIGKILL
    before = stage.decisions()
    with stage.router(instance="one", bundle_records_max=BUNDLE_RECORDS) as router:
        wait_for(router.is_ready, "the router to be back")
        stage.wait_until_done([router])
        assert router.terminate() == 0

    after = stage.decisions()
    assert 0 < len(before) < len(after)
    assert after[: len(before)] == before
    assert {order_of(decision) for decision in after} == {f"O-{number}" for number in range(ORDERS)}
    assert stage.audit().counts["shipments sent"] > 0
