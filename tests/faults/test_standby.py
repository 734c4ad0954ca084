"""A second process follows the owner, and takes over warm when it is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.faults.stage import Stage, order_of, wait_for
from tests.promises import promise


@promise("P1")
@promise("P2")
@promise("P3")
def test_a_standby_takes_over_warm_from_an_owner_that_is_killed(
    kafka: Any, prefix: str, tmp_path: Path
) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    stage.send_stock("eu", quantity=20)
    stage.send_orders("eu", first=0, count=100)
    with stage.router(bundle_records_max=5) as owner:
        wait_for(owner.is_ready, "the owner")
        with stage.router(standby=True, bundle_records_max=50) as standby:
            wait_for(lambda: bool(standby.events("assigned")), "the standby to join")
            assert standby.events("following"), "it joins when its copy is warm"
            assert standby.events("assigned")[0]["partitions"] == [], "the owner keeps what it has"
            stage.wait_until_done([owner])
            stage.send_orders("eu", first=100, count=400)
            wait_for(lambda: len(stage.decisions()) > 150, "the owner to be in the middle of it")
            owner.kill()
            before = stage.decisions()
            # It may have decided all of them by the time it was killed.
            stage.send_orders("eu", first=500, count=20)
            wait_for(lambda: bool(standby.events("restored")), "the standby to take over")
            stage.wait_until_done([standby])
            (took_over,) = standby.events("restored")
            assert took_over["warm"]
            assert not standby.events("copy_dropped")
            assert standby.terminate() == 0

    after = stage.decisions()
    assert 0 < len(before) < len(after)
    assert after[: len(before)] == before
    assert {order_of(decision) for decision in after} == {f"O-{number}" for number in range(520)}
    stage.audit()
