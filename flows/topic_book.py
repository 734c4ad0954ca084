"""Which topics exist: looked up before a record goes to one for the first time.

A record for a missing topic would hold its transaction until that times out, half a minute later, and on a
cluster that creates topics by itself it would create one without settings.
"""

from __future__ import annotations

from collections.abc import Iterable

from flows.port import KafkaPort, PortFault, Remedy
from schemas.kinds import ALLOCATIONS


class TopicBook:
    """Topic kinds seen so far, with their partition counts; shared by all partitions of a process."""

    def __init__(self, port: KafkaPort, request_timeout_s: float) -> None:
        self._port = port
        self._timeout_s = request_timeout_s
        self._partitions: dict[str, int] = {}

    def partitions(self, topic: str) -> int:
        """How many partitions the topic has; raises `PortFault` with the remedy when it does not exist."""
        if topic not in self._partitions:
            self.refresh()
        if topic not in self._partitions:
            wms = topic.removeprefix(ALLOCATIONS)
            remedy = (
                f"`sluice topics {wms}`, or apply the network again" if wms != topic else "`sluice topics`"
            )
            raise PortFault(Remedy.OPERATOR, f"the topic {topic} does not exist; create it with {remedy}")
        return self._partitions[topic]

    def require(self, topics: Iterable[str], partition: int) -> None:
        """Raise `PortFault` unless each topic has this partition."""
        for topic in topics:
            count = self.partitions(topic)
            if partition >= count:
                self._partitions.pop(topic)
                raise PortFault(
                    Remedy.OPERATOR,
                    f"the topic {topic} has {count} partitions, so there is no partition {partition}; all "
                    "topics need as many as the inputs: see `sluice topics --verify`",
                )

    def refresh(self) -> None:
        """Ask the broker again."""
        self._partitions = dict(self._port.topics(self._timeout_s))
