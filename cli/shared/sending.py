"""Sending events: each acknowledged, in their order, with the pauses that a router needs."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from cli.shared.connection import Connection
from cli.shared.event_file import EventLine, LineFault
from cli.shared.pacing import Pauses
from cli.words.counting import counted
from infra.errors import ConfigurationError, Interrupted, SluiceError
from infra.writing import RecordWriter, reason_of
from schemas.placement import partition_of
from schemas.topics import INPUT_BYTES_MAX

DELIVERY_TIMEOUT_S = 60.0
# What a router needs to take the stock before the first orders, and to ask a warehouse to ship before its answer
# makes sense: it reads topics side by side, so without a pause an order may overtake the count it needs.
ANSWER_DELAY_S = 1.0

# After Ctrl-C: what is on its way may still arrive, and is waited for as long as a person likes to wait.
INTERRUPTED_TIMEOUT_S = 5.0


def refuse(file: Path, faults: list[LineFault]) -> None:
    """Names every line that cannot be sent, if there is any."""
    if faults:
        for fault in sorted(faults, key=lambda fault: fault.line):
            print(f"{file}:{fault.line}: {fault.message}", file=sys.stderr)
        raise ConfigurationError(f"{counted(len(faults), 'line')} of {file} cannot be sent, so nothing was")


def send(
    events: Iterable[EventLine], connection: Connection, rate: float | None = None
) -> Counter[tuple[str, int]]:
    """Sends events in their order and returns how many went to each topic and partition.

    Raises `Interrupted` at Ctrl-C.
    """
    producer = RecordWriter(
        {
            **connection.properties,
            "linger.ms": 5,
            # The broker decides what is too large; librdkafka's own limit is a little below the broker's.
            "message.max.bytes": 2 * INPUT_BYTES_MAX,
        }
    )
    sent: Counter[tuple[str, int]] = Counter()
    stored: Counter[str] = Counter()
    refused: list[str] = []

    def delivered(error: KafkaError | None, message: Any) -> None:
        if error is None:
            stored[message.topic()] += 1
        else:
            refused.append(f"{message.topic()}: {reason_of(error)}")

    started = time.monotonic()
    pauses = Pauses()
    last_line = 0
    try:
        for event in events:
            if pauses.due_before(event.topic):
                _settle(producer, refused)
                time.sleep(ANSWER_DELAY_S)
                started += ANSWER_DELAY_S
            if rate is not None:
                time.sleep(max(0.0, started + sent.total() / rate - time.monotonic()))
            name = connection.names.prefix + event.topic
            partition = partition_of(event.network, connection.partitions)
            try:
                producer.write(name, event.network.encode(), event.value, partition, delivered)
            except KafkaException as error:
                raise SluiceError(f"line {event.line} could not be sent: {error.args[0].str()}") from None
            sent[name, partition] += 1
            last_line = event.line
        _settle(producer, refused)
    except KeyboardInterrupt:
        producer.flush(INTERRUPTED_TIMEOUT_S)
        raise Interrupted(how_far(sent.total(), stored.total(), last_line)) from None
    return sent


def how_far(sent: int, stored: int, last_line: int) -> str:
    """How far it came, so that a person knows what is left to send."""
    if not sent:
        return "interrupted before anything was sent"
    told = "all of them" if stored >= sent else f"{stored:,} of them"
    return (
        f"interrupted: {counted(sent, 'event')} sent, {told} acknowledged. The last one was line {last_line}; what "
        "follows it was not sent"
    )


def _settle(producer: Producer, refused: list[str]) -> None:
    """Waits until everything so far is stored, and says what is not."""
    left = producer.flush(DELIVERY_TIMEOUT_S)
    if refused or left:
        reason = refused[0] if refused else f"not acknowledged in {DELIVERY_TIMEOUT_S:.0f} s"
        raise SluiceError(
            f"{counted(len(refused) + left, 'event')} could not be sent ({reason}). Once that is mended, send "
            "all of them again: what has been taken has no further effect"
        )
