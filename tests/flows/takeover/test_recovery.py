"""What a partition believes when it comes back: the journal head, and nothing that contradicts it."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest

from flows.health import LIVE
from flows.port import Place, PortFault, Remedy
from flows.takeover import restore
from schemas.codec import decode_journal, encode_key, encode_row
from schemas.kinds import DECISIONS, INVENTORY, JOURNAL, LEDGER, ORDERS, STATE_TOPICS
from schemas.rows import HeadRow, row_key
from tests.audit.small_network import NUMBER, entities
from tests.promises import promise
from tests.simulation.log import Stored
from tests.simulation.port import SimulatedConsumer, SimulatedReader
from tests.simulation.process import SimulatedRouter
from tests.simulation.test_simulation import Simulation


def history(seed: int = 3) -> Simulation:
    """Some bundles, without any trouble; every process is gone afterwards."""
    simulation = Simulation(seed)
    simulation.is_calm = True
    simulation.run(rounds=40)
    while simulation.routers:
        simulation.routers.pop().close()
    return simulation


def comes_back(simulation: Simulation) -> SimulatedRouter:
    """A new process, until it decides for the partition or says why not, and a little longer."""
    simulation.start()
    router = simulation.routers[0]
    for _ in range(20_000):
        if router.has_said(f"partition {NUMBER} restored") or router.has_said(f"partition {NUMBER} stops"):
            break
        router.step()
    for _ in range(50):
        router.step()
    return router


def sequences(simulation: Simulation) -> int:
    return len(simulation.records(JOURNAL))


def test_offsets_that_kafka_has_forgotten_are_taken_from_the_head() -> None:
    simulation = history()
    simulation.kafka.committed.clear()
    before = sequences(simulation)
    comes_back(simulation)
    assert sequences(simulation) == before, "nothing is decided twice"
    simulation.world.order()
    simulation.world.send_all()
    simulation.settle()
    assert sequences(simulation) > before
    assert simulation.audit().violations == []


@pytest.mark.parametrize("difference", [-1, 1])
def test_committed_offsets_beside_the_head_stop_the_partition(difference: int) -> None:
    simulation = history()
    place = Place(INVENTORY, NUMBER)
    simulation.kafka.committed[place] += difference
    simulation.world.order()
    simulation.world.send_all()
    before = sequences(simulation)
    said = comes_back(simulation).output.getvalue()
    assert f"partition {NUMBER} stops: the journal head" in said
    assert "delete its offsets" in said
    assert sequences(simulation) == before


def test_input_that_retention_has_cut_is_reported_never_skipped() -> None:
    simulation = history()
    simulation.world.order()
    simulation.world.order()
    simulation.world.send_all()
    place = Place(ORDERS, NUMBER)
    simulation.kafka.low[place] = len(simulation.kafka.logs[place]) - 1
    before = sequences(simulation)
    said = comes_back(simulation).output.getvalue()
    assert "retention has cut them" in said
    assert sequences(simulation) == before


@pytest.mark.parametrize("is_committed", [True, False])
def test_retention_may_take_all_that_was_read_and_the_markers_behind_it(*, is_committed: bool) -> None:
    """Nobody reads the marker at the end of a transaction, nor what was aborted: they are no records that were lost."""
    simulation = history()
    place = Place(INVENTORY, NUMBER)
    simulation.world.stock_event()
    simulation.world.send_all()
    simulation.world.transact(place, simulation.world.inputs[INVENTORY][-1:], is_committed=is_committed)
    simulation.settle()
    simulation.routers.pop().close()
    simulation.kafka.low[place] = len(simulation.kafka.logs[place])
    before = sequences(simulation)
    router = comes_back(simulation)
    assert not router.has_said("ERROR")
    simulation.world.order()
    simulation.world.send_all()
    simulation.settle()
    assert sequences(simulation) > before


def test_an_emptied_journal_with_committed_offsets_stops_the_partition() -> None:
    simulation = history()
    for place in list(simulation.kafka.logs):
        if place.topic not in simulation.world.inputs:
            simulation.kafka.logs[place].clear()
    said = comes_back(simulation).output.getvalue()
    assert "but there is no journal" in said
    assert simulation.records(DECISIONS) == []


@promise("P2")
def test_a_journal_that_was_made_anew_stops_the_partition() -> None:
    """Rows, head and offsets agree, and what was accepted before is forgotten: sent again it would be decided again."""
    simulation = history()
    simulation.kafka.logs[Place(JOURNAL, NUMBER)].clear()
    for value in simulation.world.inputs[ORDERS]:
        simulation.kafka.append(Place(ORDERS, NUMBER), b"key", value)
    decisions = len(simulation.records(DECISIONS))
    said = comes_back(simulation).output.getvalue()
    assert f"partition {NUMBER} stops: partition {NUMBER}: the journal holds no entry" in said
    assert len(simulation.records(DECISIONS)) == decisions


@promise("P2")
def test_a_journal_that_was_made_anew_under_a_router_at_work_stops_the_next_one() -> None:
    """It holds what was decided since, and agrees with rows, head and offsets; what came before it is forgotten."""
    simulation = history()
    place = Place(JOURNAL, NUMBER)
    since = [stored.value for stored in simulation.kafka.logs[place] if stored.value][-1]
    simulation.kafka.logs[place].clear()
    simulation.kafka.append(place, b"key", since)
    said = comes_back(simulation).output.getvalue()
    begins = f"the journal begins at sequence {decode_journal(since).sequence}, the head row says"
    assert f"partition {NUMBER} stops: partition {NUMBER}: {begins}" in said


def test_a_journal_that_retention_has_cut_to_its_end_is_none_that_was_made_anew() -> None:
    simulation = history()
    place = Place(JOURNAL, NUMBER)
    simulation.kafka.low[place] = len(simulation.kafka.logs[place])
    assert comes_back(simulation).has_said(f"partition {NUMBER} restored")


def test_a_state_without_the_last_bundle_stops_the_partition_although_that_bundle_had_no_input() -> None:
    """As on a replica that is behind: all its topics end with the transaction before, and agree with each other."""
    simulation = history()
    router = comes_back(simulation)
    kafka = simulation.kafka
    offsets = {place: at for place, at in kafka.committed.items() if place.partition == NUMBER}
    before = sequences(simulation)
    ends = {place: len(log) for place, log in kafka.logs.items()}
    while sequences(simulation) == before:
        # Trucks leave, orders are released.
        kafka.now_ms += 60_000
        router.step()
    simulation.routers.pop().close()
    for place in [Place(topic, NUMBER) for topic in (*STATE_TOPICS, JOURNAL)]:
        del kafka.logs[place][ends[place] :]
    assert offsets == {place: at for place, at in kafka.committed.items() if place.partition == NUMBER}
    said = comes_back(simulation).output.getvalue()
    assert f"partition {NUMBER} stops: the journal head stands at sequence {before}" in said
    assert sequences(simulation) == before


def test_whoever_comes_back_sees_that_another_one_has_decided_although_no_input_was_read() -> None:
    """Else it would go on from what it had, until its next commit is refused."""
    simulation = history()
    sleeper = comes_back(simulation)
    simulation.kafka.group.leave(sleeper.member)
    before = sequences(simulation)
    simulation.start()
    successor = simulation.routers.pop()
    while sequences(simulation) == before:
        simulation.kafka.now_ms += 60_000
        successor.step()
    successor.close()
    while not sleeper.has_said(f"partition {NUMBER} starts again"):
        sleeper.step()
    assert sleeper.has_said(f"partition {NUMBER} starts again: another process decided for it meanwhile")


def test_a_row_that_was_lost_stops_the_partition() -> None:
    simulation = history()
    log = simulation.kafka.logs[Place(LEDGER, NUMBER)]
    # A stock row: its version counts up, so that its last value differs from the one before.
    last_row = max(at for at, stored in enumerate(log) if b'"stock"' in (stored.key or b""))
    log[last_row] = Stored(is_marker=True, timestamp_ms=0)
    said = comes_back(simulation).output.getvalue()
    assert f"partition {NUMBER} stops" in said
    assert "digest" in said


def test_a_row_that_cannot_be_read_stops_the_partition() -> None:
    simulation = history()
    head = HeadRow(NUMBER, 1, 1, 1, ())
    place = Place("router-state", NUMBER)
    offset = len(simulation.kafka.logs[place])
    simulation.kafka.append(place, encode_key(row_key(head)), encode_row(head)[:-2])
    said = comes_back(simulation).output.getvalue()
    assert f"router-state, partition {NUMBER}, offset {offset} cannot be read by this version" in said


def test_a_partition_that_stops_while_it_is_read_back_leaves_no_reader_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client that nobody reads from would go on fetching for as long as the process lives."""
    simulation = history()
    simulation.kafka.append(Place("router-state", NUMBER), None, b"no row")
    open_readers: list[SimulatedReader] = []
    assign, close = SimulatedReader.assign, SimulatedReader.close

    def assigned(reader: SimulatedReader, starts: Mapping[Place, int]) -> None:
        open_readers[:] = [*(each for each in open_readers if each is not reader), reader]
        assign(reader, starts)

    def closed(reader: SimulatedReader) -> None:
        open_readers[:] = [each for each in open_readers if each is not reader]
        close(reader)

    monkeypatch.setattr(SimulatedReader, "assign", assigned)
    monkeypatch.setattr(SimulatedReader, "close", closed)
    router = SimulatedRouter(simulation.kafka, "one", Random(1), lambda _step: None, standby=False)
    while not router.has_said(f"partition {NUMBER} stops"):
        router.step()
    for _ in range(50):
        router.step()
    assert open_readers == []


