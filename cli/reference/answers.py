"""What a router says of a set: it is in force, it was refused, or one of its records came back as a dead letter."""

from __future__ import annotations

import time

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from msgspec import MsgspecError, Struct, field

from cli.shared.connection import Connection
from infra.errors import SluiceError
from infra.reading import PlaceReader, headers_of
from schemas.codec import decode_notice
from schemas.notices import SetActivated, SetRefused
from schemas.topics import DEAD_LETTERS, EXCEPTIONS, Topic

TIMEOUT_S = 30.0


class ReturnedRecord(Struct, frozen=True):
    """A record of a set that the router gave back as a dead letter, and why."""

    id: str
    reason: str
    detail: str


Answer = SetActivated | SetRefused | ReturnedRecord


class _OutlineData(Struct):
    set_id: str = ""


class _Outline(Struct):
    """What tells whose record a dead letter was; everything else may be what was wrong with it."""

    id: str = ""
    network: str = ""
    data: _OutlineData = field(default_factory=_OutlineData)


_outline_decoder = msgspec.json.Decoder(_Outline)


class Answers:
    """What routers say of the sets of one network, from the moment on that this is made."""

    def __init__(self, connection: Connection, network: str, partition: int) -> None:
        self._properties = connection.properties
        self._names = connection.names
        self._network = network
        self._partition = partition
        self.begin = self._ends()
        """Where the next notice will stand, and the next dead letter where this user may read those."""

    def of(self, set_id: str, wait_s: float) -> Answer | None:
        """What a router says of a set; None when it says nothing in time."""
        deadline = time.monotonic() + wait_s
        with self._reader() as consumer:
            consumer.assign(
                [
                    TopicPartition(self._names.of(topic), self._partition, offset)
                    for topic, offset in self.begin.items()
                ]
            )
            while (left_s := deadline - time.monotonic()) > 0:
                message = consumer.poll(min(left_s, 1.0))
                if message is None or message.error() is not None:
                    continue
                is_letter = message.topic() == self._names.of(DEAD_LETTERS)
                answer = self._returned(message, set_id) if is_letter else self._notice(message, set_id)
                if answer is not None:
                    return answer
        return None

    def _ends(self) -> dict[Topic, int]:
        with self._reader() as consumer:
            topics = [EXCEPTIONS, DEAD_LETTERS] if self._is_shown(consumer, DEAD_LETTERS) else [EXCEPTIONS]
            return {topic: self._end(consumer, topic) for topic in topics}

    def _is_shown(self, consumer: Consumer, topic: Topic) -> bool:
        """Whether this user may see the topic; who may not applies all the same, and is not told what came back."""
        name = self._names.of(topic)
        error = consumer.list_topics(name, TIMEOUT_S).topics[name].error
        return error is None or error.code() != KafkaError.TOPIC_AUTHORIZATION_FAILED

    def _end(self, consumer: Consumer, topic: Topic) -> int:
        place = TopicPartition(self._names.of(topic), self._partition)
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return int(consumer.get_watermark_offsets(place, timeout=TIMEOUT_S)[1])
            except KafkaException as error:
                # A partition that was just created has no leader for a moment.
                if time.monotonic() > deadline:
                    fault = error.args[0]
                    raise SluiceError(f"{place.topic} could not be read: {fault.str()}") from None
                time.sleep(0.1)

    def _notice(self, message: Message, set_id: str) -> SetActivated | SetRefused | None:
        try:
            notice = decode_notice(message.value() or b"")
        except MsgspecError:
            return None
        is_ours = notice.network == self._network
        if is_ours and isinstance(notice, SetActivated | SetRefused) and notice.data.set_id == set_id:
            return notice
        return None

    def _returned(self, message: Message, set_id: str) -> ReturnedRecord | None:
        """A record of the set that came back as a dead letter; the set can then never take effect."""
        try:
            outline = _outline_decoder.decode(message.value() or b"")
        except (MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        if (outline.network, outline.data.set_id) != (self._network, set_id):
            return None
        said = headers_of(message)
        return ReturnedRecord(outline.id, said.get("reason", ""), said.get("detail", ""))

    def _reader(self) -> PlaceReader:
        return PlaceReader({**self._properties, "auto.offset.reset": "earliest"})
