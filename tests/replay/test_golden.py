"""P6: the same records give the same bytes, in another process, under another hash seed, after a restart, tomorrow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from operators.bundle import decide_bundle
from schemas.codec import decode_journal
from schemas.digest import unpack_hashes
from tests.memory import same_memory
from tests.promises import promise
from tests.replay.history import digest_of, histories
from tests.world import restore

ROOT = Path(__file__).parent.parent.parent
GOLDEN = Path(__file__).parent / "golden.txt"


def digest_in_a_process(hash_seed: str) -> str:
    """What a fresh interpreter publishes when its sets and dicts of strings are ordered by that seed."""
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.replay.history"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@promise("P6")
def test_two_hash_seeds_publish_the_same_bytes() -> None:
    assert digest_in_a_process("1") == digest_in_a_process("20262026")


@promise("P6")
def test_the_history_publishes_what_it_did_when_this_was_written() -> None:
    """Red when anything that is published changes: look at the change, and if it is wanted, write the file anew with
    `python -m tests.replay.history > tests/replay/golden.txt`."""
    assert digest_in_a_process("0") == GOLDEN.read_text().strip()


@promise("P6")
@pytest.mark.parametrize(("every", "bundles"), [(1, 60), (20, 240)])
def test_live_memory_equals_restored_memory(every: int, bundles: int) -> None:
    for number, world in enumerate(histories(bundles)):
        if number % every == 0:
            same_memory(world.partition, world.restored())


@promise("P6")
def test_a_router_that_restarts_publishes_as_one_that_does_not() -> None:
    steady = [digest_of(world.publications) for world in histories(120)]
    restarted = []
    for number, world in enumerate(histories(120)):
        restarted.append(digest_of(world.publications))
        if number % 3 == 0:
            world.restart()
    assert restarted == steady


@promise("P6")
def test_the_journal_counts_what_was_published() -> None:
    """Sequences without a gap, ranges that tile the inputs, and a head that agrees with the last entry."""
    world = list(histories(60))[-1]
    entries = [
        decode_journal(value) for topic, _, value, _ in world.publications if topic == "journal" and value
    ]
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    ends: dict[str, int] = {}
    for entry in entries:
        for taken in entry.inputs:
            assert taken.first == ends.get(taken.topic, 0)
            ends[taken.topic] = taken.next
        inputs = sum(taken.next - taken.first for taken in entry.inputs)
        assert inputs == len(unpack_hashes(entry.accepted)) + entry.duplicates + entry.dead_letters
    assert ends == world.offsets
    assert entries[-1].digest == world.partition.digest


def test_a_history_is_rich_enough_to_prove_something() -> None:
    world = list(histories())[-1]
    orders = world.network.orders
    states = {shipment.state for order in orders.rows.values() for shipment in order.shipments}
    assert {"sent", "accepted", "dispatched", "delivered", "rejected"} <= states
    assert orders.waiting_orders
    assert len(orders.rows) > 100


def test_an_empty_bundle_with_nothing_due_publishes_nothing() -> None:
    world = list(histories(30))[-1]
    restored = restore(world.publications, world.limits)
    while decide_bundle(restored, {}, dict(restored.positions), restored.decided_at_ms).publications:
        assert restored.sequence < 1_000, "there is always something left to decide"
    before = restored.digest
    assert decide_bundle(restored, {}, dict(restored.positions), restored.decided_at_ms).publications == []
    assert restored.digest == before