@pytest.mark.parametrize("first", [1, 2, 7])
def test_the_journal_is_read_from_its_end_as_far_as_needed(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = history()
    monkeypatch.setattr(restore, "TAIL_ENTRIES_FIRST", first)
    monkeypatch.setattr(restore, "TAIL_GROWTH", 2)
    said = comes_back(simulation).output.getvalue()
    assert f"partition {NUMBER} restored" in said
    # Everything that was ever accepted is known: sent again, it has no second effect.
    decisions = len(simulation.records(DECISIONS))
    chance = Random(1)
    for value in chance.sample(simulation.world.inputs[ORDERS], 10):
        simulation.kafka.append(Place(ORDERS, NUMBER), b"key", value)
    for _ in range(200):
        simulation.kafka.now_ms += 1
        simulation.routers[0].step()
    assert len(simulation.records(DECISIONS)) == decisions


def test_an_input_that_cannot_be_opened_on_a_cold_start_breaks_its_partition_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody has deleted the topic while the reference was read."""
    start_at = SimulatedConsumer.start_at

    def refuse_stock(consumer: SimulatedConsumer, place: Place, offset: int) -> None:
        if place == Place(INVENTORY, NUMBER):
            raise PortFault(Remedy.OPERATOR, "the topic does not exist")
        start_at(consumer, place, offset)

    monkeypatch.setattr(SimulatedConsumer, "start_at", refuse_stock)
    simulation = Simulation(5)
    router = SimulatedRouter(
        simulation.kafka, "one", simulation.chance, lambda _step: None, standby=False, setbacks_max=3
    )
    for _ in range(200):
        simulation.kafka.now_ms += 1
        router.step()
    assert router.has_said(f"partition {NUMBER} stops: the topic does not exist (3 times in a row)")
    phases = {number: state.phase for number, state in router.services.health.ready().partitions.items()}
    assert {number for number, phase in phases.items() if phase != LIVE} == {str(NUMBER)}


def test_a_crash_in_the_middle_of_a_cold_start_does_not_open_the_gate() -> None:
    simulation = Simulation(5)
    simulation.is_calm = True
    world = simulation.world
    world.apply(entities())
    for _ in range(40):
        world.stock_event()
        world.order()
    world.send_all()
    stock_end = len(simulation.kafka.logs[Place(INVENTORY, NUMBER)])
    for _ in range(8):
        # The last process ends in the middle of what it reads first.
        simulation.start()
        while len(simulation.routers) > 1:
            simulation.kafka.group.leave(simulation.routers.pop(0).member)
        before = sequences(simulation)
        for _ in range(1_000):
            if sequences(simulation) == before:
                simulation.routers[0].step()
    simulation.settle()
    entries = [decode_journal(record.value or b"") for record in simulation.records(JOURNAL)]
    first = next(at for at, entry in enumerate(entries) if ORDERS in {each.topic for each in entry.inputs})
    stock_read = [each.next for entry in entries[:first] for each in entry.inputs if each.topic == INVENTORY]
    assert first > 1
    assert stock_read[-1] == stock_end
    assert simulation.audit().violations == []
