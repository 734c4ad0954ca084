"""Reading places that one names oneself, as every verb and every restore does, without a consumer group.

librdkafka insists that a group is named, asks the brokers for its coordinator whether it is used or not, and tells
their refusal among the records, once.  Whoever may read a topic need not be allowed a group, so that is left out here.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message

from infra.errors import Refused, SluiceError

UNUSED_GROUP = "sluice-read"
POLL_S = 1.0
SILENCE_MAX_S = 30.0
"""How long a topic may stay silent before its end; then it is given up."""
BATCH_RECORDS = 2_000


class PlaceReader(Consumer):
    """A consumer that is assigned places: it joins no group, commits nothing, and needs no right on a group."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__(
            {
                "log_level": 0,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "allow.auto.create.topics": False,
                "fetch.wait.max.ms": 10,
                **properties,
                "group.id": UNUSED_GROUP,
                "enable.auto.commit": False,
            }
        )

    def poll(self, timeout: float = -1) -> Message | None:
        """The next record or event of a place."""
        message = super().poll(timeout)
        while message is not None and _is_about_the_group(message):
            message = super().poll(timeout)
        return message

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        """Records and events of the places, as many as there are in that time."""
        messages = super().consume(num_messages, timeout)
        # A restore comes here a million times, and nearly never with an error.
        if any(map(Message.error, messages)):
            return [message for message in messages if not _is_about_the_group(message)]
        return messages


def read_until(
    consumer: PlaceReader, name: str, ends: Mapping[int, int], passing: Collection[int]
) -> Iterator[Message]:
    """Every record of a topic before the offsets at which its partitions end; the consumer is assigned to them.

    `passing` are the codes of errors that mend themselves.  Raises `SluiceError` for any other one, and after silence.
    """
    left = set(ends)
    heard_s = time.monotonic()
    while left:
        # One is waited for and the rest taken as it is: a batch with a time-out waits for all of it.
        first = consumer.poll(POLL_S)
        for message in [first, *consumer.consume(BATCH_RECORDS, 0)] if first is not None else ():
            partition, offset = message.partition() or 0, message.offset() or 0
            error = message.error()
            if error is None:
                if offset < ends[partition]:
                    yield message
                if offset + 1 >= ends[partition]:
                    left.discard(partition)
                heard_s = time.monotonic()
            elif error.code() == KafkaError._PARTITION_EOF:
                # The last offsets are often control markers, which no client sees.
                left.discard(partition)
            elif error.code() not in passing:
                raise unreadable(name, error)
        if left and time.monotonic() - heard_s > SILENCE_MAX_S:
            raise SluiceError(
                f"{name} did not answer for {SILENCE_MAX_S:.0f} s. `sluice doctor` looks at its brokers"
            )


def unreadable(what: str, error: KafkaError) -> SluiceError:
    """What a verb ends with; whoever may not read it, a router's user for one, hears how to learn what is missing."""
    told = f"{what} cannot be read: {error.str()}"
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return Refused(f"{told}. `sluice doctor --role reader` shows what this user may do")
    return SluiceError(told)


def headers_of(message: Message) -> dict[str, str]:
    """What the headers of a record say, as text."""
    pairs: Any = message.headers() or []
    return {name: (content or b"").decode(errors="replace") for name, content in pairs}


def _is_about_the_group(message: Message) -> bool:
    error = message.error()
    return error is not None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED
