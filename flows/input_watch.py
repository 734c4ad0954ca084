"""Whether the inputs are still those that were read.

A topic that was deleted and made anew has the name of the one before. The client reads on in it where it stood in that
one, without a word, as soon as the new one holds as much: what stands before that would never be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import cast

from flows.commit_note import made_anew
from flows.lease import Lease
from flows.port import PortFault
from flows.services import Services
from schemas.kinds import INPUT_TOPICS

ASK_EVERY_S = 10.0


class InputWatch:
    """Asks Kafka now and then, beside the flow."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked_s = services.steady_s()
        self._asking: Future[object] | None = None

    def step(self, live: Iterable[Lease]) -> None:
        """Stop those that read an input which is another topic by now."""
        if self._asking is None:
            self._ask_when_due()
        elif self._asking.done():
            asking, self._asking = self._asking, None
            try:
                topic_ids = cast(Mapping[str, str], asking.result())
            except PortFault:
                return  # The broker is away, or the topic is: reading it says so.
            for lease in live:
                fault = made_anew(lease.topic_ids, topic_ids)
                if fault:
                    lease.stop(fault)

    def _ask_when_due(self) -> None:
        now_s = self._services.steady_s()
        if now_s - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now_s
            timeout_s = self._services.config.request_timeout_ms / 1000
            self._asking = self._services.background(
                lambda: self._services.port.topic_ids(INPUT_TOPICS, timeout_s)
            )
