"""Questions to the brokers, from any thread, on clients that nobody polls.

A Consumer of confluent-kafka 2.16 lets one thread in at a time, and a flow that polls is in it nearly always: a
question that another thread puts to it is answered by luck (seen: after a minute).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from functools import partial
from typing import Any

from confluent_kafka import IsolationLevel, KafkaException, TopicCollection, TopicPartition, Uuid
from confluent_kafka.admin import AdminClient, ListOffsetsResultInfo, OffsetSpec

from flows.kafka.faults import port_fault
from flows.kafka.settings import Settings
from flows.port import Committed, Place, Places, PortFault, Remedy
from infra.committed import committed_places, offset_of
from infra.members import group_members

_EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]

UUID_CHARACTERS = 36

NO_ID = str(Uuid(0, 0))
"""Of every topic, where the brokers give none."""

Asked = Mapping[TopicPartition, "Future[ListOffsetsResultInfo]"]
"""Offsets that the brokers were asked for, and perhaps have not told yet."""


class KafkaQuestions:
    """See `flows.port.KafkaPort`.  `settings` are those of any client, `group` is the whole name of the group."""

    def __init__(self, settings: Settings, prefix: str, group: str, instance: str) -> None:
        # What nobody polls would keep every report for good.
        self._settings: Settings = settings | {"statistics.interval.ms": 0}
        self._prefix = prefix
        self._group = group
        self._instance = instance
        self._making = threading.Lock()
        self._admin_client: AdminClient | None = None
        self._refused = threading.Event()

    def ends(self, there: Iterable[TopicPartition], timeout_s: float) -> Asked:
        """Ask for the last stable offsets; does not wait for them."""
        return self._offsets(there, _LATEST, timeout_s)

    def watermarks(self, places: Places, timeout_s: float) -> dict[Place, tuple[int, int]]:
        named = [TopicPartition(self._prefix + place.topic, place.partition) for place in places]
        doing = f"find the ends of {', '.join(map(str, places))}"
        # The ends last: what is written meanwhile belongs to them, what is cut meanwhile is found to be gone.
        lows = self._offsets(named, _EARLIEST, timeout_s)
        ends = self.ends(named, timeout_s)
        return {
            place: (_told(lows[each], doing, timeout_s).offset, _told(ends[each], doing, timeout_s).offset)
            for place, each in zip(places, named, strict=True)
        }

    def committed(self, places: Places, timeout_s: float) -> Committed:
        named = [TopicPartition(self._prefix + place.topic, place.partition) for place in places]
        try:
            found = committed_places(self._settings, self._group, named, timeout_s)
        except KafkaException as error:
            raise port_fault(error, "read the committed offsets") from error
        told = {(each.topic, each.partition): each for each in found}
        ours = [told[each.topic, each.partition] for each in named]
        return Committed(
            {place: offset_of(each) for place, each in zip(places, ours, strict=True)},
            next((each.metadata for each in ours if each.metadata), ""),
        )

    def others(self, timeout_s: float) -> int:
        try:
            members = group_members(self._admin(), timeout_s, self._group.__eq__)
        except KafkaException as error:
            raise port_fault(error, "list the members of the group") from error
        # A static member that died is listed under the name that this process has now.
        ours = f"{self._instance}-"
        return sum(not self._instance or member.id[:-UUID_CHARACTERS] != ours for member in members)

    def topic_ids(self, topics: Iterable[str], timeout_s: float) -> Mapping[str, str]:
        named = {self._prefix + topic: topic for topic in topics}
        asked = self._admin().describe_topics(TopicCollection([*named]), request_timeout=timeout_s)
        told = {
            named[name]: str(_told(answer, f"look at the topic {name}", timeout_s).topic_id)
            for name, answer in asked.items()
        }
        return {topic: name for topic, name in told.items() if name != NO_ID}

    def topics(self, timeout_s: float) -> Mapping[str, int]:
        # Asked for all topics, not for one by name: asking by name creates it where auto-creation is on.
        try:
            listed: Any = self._admin().list_topics(timeout=timeout_s)
        except KafkaException as error:
            raise port_fault(error, "list the topics") from error
        prefix = self._prefix
        return {
            name.removeprefix(prefix): len(topic.partitions)
            for name, topic in listed.topics.items()
            if name.startswith(prefix)
        }

    def _offsets(self, there: Iterable[TopicPartition], which: OffsetSpec, timeout_s: float) -> Asked:
        asked: Asked = self._admin().list_offsets(
            dict.fromkeys(there, which),
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=timeout_s,
        )
        heed = partial(_heed, self._refused)
        for answer in asked.values():
            answer.add_done_callback(heed)
        return asked

    def _admin(self) -> AdminClient:
        with self._making:
            if self._admin_client is None or self._refused.is_set():
                # The client does not learn from a refusal that the leader is another one, or has another epoch.  After
                # a broker's restart it would ask in the old epoch for ever (librdkafka 2.16).
                self._refused.clear()
                self._admin_client = AdminClient(self._settings)
            # Hands out what has been reported since, which would be kept otherwise.
            self._admin_client.poll(0)
            return self._admin_client


def _heed(refused: threading.Event, answer: Future[ListOffsetsResultInfo]) -> None:
    """Called by a thread of the client.  It holds nothing that holds the client: librdkafka ends the whole process
    where the last one to let go of a client is a thread of its own, as for a question that nobody waited for.
    """
    if answer.exception() is not None:
        refused.set()


def _told(asked: Future[Any], doing: str, timeout_s: float) -> Any:
    """The answer, once it is there; raises `PortFault`."""
    try:
        return asked.result(timeout_s)
    except KafkaException as error:
        raise port_fault(error, doing) from error
    except NoAnswer:
        raise PortFault(Remedy.RETRY, f"could not {doing}: no answer") from None
