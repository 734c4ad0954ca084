"""This process in its consumer group: it joins when it is time, is told what it owns, and joins anew where that helps.

What the group says it says inside a poll, when nothing may be done about it: it is kept until `rebalances` is asked.
"""

from __future__ import annotations

from typing import NamedTuple

from flows.port import GroupConsumer, Places
from flows.services import Services
from flows.takeover.joining import Joining
from flows.takeover.standby import Standby
from schemas.kinds import INPUT_TOPICS


class Rebalance(NamedTuple):
    """What the group gave, or took."""

    is_assignment: bool
    numbers: set[int]
    """Partitions: all that are this process's now, or those that are not its any more."""


class Membership:
    """Driven by `step`, before each poll."""

    def __init__(self, services: Services, consumer: GroupConsumer, standby: Standby) -> None:
        self._services = services
        self._consumer = consumer
        self._joining: Joining | None = Joining(services, standby)
        self._rebalances: list[Rebalance] = []
        self.is_assigned = False
        """The group has said which partitions are this process's, and does not deal them out anew."""
        self.is_rejoining = False
        """It asked to be dealt to again, and was not yet."""
        self._waits_since_s = services.steady_s()
        self._unowned_s = services.steady_s()
        self._join_when_due()

    def step(self) -> None:
        """Join if it is time, and anew if the group has forgotten this member."""
        self._join_when_due()
        self._join_anew_when_forgotten()

    def rejoin(self) -> None:
        """Give back what is assigned, and let the group say whose it is."""
        # From here on, and not when it is taken away, a partition may be missing; and the group may never answer.
        self._waits_since_s = self._services.steady_s()
        self.is_assigned, self.is_rejoining = False, True
        self._consumer.rejoin()

    def rebalances(self) -> list[Rebalance]:
        """What the group has said since this was last asked, in order."""
        told, self._rebalances = self._rebalances, []
        return told

    def _join_when_due(self) -> None:
        if self._joining is not None and self._joining.is_time():
            self._joining = None
            self._waits_since_s = self._services.steady_s()
            self._consumer.subscribe(INPUT_TOPICS, self._on_assign, self._on_revoke)

    def _join_anew_when_forgotten(self) -> None:
        """A broker that stood still may leave a question to join unanswered, and the client waits for it for ever.

        A rebalance takes no longer than the slowest member may need for it, and a dead one's session.
        """
        if self._joining is not None or self.is_assigned:
            return
        config = self._services.config
        now_s = self._services.steady_s()
        patience_s = (config.poll_interval_ms_max + 2 * config.session_timeout_ms) / 1000
        if now_s - self._waits_since_s < patience_s:
            return
        self._waits_since_s = now_s
        self._services.log.warning(
            "membership",
            f"the consumer group has not told for {patience_s:.0f} s what it assigns to this member, if anything; "
            "joins again with a new client",
        )
        self._consumer.start_over()

    def _on_assign(self, places: Places) -> None:
        self._services.metrics.rebalanced(self._services.steady_s() - self._unowned_s)
        self.is_assigned, self.is_rejoining = True, False
        self._rebalances.append(Rebalance(True, {place.partition for place in places}))

    def _on_revoke(self, places: Places) -> None:
        self._waits_since_s = self._unowned_s = self._services.steady_s()
        self.is_assigned = False
        self._rebalances.append(Rebalance(False, {place.partition for place in places}))
