"""An upgrade on a real broker, with the real old release: begun, taken back, begun again, finalised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from schemas.codec import decode_journal, decode_row
from schemas.formats import ENGINE, FORMAT, tag_of
from schemas.kinds import DEAD_LETTERS, JOURNAL, ORDER_BOOK, ROUTER_STATE
from schemas.rows import DELIVERED, OrderRow
from tests.faults.process import RouterProcess
from tests.faults.stage import Stage, order_of, wait_for
from tests.promises import promise
from tests.upgrade import release_0_1

NEVER_TAKEN_BACK = "run the version that wrote it"


def finalise(stage: Stage, *options: str) -> int:
    """`sluice finalise`, as an operator says it."""
    return sluice(stage, "finalise", *options)


def sluice(stage: Stage, *words: str) -> int:
    """A verb's exit code."""
    with pytest.raises(SystemExit) as ended:
        main([*words, "--kafka", stage.bootstrap, "--prefix", stage.prefix])
    return ended.value.code if isinstance(ended.value.code, int) else 0


def delivered(stage: Stage) -> int:
    """Shipments that have arrived."""
    latest = {
        row.order_id: row
        for value in stage.read(ORDER_BOOK)
        if isinstance(row := decode_row(value), OrderRow)
    }
    return sum(shipment.state == DELIVERED for row in latest.values() for shipment in row.shipments)


class Orders:
    """Sends some more orders at each step, so that every release has something to decide."""

    def __init__(self, stage: Stage) -> None:
        self.count = 0
        self._stage = stage

    def decided_by(self, router: RouterProcess) -> None:
        self._stage.send_orders("eu", self.count, count=15)
        self.count += 15
        self._stage.wait_until_done([router])


def tags(stage: Stage) -> set[str]:
    """Of all rows that were ever written."""
    rows = stage.read(ROUTER_STATE) + stage.read(ORDER_BOOK)
    return {f"{tag[0]}.{tag[1]}" for value in rows if (tag := tag_of(value)) is not None}


@promise("P2")
@promise("P6")
def test_an_upgrade_is_taken_back_and_at_last_finalised(
    kafka: Any, prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = release_0_1.sources(tmp_path / "release-0.1")
    stage = Stage(kafka.bootstrap, prefix, tmp_path)
    stage.topics.record_format(FORMAT - 1)
    stage.send_stock("eu", quantity=60)
    orders = Orders(stage)

    with stage.router(code=old) as before:
        orders.decided_by(before)
        assert before.terminate() == 0
    with stage.router() as upgraded:
        orders.decided_by(upgraded)
        assert (
            "in format 1: the release before can still be started"
            in upgraded.events("restored")[0]["message"]
        )
        assert upgraded.terminate() == 0
    assert tags(stage) == {"order.1", "head.1", "sets.1"}

    with stage.router(code=old) as taken_back:
        orders.decided_by(taken_back)
        assert finalise(stage, "--yes") == 1, "an older router runs"
        assert f"1 router cannot be seen to run {ENGINE}" in capsys.readouterr().err
        assert taken_back.terminate() == 0

    with stage.router() as upgraded:
        orders.decided_by(upgraded)
        arrived = stage.deliver_everything("eu")
        stage.wait_until_done([upgraded])
        assert len(stage.read(DEAD_LETTERS)) == arrived, "a delivery cannot be kept yet"
        assert finalise(stage, "--yes") == 0
        assert f"format {FORMAT} is in force everywhere" in capsys.readouterr().out
        orders.decided_by(upgraded)
        assert stage.dispatch_everything("eu") > 30
        stage.wait_until_done([upgraded])
        assert delivered(stage) == 0
        assert sluice(stage, "dead-letters", "retry", "--reason", "not_finalised") == 0
        stage.wait_until_done([upgraded])
        assert delivered(stage) == arrived > 30
        assert upgraded.terminate() == 0
    assert tags(stage) == {"order.1", "order.2", "head.1", "head.2", "sets.1"}
    entries = [decode_journal(value) for value in stage.read(JOURNAL)]
    assert [entry.format for entry in entries] == sorted(entry.format for entry in entries)
    assert {entry.engine for entry in entries} == {"sluice 0.1.0", ENGINE}

    with stage.router(code=old) as too_old:
        wait_for(lambda: bool(too_old.events("stopped")), "the old release to refuse")
        sentence = too_old.events("stopped")[0]["message"]
    assert sentence.startswith("partition 0 stops: ")
    assert NEVER_TAKEN_BACK in sentence
    assert [decode_journal(value) for value in stage.read(JOURNAL)] == entries, "it has decided nothing"

    assert finalise(stage) == 0
    assert "Nothing to finalise" in capsys.readouterr().out
    assert {order_of(decision) for decision in stage.decisions()} == {f"O-{at}" for at in range(orders.count)}
    stage.audit()
