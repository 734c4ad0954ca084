"""Reading places that one names oneself, as every verb and every restore does, without a consumer group.

librdkafka insists that a group is named, asks the brokers for its coordinator whether it is used or not, and tells
their refusal among the records, once.  Whoever may read a topic need not be allowed a group, so that is left out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message

from infra.errors import Refused, SluiceError

UNUSED_GROUP = "sluice-read"


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


def unreadable(what: str, error: KafkaError) -> SluiceError:
    """What a verb ends with; whoever may not read it, a router's user for one, hears how to learn what is missing."""
    told = f"{what} cannot be read: {error.str()}"
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        return Refused(f"{told}. `sluice doctor --role reader` shows what this user may do")
    return SluiceError(told)


def _is_about_the_group(message: Message) -> bool:
    error = message.error()
    return error is not None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED
