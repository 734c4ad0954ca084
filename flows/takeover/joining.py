"""When a process joins the consumer group.

At once, or, as a warm standby, when it is warm: the group deals everything out anew whenever somebody joins, and what a
newcomer is given stands still until it has read it back.  Where nobody else is in the group nothing would be gained by
waiting, and a copy that cannot be had keeps nobody away for ever.
"""

from __future__ import annotations

from concurrent.futures import Future

from flows.port import PortFault
from flows.services import Services
from flows.takeover.standby import Standby

ASK_EVERY_S = 1.0


class Joining:
    """Asked again and again until it is time."""

    def __init__(self, services: Services, standby: Standby) -> None:
        self._services = services
        self._standby = standby
        self._started_s = services.steady_s()
        self._asked_s = self._started_s
        self._asking: Future[object] | None = self._ask() if services.config.standby else None

    def is_time(self) -> bool:
        """Whether to join now."""
        config = self._services.config
        if not config.standby or self._standby.is_warm:
            return True
        now_s = self._services.steady_s()
        if now_s - self._started_s >= config.standby_join_ms_max / 1000:
            self._services.log.warning(
                "joins_cold", "joins the group before every copy is warm, after standby_join_ms_max: what it is "
                "given now is restored from the topics",
            )  # fmt: skip
            return True
        return self._is_alone(now_s)

    def _is_alone(self, now_s: float) -> bool:
        if self._asking is None:
            if now_s - self._asked_s >= ASK_EVERY_S:
                self._asked_s = now_s
                self._asking = self._ask()
            return False
        if not self._asking.done():
            return False
        asked, self._asking = self._asking, None
        try:
            return asked.result() == 0
        except PortFault:
            return False  # The broker is away: then nobody is given anything either.

    def _ask(self) -> Future[object]:
        timeout_s = self._services.config.request_timeout_ms / 1000
        return self._services.background(lambda: self._services.port.others(timeout_s))
