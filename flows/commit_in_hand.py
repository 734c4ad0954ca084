"""A partition's last transaction while its commit is under way: at most one more bundle is decided meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

from flows.pace import Pace
from flows.port import PortFault, Remedy
from flows.services import Services


class CommitInHand:
    """The commit of one partition, if there is one."""

    def __init__(self, services: Services, pace: Pace) -> None:
        self._services = services
        self._pace = pace
        self._committing: Future[PortFault | None] | None = None
        self._since_s = 0.0
        self._by_s = 0.0

    @property
    def is_settled(self) -> bool:
        """Whether what is in memory is what is committed."""
        return self._committing is None

    def begin(self, commit: Callable[[], PortFault | None]) -> None:
        """Let the rest of a transaction run beside the flow."""
        config = self._services.config
        patience_ms = config.transaction_timeout_ms + 2 * config.commit_timeout_ms
        self._since_s = self._services.steady_s()
        self._by_s = self._since_s + patience_ms / 1000
        self._committing = self._services.beside(commit)

    def wait_a_little(self) -> PortFault | None:
        """Wait until it is time to decide what has arrived meanwhile."""
        if self._committing is None:
            return None
        patience_s = self._pace.patience_s(self._services.steady_s() - self._since_s)
        with suppress(TimeoutError):
            self._committing.exception(patience_s)
        return self.settle(wait=False)

    def settle(self, *, wait: bool) -> PortFault | None:
        """How it ended; without `wait` only if it has."""
        if self._committing is None:
            return None
        left_s = max(0.0, self._by_s - self._services.steady_s())
        if not wait and left_s and not self._committing.done():
            return None
        try:
            fault = self._committing.result(left_s)
        except TimeoutError:
            # librdkafka 2.16 may never come back when the coordinator goes away (its issue 5456). By now the broker
            # has ended the transaction by itself; a new producer fences this one, whatever becomes of its call. A
            # process that stood still comes here too, so the group is asked first who owns the partition now.
            fault = PortFault(
                Remedy.REJOIN, "the client did not come back from a commit; it is replaced", passes=True
            )
        self._committing = None
        return fault
