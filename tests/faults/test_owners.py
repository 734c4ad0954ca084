"""A partition changes hands: by a rebalance, behind the back of a frozen owner, and by SIGTERM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from schemas.placement import partition_of
from tests.faults.stage import Stage, order_of, wait_for
from tests.faults.steps import FREEZE
from tests.promises import promise
from tests.side_by_side import takes

NETWORKS = ("eu", "us")


@takes(9)
@promise("P1")
@promise("P2")
def test_a_frozen_owner_wakes_up_and_finds_itself_fenced(kafka: Any, prefix: str, tmp_path: Path) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    stage.send_stock("eu", quantity=20)
    stage.send_orders("eu", first=0, count=150)

    with stage.router(bundle_records_max=20, fault=("before commit", 6, FREEZE)) as zombie:
        wait_for(zombie.is_frozen, "the first owner to freeze")
        with stage.router(bundle_records_max=20) as successor:
            wait_for(successor.is_ready, "the successor to take over")
            stage.wait_until_done([successor])
            meanwhile = stage.decisions()
            zombie.wake()
            wait_for(lambda: bool(zombie.events("setback")), "the woken owner to notice")
            stage.send_orders("eu", first=150, count=50)
            stage.wait_until_done([successor, zombie])
            assert successor.terminate() == 0
        assert zombie.terminate() == 0

    after = stage.decisions()
    assert after[: len(meanwhile)] == meanwhile
    assert {order_of(decision) for decision in after} == {f"O-{number}" for number in range(200)}
    stage.audit()


@takes(8)
@promise("P2")
@promise("P3")
def test_two_processes_share_and_hand_over_without_a_trace(kafka: Any, prefix: str, tmp_path: Path) -> None:
    places = {partition_of(network, 2) for network in NETWORKS}
    assert places == {0, 1}, "the test wants one network on each partition"
    stage = Stage(kafka.bootstrap, prefix, tmp_path, NETWORKS, partitions=2)

    def send(first: int) -> None:
        for network in NETWORKS:
            stage.send_orders(network, first, count=60)

    for network in NETWORKS:
        stage.send_stock(network, quantity=30)
    with stage.router(bundle_records_max=10) as first:
        send(0)
        wait_for(first.is_ready, "the first process")
        with stage.router(bundle_records_max=10) as second:
            send(60)
            wait_for(second.is_ready, "the second process to get its share")
            send(120)
            stage.wait_until_done([first, second])
            wait_for(
                lambda: [len(each.events("ready")[-1]["partitions"]) for each in (first, second)] == [1, 1],
                "both to say that they have one each",
            )
            send(180)
            assert second.terminate() == 0
        # The second one may have decided everything of its share before it ended.
        wait_for(lambda: first.events("ready")[-1]["partitions"] == [0, 1], "the first process to have both")
        stage.wait_until_done([first])
        # Nothing is under way now: a commit in hand that the group overtakes would be refused, and cost a restore.
        before = len(first.events("restored"))
        with stage.router(bundle_records_max=10) as third:
            wait_for(third.is_ready, "the third process to get its share")
            wait_for(
                lambda: any(event["resumed"] for event in first.events("restored")[before:]),
                "what the first process had parked to be used again",
            )
            assert third.terminate() == 0
        assert first.terminate() == 0

    for partition in (0, 1):
        orders = {order_of(decision) for decision in stage.decisions(partition)}
        assert orders == {f"O-{number}" for number in range(240)}
    stage.audit()
