"""What the flow relies on of its Kafka client, asserted of the real broker and of the simulated one alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from flows.port import Committed, Place, PortFault, Remedy
from schemas.kinds import DECISIONS, INPUT_TOPICS, ORDERS
from schemas.records import Record
from tests.flows.kafka.port_world import (
    PARTITIONS,
    WAIT_S,
    Member,
    Real,
    Simulated,
    World,
    joined,
    read_to_end,
    until,
)

ORDERS_0 = Place(ORDERS, 0)
DECISIONS_0 = Place(DECISIONS, 0)


@pytest.fixture(params=["simulated", pytest.param("real", marks=pytest.mark.kafka)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "simulated":
        return Simulated()
    return Real(request.getfixturevalue("kafka").bootstrap, request.getfixturevalue("prefix"))


def until_written(world: World, place: Place, end: int) -> None:
    """A commit is answered before its marker is written everywhere."""
    until(lambda: world.port("one").watermarks([place], WAIT_S)[place] == (0, end))


def decided(world: World) -> list[bytes | None]:
    """The first that can be read of the decisions, waited for: until its marker is written, there is nothing."""
    reader = world.port("one").reader()
    reader.assign({DECISIONS_0: 0})
    values: list[bytes | None] = []

    def is_there() -> bool:
        values.extend(record.value for record in reader.read(100, 0.02))
        return bool(values)

    until(is_there)
    reader.close()
    return values


@pytest.fixture
def member(world: World) -> Iterator[Member]:
    member = joined(world, "one")
    yield member
    member.consumer.close()


def test_what_is_assigned_is_silent_until_it_is_started(world: World, member: Member) -> None:
    world.append(ORDERS_0, b"a", b"b", b"c")
    assert member.nothing()
    member.consumer.start_at(ORDERS_0, 1)
    assert member.values(2) == [(1, b"b"), (2, b"c")]
    assert member.consumer.position(ORDERS_0) == 3


def test_a_poll_returns_no_more_than_it_was_asked_for(world: World, member: Member) -> None:
    world.append(ORDERS_0, *[b"%d" % number for number in range(50)])
    member.consumer.start_at(ORDERS_0, 0)
    sizes: list[int] = []

    def all_there() -> bool:
        sizes.append(len(member.consumer.poll(0.05, 7).records))
        return sum(sizes) == 50

    until(all_there)
    assert max(sizes) <= 7


def test_what_is_paused_is_silent_and_starts_where_it_is_told(world: World, member: Member) -> None:
    world.append(ORDERS_0, b"a", b"b")
    member.consumer.start_at(ORDERS_0, 0)
    assert member.values(2) == [(0, b"a"), (1, b"b")]
    member.consumer.pause([ORDERS_0])
    world.append(ORDERS_0, b"c")
    assert member.nothing()
    member.consumer.start_at(ORDERS_0, 1)
    assert member.values(2) == [(1, b"b"), (2, b"c")]


def test_records_and_offsets_are_committed_together(world: World, member: Member) -> None:
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)
    producer.begin()
    producer.produce(DECISIONS, 0, b"k", b"v", [("h", b"x")])
    producer.send_offsets({ORDERS_0: 5}, member.consumer.membership(), WAIT_S)
    assert world.port("one").watermarks([DECISIONS_0], WAIT_S) == {DECISIONS_0: (0, 0)}
    producer.commit(WAIT_S)
    assert world.port("one").committed([ORDERS_0, Place(ORDERS, 1)], WAIT_S).offsets == {
        ORDERS_0: 5,
        Place(ORDERS, 1): None,
    }
    assert decided(world) == [b"v"]


def test_a_note_is_kept_beside_the_offsets(world: World, member: Member) -> None:
    """Also by a transaction that holds nothing else."""
    port = world.port("one")
    assert port.committed([ORDERS_0], WAIT_S) == Committed({ORDERS_0: None}, "")
    producer = port.producer(0)
    producer.init(WAIT_S)
    for note in ("first", "second"):
        producer.begin()
        producer.send_offsets({ORDERS_0: 5}, member.consumer.membership(), WAIT_S, note)
        producer.commit(WAIT_S)
        assert port.committed([ORDERS_0], WAIT_S) == Committed({ORDERS_0: 5}, note)


def test_what_is_aborted_was_never_there(world: World, member: Member) -> None:
    for value, is_committed in ((b"no", False), (b"yes", True)):
        # A new one after an abort, as the flow does it: the abort has purged what the client had not sent.
        producer = world.port("one").producer(0)
        producer.init(WAIT_S)
        producer.begin()
        producer.produce(DECISIONS, 0, b"k", value, None)
        producer.send_offsets({ORDERS_0: 7 if is_committed else 99}, member.consumer.membership(), WAIT_S)
        if is_committed:
            producer.commit(WAIT_S)
        else:
            producer.abort(WAIT_S)
            assert world.port("one").committed([ORDERS_0], WAIT_S).offsets == {ORDERS_0: None}
    assert world.port("one").committed([ORDERS_0], WAIT_S).offsets == {ORDERS_0: 7}
    assert decided(world) == [b"yes"]


def test_init_fences_the_previous_owner_and_ends_its_transaction(world: World, member: Member) -> None:
    membership = member.consumer.membership()
    first, second = world.port("one").producer(0), world.port("two").producer(0)
    first.init(WAIT_S)
    first.begin()
    first.produce(DECISIONS, 0, b"k", b"zombie", None)
    first.send_offsets({ORDERS_0: 3}, membership, WAIT_S)
    second.init(WAIT_S)
    second.begin()
    second.produce(DECISIONS, 0, b"k", b"owner", None)
    second.send_offsets({ORDERS_0: 4}, membership, WAIT_S)
    second.commit(WAIT_S)
    with pytest.raises(PortFault) as fault:
        first.commit(WAIT_S)
    assert fault.value.remedy is Remedy.REJOIN
    assert world.port("one").committed([ORDERS_0], WAIT_S).offsets == {ORDERS_0: 4}
    assert decided(world) == [b"owner"]


def test_other_partitions_are_not_fenced(world: World, member: Member) -> None:
    producers = [world.port("one").producer(number) for number in (0, 1)]
    for producer in producers:
        producer.init(WAIT_S)
    for number, producer in enumerate(producers):
        producer.begin()
        producer.produce(DECISIONS, number, b"k", b"v", None)
        producer.send_offsets({Place(ORDERS, number): 1}, member.consumer.membership(), WAIT_S)
    for producer in producers:
        producer.commit(WAIT_S)
    places = [Place(ORDERS, 0), Place(ORDERS, 1)]
    assert world.port("one").committed(places, WAIT_S).offsets == dict.fromkeys(places, 1)


def test_a_reader_reaches_the_end_past_control_markers_and_of_nothing(world: World) -> None:
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)
    for number in range(3):
        producer.begin()
        producer.produce(DECISIONS, 0, b"k", b"%d" % number, None)
        producer.commit(WAIT_S)
    until_written(world, DECISIONS_0, 6)
    reader = world.port("one").reader()
    places = [DECISIONS_0, ORDERS_0]
    assert world.port("one").watermarks(places, WAIT_S) == {DECISIONS_0: (0, 6), ORDERS_0: (0, 0)}
    reader.assign({DECISIONS_0: 0, ORDERS_0: 0, Place(DECISIONS, 1): 0})
    assert not reader.at_end()
    assert read_to_end(reader, records_max=2) == [b"0", b"1", b"2"]
    reader.assign({DECISIONS_0: 4})
    assert read_to_end(reader) == [b"2"]
    reader.close()


def test_a_reader_goes_on_with_what_is_committed_later(world: World) -> None:
    reader = world.port("one").reader(follows=True)
    reader.assign({DECISIONS_0: 0})
    assert read_to_end(reader) == []
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)
    for value, is_committed in ((b"a", True), (b"never", False)):
        producer.begin()
        producer.produce(DECISIONS, 0, b"k", value, None)
        producer.commit(WAIT_S) if is_committed else producer.abort(WAIT_S)
    found: list[bytes | None] = []

    def is_read() -> bool:
        found.extend(record.value for record in reader.read(100, 0.02))
        return bool(found) and reader.lag() == 0

    until(is_read)
    assert found == [b"a"]
    # The end is asked for again: what was read meanwhile is not read twice.
    reader.assign({DECISIONS_0: 1})
    assert read_to_end(reader) == []
    reader.close()


def test_a_reader_comes_to_an_end_while_somebody_goes_on_committing(world: World) -> None:
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)

    def commit() -> None:
        producer.begin()
        producer.produce(DECISIONS, 0, b"k", b"v", None)
        producer.commit(WAIT_S)

    commit()
    until_written(world, DECISIONS_0, 2)
    # So patient that no fetch ever brings nothing, as where commits come thick and fast.
    reader = world.port("two", fetch_wait_ms=55_000).reader(follows=True)
    reader.assign({DECISIONS_0: 0})
    count = 0

    def is_at_end() -> bool:
        nonlocal count
        count += len(reader.read(100, 0.0))
        commit()
        return reader.at_end()

    until(is_at_end)
    assert count > 0
    reader.close()


def test_a_question_is_answered_while_the_flow_waits_in_a_poll(world: World, member: Member) -> None:
    world.append(ORDERS_0, b"a")
    member.consumer.start_at(ORDERS_0, 1)

    def wait() -> None:
        # A poll also ends where the end is found, which brings no record.
        until(lambda: bool(member.consumer.poll(WAIT_S, 1).records))

    polling = threading.Thread(target=wait, daemon=True)
    polling.start()
    port = world.port("one")
    assert port.committed([ORDERS_0], WAIT_S).offsets == {ORDERS_0: None}
    assert port.watermarks([ORDERS_0], WAIT_S) == {ORDERS_0: (0, 1)}
    assert polling.is_alive(), "the answers did not wait for the end of the poll"
    world.append(ORDERS_0, b"b")
    polling.join(WAIT_S)
    assert not polling.is_alive()


def test_the_others_of_the_group_are_counted_before_one_joins(world: World) -> None:
    assert world.port("one").others(WAIT_S) == 0
    member = joined(world, "one")
    assert world.port("two").others(WAIT_S) == 1
    member.consumer.close()
    assert world.port("two").others(WAIT_S) == 0


def test_who_has_not_joined_is_given_nothing(world: World) -> None:
    consumer = world.port("one").consumer()
    assert consumer.poll(0.05, 100).records == []
    assert world.port("two").others(WAIT_S) == 0
    consumer.close()


def test_where_there_are_enough_members_a_newcomer_displaces_nobody(world: World, member: Member) -> None:
    members = [member]
    for name in ("two", "zero"):
        newcomer = Member(world.port(name))
        members.append(newcomer)

        def is_dealt(newcomer: Member = newcomer) -> bool:
            for each in members:
                each.consumer.poll(0.05, 100)
            # Everybody is told of the new deal, and what is owned is owned once.
            owned = [place for each in members for place in each.owned]
            return len(owned) == len(set(owned)) == PARTITIONS * len(INPUT_TOPICS) and newcomer.told != []

        until(is_dealt)
    assert [bool(each.owned) for each in members] == [True, True, False]
    for each in members[1:]:
        each.consumer.close()


@pytest.mark.parametrize("start", [0, 1])
def test_a_position_passes_the_control_markers_at_the_end(world: World, member: Member, start: int) -> None:
    """Also where there is no record before them."""
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)
    producer.begin()
    producer.produce(ORDERS, 0, b"k", b"order", None)
    producer.commit(WAIT_S)
    member.consumer.start_at(ORDERS_0, start)
    assert member.values(1 - start) == [(0, b"order")][start:]

    def is_past() -> bool:
        member.consumer.poll(0.05, 100)
        return member.consumer.position(ORDERS_0) == 2

    until(is_past)


def test_a_position_passes_them_again_after_reading_has_gone_back(world: World, member: Member) -> None:
    """As after a setback: the partition reads again what it has read before."""
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)
    for value, is_committed in ((b"order", True), (b"never", False)):
        producer.begin()
        producer.produce(ORDERS, 0, b"k", value, None)
        until(lambda: _is_stored(world, producer))
        producer.commit(WAIT_S) if is_committed else producer.abort(WAIT_S)
    end = 4
    until_written(world, ORDERS_0, end)

    def is_past() -> bool:
        member.consumer.poll(0.05, 100)
        return member.consumer.position(ORDERS_0) == end

    for start in (0, 0, 1, end, 1):
        member.consumer.pause([ORDERS_0])
        member.consumer.start_at(ORDERS_0, start)
        assert member.consumer.position(ORDERS_0) == start
        until(is_past)
    assert member.nothing()
    world.append(ORDERS_0, b"next")
    assert member.values(1) == [(end, b"next")]


def test_a_position_is_never_beyond_what_was_polled_since_the_start(world: World, member: Member) -> None:
    """Also where reading goes back: what the client knows of before must not pass for read."""
    world.append(ORDERS_0, b"a", b"b", b"c", b"d")
    assert member.consumer.position(ORDERS_0) is None
    member.consumer.start_at(ORDERS_0, 0)
    assert len(member.values(4)) == 4
    assert member.consumer.position(ORDERS_0) == 4
    member.consumer.pause([ORDERS_0])
    assert member.consumer.position(ORDERS_0) is None
    member.consumer.start_at(ORDERS_0, 1)
    assert member.consumer.position(ORDERS_0) == 1

    def polled() -> list[tuple[int, Record]]:
        return member.consumer.poll(0.05, 1).records

    until(lambda: bool(polled()))
    assert member.consumer.position(ORDERS_0) == 2
    assert [value for _, value in member.values(2)] == [b"c", b"d"]
    world.append(ORDERS_0, b"e")
    assert member.values(1) == [(4, b"e")]
    assert member.consumer.position(ORDERS_0) == 5


def test_the_end_is_seen_with_a_fetch_that_brings_nothing(world: World, member: Member) -> None:
    empty = Place(ORDERS, 1)
    world.append(ORDERS_0, b"a", b"b")
    member.consumer.start_at(ORDERS_0, 2)
    member.consumer.start_at(empty, 0)

    def are_seen() -> bool:
        assert not member.consumer.poll(0.05, 100).records
        return (_end(member), member.consumer.end_last_seen(empty)) == (2, 0)

    until(are_seen)


def test_an_end_of_before_the_start_is_not_told(world: World, member: Member) -> None:
    """A partition may come back after an hour, and what came meanwhile would seem to be read."""
    world.append(ORDERS_0, b"a", b"b")
    member.consumer.start_at(ORDERS_0, 2)

    def end() -> int | None:
        assert not member.consumer.poll(0.05, 100).records
        return _end(member)

    until(lambda: end() == 2)
    member.consumer.rejoin()
    until(lambda: member.consumer.poll(0.05, 100) and member.told == ["assigned", "revoked", "assigned"])
    member.consumer.start_at(ORDERS_0, 2)
    assert _end(member) is None
    until(lambda: end() is not None)
    assert _end(member) == 2
    world.append(ORDERS_0, b"c")
    assert member.values(1) == [(2, b"c")]


def test_nothing_behind_an_open_transaction_is_read(world: World, member: Member) -> None:
    producer = world.port("one").producer(0)
    producer.init(WAIT_S)
    producer.begin()
    producer.produce(ORDERS, 0, b"k", b"open", None)
    # The offsets' answer shows that the record before them has arrived.
    producer.send_offsets({}, member.consumer.membership(), WAIT_S)
    until(lambda: _is_stored(world, producer))
    world.append(ORDERS_0, b"later")
    member.consumer.start_at(ORDERS_0, 0)
    assert member.nothing()
    # The gap comes with the statistics, the end with a poll: in either order.
    until(lambda: (_gap(member), _end(member)) == (2, 2))
    producer.commit(WAIT_S)
    assert [value for _, value in member.values(2)] == [b"open", b"later"]
    until(lambda: _gap(member) == 0)


def _end(member: Member) -> int | None:
    return member.consumer.end_last_seen(ORDERS_0)


def _gap(member: Member) -> int | None:
    """Between the last stable offset and the high watermark; what is polled meanwhile would be lost."""
    assert not member.consumer.poll(0.05, 100).records
    return member.consumer.stable_gap(ORDERS_0)


def _is_stored(world: World, producer: Any) -> bool:
    """The client sends by itself; only its queue says when it has."""
    inner = getattr(producer, "_producer", None)
    return inner is None or inner.flush(0.1) == 0


def test_members_share_the_partitions_and_each_has_one_owner(world: World, member: Member) -> None:
    second = Member(world.port("two"))

    def is_shared() -> bool:
        for each in (member, second):
            each.consumer.poll(0.05, 100)
        return bool(second.owned) and bool(member.owned) and not member.owned & second.owned

    until(is_shared)
    everything = {Place(topic, number) for topic in INPUT_TOPICS for number in range(PARTITIONS)}
    assert member.owned | second.owned == everything
    assert len({place.partition for place in member.owned}) == 1, "topics are shared out alike"
    assert member.told == ["assigned", "revoked", "assigned"]
    second.consumer.close()

    def is_back() -> bool:
        member.consumer.poll(0.05, 100)
        return member.owned == everything

    until(is_back)


@pytest.mark.parametrize("how", ["rejoin", "start_over"])
def test_rejoining_gives_everything_back_and_gets_it_again(world: World, member: Member, how: str) -> None:
    world.append(ORDERS_0, b"a")
    member.consumer.start_at(ORDERS_0, 0)
    assert member.values(1) == [(0, b"a")]
    getattr(member.consumer, how)()

    def is_back() -> bool:
        member.consumer.poll(0.05, 100)
        return member.told == ["assigned", "revoked", "assigned"]

    until(is_back)
    assert member.nothing(), "paused again, whatever it was before"
    member.consumer.start_at(ORDERS_0, 0)
    assert member.values(1) == [(0, b"a")]


def test_a_topic_that_was_made_anew_has_another_id(world: World) -> None:
    port = world.port("one")
    before = port.topic_ids(INPUT_TOPICS, WAIT_S)
    assert set(before) == set(INPUT_TOPICS)
    assert port.topic_ids([ORDERS], WAIT_S) == {ORDERS: before[ORDERS]}
    world.make_anew(ORDERS)
    until(lambda: port.topic_ids([ORDERS], WAIT_S) != {ORDERS: before[ORDERS]})
    assert (
        port.topic_ids(INPUT_TOPICS, WAIT_S).items() - before.items()
        == port.topic_ids([ORDERS], WAIT_S).items()
    )


def test_it_knows_which_topics_exist(world: World) -> None:
    topics = world.port("one").topics(WAIT_S)
    assert topics[ORDERS] == PARTITIONS
    assert topics[DECISIONS] == PARTITIONS
    assert "allocations.nobody" not in topics
