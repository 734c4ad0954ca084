"""A member with a name of its own whom the broker shuts out: by its own client's doing, or by another process."""

from __future__ import annotations

from functools import partial
from typing import Any

from confluent_kafka import KafkaException

from flows.port import PortFault
from infra.kafka.broker import LocalKafka
from tests.flows.kafka.port_world import Member, Real, joined, until
from tests.side_by_side import takes


@takes(16)
def test_whoever_its_own_client_shut_out_is_a_member_again(mortal_kafka: LocalKafka, prefix: str) -> None:
    world = Real(mortal_kafka.bootstrap, prefix, static=True)
    members = [joined(world, "one"), Member(world.port("two"))]
    until(lambda: _all_own(members))
    # As long as the broker is away the flow waits for its commit, and does not poll.
    mortal_kafka.kill()
    until(lambda: all(_client(each).memberid() is None for each in members))
    mortal_kafka.start()
    for each in members:
        until(partial(_is_shut_out, each))
        each.told.clear()
    # The one is told by its next poll, the other one when a failed commit makes it ask to join again.
    members[1].consumer.rejoin()
    until(lambda: _all_own(members))
    for each in members:
        # And once more where the one was dealt to before the other one asked.
        assert each.told[:2] == ["revoked", "assigned"]
    for each in members:
        each.consumer.close()


@takes(4)
def test_whoever_was_shut_out_once_takes_its_name_again(kafka: Any, prefix: str) -> None:
    """A broker that stood still finds two questions to join of one client, and the answer to the second fences it."""
    world = Real(kafka.bootstrap, prefix, static=True)
    member = joined(world, "one")
    # Whoever has a name of its own keeps it after closing: to the member this looks like its own second question.
    joined(world, "one").consumer.close()
    member.told.clear()
    warnings: list[str] = []

    def is_back() -> bool:
        warnings.extend(member.consumer.poll(0.05, 100).warnings)
        return member.told == ["revoked", "assigned"]

    until(is_back)
    assert any("joins again with a new client" in each for each in warnings)
    member.consumer.close()


@takes(4)
def test_of_two_processes_with_one_name_one_gives_up(kafka: Any, prefix: str) -> None:
    """Each shuts the other one out as soon as it joins, which would go on for ever."""
    world = Real(kafka.bootstrap, prefix, static=True)
    members = [joined(world, "one"), joined(world, "one")]
    given_up: list[Member] = []
    sentences: list[str] = []

    def one_gives_up() -> bool:
        for each in members:
            try:
                each.consumer.poll(0.05, 100)
            except PortFault as fault:
                given_up.append(each)
                sentences.append(fault.sentence)
                return True
        return False

    until(one_gives_up)
    (loser,) = given_up
    assert "another process has joined it under the same name" in sentences[0]
    loser.consumer.close()
    (winner,) = set(members) - {loser}
    until(lambda: _all_own([winner]))
    winner.consumer.close()


def _all_own(members: list[Member]) -> bool:
    for each in members:
        each.consumer.poll(0.05, 100)
    return all(each.owned for each in members)


def _client(member: Member) -> Any:
    consumer: Any = member.consumer
    return consumer._consumer


def _is_shut_out(member: Member) -> bool:
    """Only the client knows, and says so of a subscription; a poll would give back what it owns before it is."""
    consumer: Any = member.consumer
    try:
        consumer._join()
    except KafkaException:
        return True
    return False
