"""Reading a topic to a given end: what ends it, what passes, and what is an error."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError

from infra import reading
from infra.errors import Refused, SluiceError
from infra.reading import PlaceReader, read_until

PASSING = {KafkaError._TRANSPORT}


def record(partition: int, offset: int, code: int | None = None) -> Any:
    error = None if code is None else KafkaError(code)
    return SimpleNamespace(partition=lambda: partition, offset=lambda: offset, error=lambda: error)


def consumer(*batches: Sequence[Any]) -> PlaceReader:
    """What comes, poll by poll; afterwards nothing."""
    left = [list(batch) for batch in batches]
    taken: list[Any] = []

    def poll(_timeout_s: float) -> Any:
        taken[:] = left.pop(0) if left else []
        return taken.pop(0) if taken else None

    return cast(PlaceReader, SimpleNamespace(poll=poll, consume=lambda _most, _timeout_s: list(taken)))


def read(*batches: Sequence[Any]) -> list[tuple[int, int]]:
    found = read_until(consumer(*batches), "orders", {0: 2, 1: 5}, PASSING)
    return [(each.partition() or 0, each.offset() or 0) for each in found]


def test_each_partition_is_read_to_its_end_and_no_further() -> None:
    """The last offsets may be control markers, which no client sees: then the end is where Kafka says so."""
    end = record(1, 5, KafkaError._PARTITION_EOF)
    lost = record(0, 0, KafkaError._TRANSPORT)
    assert read([record(0, 0), record(1, 3)], [], [lost, record(0, 1), record(0, 2)], [end]) == [
        (0, 0), (1, 3), (0, 1),
    ]  # fmt: skip


def test_silence_before_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SILENCE_MAX_S", 0.0)
    with pytest.raises(SluiceError, match=r"orders did not answer for 0 s. `sluice doctor`"):
        read([record(0, 0)])


def test_an_error_that_does_not_pass_is_told_and_a_missing_right_with_its_remedy() -> None:
    with pytest.raises(SluiceError, match="orders cannot be read: "):
        read([record(0, 0, KafkaError._AUTO_OFFSET_RESET)])
    with pytest.raises(Refused, match="doctor --role reader"):
        read([record(0, 0, KafkaError.TOPIC_AUTHORIZATION_FAILED)])
