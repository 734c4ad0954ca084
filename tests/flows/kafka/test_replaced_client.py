"""A client that was replaced may still be told of an assignment while it is closed: that is nobody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from confluent_kafka import TopicPartition

from flows.kafka import consumer
from flows.kafka.consumer import KafkaConsumer
from flows.kafka.reports import BrokerErrors
from schemas.kinds import ORDERS


class Client:
    """In the place of the Kafka client: `on_assign` tells it what the group gives."""

    made: Sequence[Client] = ()

    def __init__(self, _settings: Any) -> None:
        Client.made = [*Client.made, self]
        self.on_assign: Callable[[Any, list[TopicPartition]], None] = lambda _client, _given: None

    def subscribe(self, _topics: Any, on_assign: Any, on_revoke: Any, on_lost: Any) -> None:
        self.on_assign = on_assign

    def assign(self, places: list[TopicPartition]) -> None: ...

    def pause(self, places: list[TopicPartition]) -> None: ...

    def close(self) -> None: ...


def test_only_the_client_in_use_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever believed the other one would fence the owner of what it was given, and could not read it."""
    monkeypatch.setattr(consumer, "Consumer", Client)
    monkeypatch.setattr(Client, "made", ())
    told: list[str] = []
    member = KafkaConsumer({}, "p.", BrokerErrors())
    member.subscribe(
        [ORDERS], lambda _places: told.append("assigned"), lambda _places: told.append("revoked")
    )
    member.start_over()
    before, in_use = Client.made
    before.on_assign(before, [TopicPartition(f"p.{ORDERS}", 0)])
    assert told == []
    in_use.on_assign(in_use, [TopicPartition(f"p.{ORDERS}", 0)])
    assert told == ["assigned"]
