"""Two formats of the state: what release 0.1 left is read, what it must still read is written, and then no more."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest

from cli.finalise.publish import NO_NETWORK
from flows.metrics import Metrics, Spent
from operators.bundle import Publication
from schemas.codec import OtherFormat, UnreadableRow, decode_journal, decode_row, encode_key, encode_row
from schemas.digest import DIGEST_MASK, row_hash
from schemas.formats import CLIENT_ID, ENGINE, FORMAT, tag_of
from schemas.kinds import FULFILMENT, STATE_TOPICS
from schemas.placement import partition_of
from schemas.rows import HeadRow, OrderRow, row_key
from schemas.times import NEVER_MS
from state.partition import Partition
from tests.memory import same_memory
from tests.promises import promise
from tests.replay.history import digest_of
from tests.upgrade import format_1
from tests.upgrade.steps import (
    FINALISED,
    LIMITS,
    finalise,
    left_by_release_0_1,
    live,
    new_in_format_1,
    rows_of,
)
from tests.world import World, counted, placed, restore

ROOT = Path(__file__).parents[2]


def written(publications: list[Publication]) -> list[bytes]:
    """The rows of these publications."""
    return [value for topic, _, value, _ in publications if topic in STATE_TOPICS and value is not None]


def tags(values: list[bytes]) -> set[str]:
    found = {tag_of(value) for value in values}
    return {f"{tag[0]}.{tag[1]}" for tag in found if tag is not None}


def shipments_of(world: World, state: str) -> list[int]:
    """When the shipments in this state left."""
    orders = world.network.orders.rows.values()
    return [each.dispatched_at_ms for order in orders for each in order.shipments if each.state == state]


# --- before it is finalised -----------------------------------------------------------------------------------


@promise("P6")
def test_what_release_0_1_left_is_read_and_gone_on_with() -> None:
    world = left_by_release_0_1()
    assert world.partition.format == 1
    assert len(world.network.orders.rows) > 50
    before = len(world.publications)
    assert list(live(world, 40, first=120))
    entries = [
        decode_journal(value) for topic, _, value, _ in world.publications if topic == "journal" and value
    ]
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert (entries[0].engine, entries[-1].engine) == ("sluice 0.1.0", ENGINE)
    assert {entry.format for entry in entries} == {1}
    assert "order.1" in tags(written(world.publications[before:]))


@promise("P6")
@pytest.mark.parametrize("begin", [left_by_release_0_1, new_in_format_1])
def test_release_0_1_reads_every_state_until_the_upgrade_is_finalised(begin: Callable[[], World]) -> None:
    """After each bundle, because anybody may go back at any time."""
    world = begin()
    for number, _ in enumerate(live(world, 80, first=120)):
        if number % 4 == 0:
            assert format_1.restore(rows_of(world.publications)).sequence == world.partition.sequence
    for value in written(world.publications):
        format_1.read(value)


def test_nothing_is_remembered_that_the_format_does_not_keep() -> None:
    world = list(live(new_in_format_1(), 120))[-1]
    assert set(shipments_of(world, "dispatched")) == {NEVER_MS}
    same_memory(world.partition, world.restored())


def test_a_delivery_waits_as_a_dead_letter_until_the_upgrade_is_finalised() -> None:
    """And has its one effect when it is sent again, as it was."""
    world = new_in_format_1()
    world.send(counted("berlin", "lamp", 5, 1), placed("A", ("lamp", 1), channel="express"))
    left = {"shipment_id": "A/1/1", "lines_total": {"1": 1}, "position": 2, "carrier": "post"}
    world.send(("shipment.dispatched", left))
    arrived = world.event("shipment.delivered", {"shipment_id": "A/1/1"})
    before = world.partition.digest
    (letter,) = world.bundle({FULFILMENT: [arrived]}).dead_letters
    assert letter["reason"] == "not_finalised"
    assert "sluice dead-letters retry --reason not_finalised" in letter["detail"]
    assert world.partition.digest == before
    finalise(world)
    assert world.bundle({FULFILMENT: [arrived]}).dead_letters == []
    assert shipments_of(world, "delivered") == [NEVER_MS], "when it left was not kept then"
    same_memory(world.partition, world.restored())


# --- finalising -----------------------------------------------------------------------------------------------


@promise("P2")
@promise("P6")
@settings(max_examples=5)
@given(st.integers(0, 100), st.integers(1, 60), st.integers(1, 7))
def test_memory_read_back_from_both_formats_is_the_one_that_lived(
    before: int, after: int, every: int
) -> None:
    """And a router that restarts all the time publishes what one does that never restarts."""
    steady, restarted = left_by_release_0_1(), left_by_release_0_1()
    for number, _ in enumerate(zip(live(steady, before, 120), live(restarted, before, 120), strict=True)):
        if number % every == 0:
            restarted.restart()
    finalise(steady)
    finalise(restarted)
    restarted.restart()
    for number, _ in enumerate(
        zip(live(steady, after, 120 + before), live(restarted, after, 120 + before), strict=True)
    ):
        if number % every == 0:
            same_memory(steady.partition, steady.restored())
            restarted.restart()
    assert digest_of(steady.publications) == digest_of(restarted.publications)


@promise("P6")
def test_rows_become_new_when_they_change_and_the_digest_is_that_of_the_bytes() -> None:
    world = left_by_release_0_1()
    finalise(world)
    assert tags([value for _, value in rows_of(world.publications)]) >= {"order.1", "head.2"}
    assert list(live(world, 40, first=120))
    rows = rows_of(world.publications)
    values = [value for _, value in rows]
    assert tags(values) == {"order.1", "order.2", "stock.1", "slot.1", "catalog.1", "sets.1", "head.2"}
    digest = sum(row_hash(key, value) for key, value in rows if tag_of(value) != ("head", 2)) & DIGEST_MASK
    assert digest == world.partition.digest == world.restored().digest


def test_the_format_is_in_force_from_the_bundle_that_took_it_up() -> None:
    world = new_in_format_1()
    journal = finalise(world).outcome.journal
    assert journal is not None
    assert (journal.format, journal.stale, journal.dead_letters) == (FORMAT, 0, 0)
    head = decode_row(written(world.publications)[-1])
    assert isinstance(head, HeadRow)
    assert (head.format, head.engine) == (FORMAT, ENGINE)
    assert world.restored().format == FORMAT


def test_what_the_same_bundle_decides_is_decided_in_the_new_format() -> None:
    world = new_in_format_1()
    world.send(counted("berlin", "lamp", 5, 1), placed("A", ("lamp", 1), channel="express"))
    (shipment,) = world.order("A").shipments
    left = {"shipment_id": shipment.shipment_id, "lines_total": {"1": 1}, "position": 2, "carrier": "post"}
    world.send(("format.finalised", FINALISED), ("shipment.dispatched", left))
    assert shipments_of(world, "dispatched") == [world.now_ms]
    same_memory(world.partition, world.restored())


def test_when_a_shipment_left_is_known_afterwards() -> None:
    world = left_by_release_0_1()
    finalise(world)
    assert list(live(world, 120, first=120))
    left = [moment for moment in shipments_of(world, "dispatched") if moment != NEVER_MS]
    assert left
    assert max(left) <= world.now_ms
    same_memory(world.partition, world.restored())


def test_release_0_1_refuses_a_finalised_partition_even_if_no_order_has_changed() -> None:
    world = new_in_format_1()
    format_1.restore(rows_of(world.publications))
    finalise(world)
    with pytest.raises(format_1.Refused, match=r"cannot be read by this version: Invalid value 'head\.2'"):
        format_1.restore(rows_of(world.publications))


def test_the_metrics_say_which_format_is_in_force() -> None:
    world = left_by_release_0_1()
    metrics = Metrics()
    metrics.partition_restored(world.partition, 0.1, world.now_ms)
    assert 'sluice_state_format{partition="0"} 1.0' in generate_latest(metrics.registry).decode()
    outcome = finalise(world).outcome
    metrics.committed(world.partition, {}, outcome, Spent(0.0, 0.0, 0.0), world.now_ms)
    metrics.catch_up()
    metrics.add_up()
    assert f'sluice_state_format{{partition="0"}} {FORMAT}.0' in generate_latest(metrics.registry).decode()


def test_finalising_again_changes_nothing() -> None:
    world = new_in_format_1()
    finalise(world)
    journal = finalise(world).outcome.journal
    assert journal is not None
    assert (journal.format, journal.stale) == (FORMAT, 1)


@pytest.mark.parametrize(
    ("changes", "reason", "sentence"),
    [
        ({"partition": 5}, "wrong_partition", "it is about partition 5, this record came on 0"),
        (
            {"format": FORMAT + 1},
            "format_refused",
            f"{ENGINE} writes formats up to {FORMAT}, not {FORMAT + 1}",
        ),
        ({"format": FORMAT - 1}, "format_refused", "a finalised upgrade cannot be taken back"),
    ],
)
def test_what_cannot_be_finalised_is_a_dead_letter(
    changes: dict[str, int], reason: str, sentence: str
) -> None:
    world = new_in_format_1()
    finalise(world)
    told = world.send(("format.finalised", {**FINALISED, **changes}))
    assert [letter["reason"] for letter in told.dead_letters] == [reason]
    assert sentence in told.dead_letters[0]["detail"]
    assert world.partition.format == FORMAT


def test_a_partition_that_knows_no_network_can_be_finalised() -> None:
    """It was only ever sent what it refused; the next release but one would refuse it otherwise."""
    number = (partition_of(NO_NETWORK, 8) + 1) % 8
    world = World(None, LIMITS)
    world.partition = Partition(number, 8, LIMITS)
    world.partition.format = FORMAT - 1
    world.bundle({"orders": [b"no order"]})
    data = {**FINALISED, "partition": number}
    told = world.bundle({"reference": [world.event("format.finalised", data, network=NO_NETWORK)]})
    assert told.dead_letters == []
    assert world.partition.networks == {}
    assert world.partition.format == FORMAT


# --- what is too new, or too old ------------------------------------------------------------------------------


def test_a_row_of_a_later_format_is_refused_with_what_to_do() -> None:
    order = next(
        value for value in written(left_by_release_0_1().publications) if tag_of(value) == ("order", 1)
    )
    with pytest.raises(OtherFormat) as refused:
        decode_row(order.replace(b"order.1", b"order.3"))
    assert str(refused.value) == (
        f"its state is in format 3 (a row order.3), and {ENGINE} reads formats 1 and 2. The upgrade was finalised, "
        "which cannot be taken back: run the release that finalised it, or a later one"
    )


@pytest.mark.parametrize(("found", "sentence"), [(3, "or a later one"), (0, "A release was left out")])
def test_a_head_that_says_another_format_is_refused_by_it(found: int, sentence: str) -> None:
    head = HeadRow(0, 7, 1, 1, (), found, "sluice 0.9.9")
    with pytest.raises(OtherFormat, match=f"format {found} .*sluice 0.9.9.*{sentence}"):
        Partition(0, 1).restore_row(encode_key(row_key(head)), encode_row(head))


def test_damage_is_not_taken_for_another_format() -> None:
    with pytest.raises(UnreadableRow) as refused:
        decode_row(b'["order.2","shop"]')
    assert not isinstance(refused.value, OtherFormat)


# --- the beginning --------------------------------------------------------------------------------------------


def test_a_new_deployment_begins_in_the_newest_format() -> None:
    assert Partition(0, 1).format == FORMAT
    assert tags([encode_row(HeadRow(0, 1, 1, 1, ()))]) == {f"head.{FORMAT}"}


def test_a_partition_stays_in_the_format_that_its_head_says() -> None:
    assert restore(new_in_format_1().publications, LIMITS).format == FORMAT - 1


def test_the_release_names_itself_as_it_is_installed() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"sluice {version}" == ENGINE
    assert f"sluice-{version}" == CLIENT_ID


def test_the_newest_shape_is_the_only_one_in_memory() -> None:
    rows = [decode_row(value) for value in written(left_by_release_0_1().publications)]
    assert any(isinstance(row, OrderRow) for row in rows)
    assert {type(row).__module__ for row in rows} == {"schemas.rows"}
