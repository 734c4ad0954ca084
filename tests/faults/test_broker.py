"""The broker goes away and comes back, and a topic that must be there is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.kafka.broker import LocalKafka
from schemas.placement import partition_of
from tests.faults.stage import Stage, order_of, wait_for
from tests.promises import promise
from tests.side_by_side import takes

SHORT = {"commit_timeout_ms": 1_000, "transaction_timeout_ms": 5_000, "init_timeout_ms": 5_000}


@takes(16)
@promise("P3")
def test_a_broker_that_dies_and_comes_back_loses_nothing(
    mortal_kafka: LocalKafka, prefix: str, tmp_path: Path
) -> None:
    stage = Stage(mortal_kafka.bootstrap, prefix, tmp_path)
    stage.send_stock("eu", quantity=30)
    stage.send_orders("eu", first=0, count=100)
    with stage.router(instance="one", bundle_records_max=5, setbacks_max=100, **SHORT) as router:
        wait_for(lambda: len(stage.decisions()) > 20, "some decisions")
        mortal_kafka.kill()
        mortal_kafka.start()
        stage.send_orders("eu", first=100, count=100)
        # A client that does not come back from its commit (librdkafka issue 5456) is replaced within 7 s. By then
        # the session may have timed out, and another one is of no use (issue 3437).
        stage.wait_until_done([router], timeout_s=60)
        assert router.terminate() == 0
    assert {order_of(decision) for decision in stage.decisions()} == {f"O-{each}" for each in range(200)}
    stage.audit()


@promise("P3")
def test_a_missing_topic_stops_its_partition_and_no_other(kafka: Any, prefix: str, tmp_path: Path) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path, ("eu", "us"), partitions=2)
    stage.delete_topic("allocations.eu-dc")
    for network in ("eu", "us"):
        # Which of two pools is chosen depends on the hour of their trucks: with stock in one it is that one, always.
        stage.send_stock(network, quantity=50, pools=["dc-paris"])
        stage.send_orders(network, first=0, count=30)

    with stage.router(setbacks_max=2, setback_pause_ms=50) as router:
        stage.wait_until_done([router], [partition_of("us", 2)])
        wait_for(lambda: bool(router.events("stopped")), "the other one to stop")
        [stopped] = router.events("stopped")
        assert stopped["partition"] == partition_of("eu", 2)
        assert "allocations.eu-dc does not exist" in stopped["message"]
        assert "sluice topics eu-dc" in stopped["message"]
        stage.send_orders("us", first=30, count=10)
        stage.wait_until_done([router], [partition_of("us", 2)])
        assert router.terminate() == 0
    assert stage.decisions(partition_of("eu", 2)) == []

    stage.topics.ensure_wms_topic("eu-dc")
    with stage.router() as router:
        stage.wait_until_done([router])
        assert router.terminate() == 0
    assert len({order_of(each) for each in stage.decisions(partition_of("eu", 2))}) == 30
    stage.audit()


def test_a_process_whose_every_partition_stopped_says_so_and_ends(
    kafka: Any, prefix: str, tmp_path: Path
) -> None:
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    for wms in ("eu-store", "eu-dc"):
        stage.delete_topic(f"allocations.{wms}")
    stage.send_stock("eu", quantity=50)
    stage.send_orders("eu", first=0, count=10)
    with stage.router(setbacks_max=2, setback_pause_ms=50) as router:
        assert router.exit_code() == 1
        assert router.lines[-1].startswith("sluice: every partition of this process has stopped")
