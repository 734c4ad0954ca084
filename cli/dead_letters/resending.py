"""Sends refused inputs again as they were: the same bytes to the same place."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from cli.shared.connection import Connection
from cli.shared.letters import Letter
from cli.shared.pacing import Pauses
from cli.shared.sending import ANSWER_DELAY_S, INTERRUPTED_TIMEOUT_S
from cli.words.counting import counted
from infra.errors import Interrupted, SluiceError
from infra.writing import RecordWriter, reason_of
from schemas.kinds import FULFILMENT, INVENTORY, ORDERS, REFERENCE
from schemas.topics import DEAD_LETTER_BYTES_MAX

DELIVERY_TIMEOUT_S = 60.0


IN_TURN = (REFERENCE, INVENTORY, ORDERS, FULFILMENT)
"""What each needs of the ones before: an order its stock, a warehouse's answer the order that it is about."""


def place_in_turn(letter: Letter) -> tuple[int, int, int]:
    """Topic by topic, so that two pauses do for any number of letters; each topic in its own order."""
    return IN_TURN.index(letter.topic), letter.partition, letter.offset


def resend(connection: Connection, letters: Iterable[Letter]) -> list[Letter]:
    """Sends them by `place_in_turn` and returns what the broker has stored; what it refused is an error at the end.

    Raises `Interrupted` at Ctrl-C.
    """
    producer = RecordWriter(
        {
            **connection.properties,
            "linger.ms": 5,
            # An input may have arrived compressed: the broker decides what is too large.
            "message.max.bytes": DEAD_LETTER_BYTES_MAX,
        }
    )
    stored: list[Letter] = []
    refused: list[str] = []
    pauses = Pauses()
    in_turn = sorted(letters, key=place_in_turn)
    try:
        for letter in in_turn:
            if pauses.due_before(letter.topic):
                producer.flush(DELIVERY_TIMEOUT_S)
                time.sleep(ANSWER_DELAY_S)

            def delivered(error: KafkaError | None, _message: Any, letter: Letter = letter) -> None:
                if error is None:
                    stored.append(letter)
                else:
                    refused.append(f"{letter.id}: {reason_of(error)}")

            name = connection.names.prefix + letter.topic
            try:
                producer.write(name, letter.key, letter.value, letter.partition, delivered)
            except KafkaException as error:
                raise SluiceError(f"{letter.id} could not be sent again: {error.args[0].str()}") from None
        left = producer.flush(DELIVERY_TIMEOUT_S)
    except KeyboardInterrupt:
        producer.flush(INTERRUPTED_TIMEOUT_S)
        raise Interrupted(
            f"interrupted: {len(stored):,} of {counted(len(in_turn), 'dead letter')} sent again. Say it once more for "
            "the rest: what has been taken has no further effect"
        ) from None
    if refused or left:
        reasons = "\n".join(f"  {reason}" for reason in refused) or "  no answer from the broker"
        raise SluiceError(f"{len(stored)} were sent again; the broker did not take the others:\n{reasons}")
    return stored
