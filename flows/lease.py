"""An owned partition: its state, its producer, and how far it is on the way to deciding.

    FENCING -> RESTORING -> CHECKING -> LIVE        after an assignment (see `flows.takeover.recovery`)
    LIVE -> PARKED -> RESUMING -> LIVE              when a rebalance gives it back and nothing moved meanwhile
    any -> BROKEN                                   a call failed: the source replaces the lease
    any -> STOPPED                                  only a person can mend it; the other partitions go on

Nothing here runs inside a rebalance callback, and nothing waits but for the commit in hand: what else waits for the
broker runs beside the flow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import cast

from flows import commit_note
from flows.clock import require_agreement
from flows.commit_in_hand import CommitInHand
from flows.pace import Pace
from flows.phase import PREPARING, Phase
from flows.port import Committed, GroupConsumer, Place, PortFault, Remedy, TransactionalProducer
from flows.services import Services
from flows.takeover.gate import Gate
from flows.takeover.recovery import Recovery
from flows.takeover.standby_copy import Copy
from flows.takeover.starting_offsets import StartingOffsets
from schemas.formats import FORMAT
from schemas.kinds import INPUT_TOPICS
from state.partition import Partition, RestoreFault

UNFINISHED = "the release before can still be started again; `sluice finalise` ends the upgrade"


class Lease:
    """One partition in the hands of this process."""

    def __init__(
        self,
        number: int,
        partitions: int,
        services: Services,
        consumer: GroupConsumer,
        copy: Copy | None = None,
    ) -> None:
        self.number = number
        self.places = [Place(topic, number) for topic in INPUT_TOPICS]
        self.producer: TransactionalProducer = services.port.producer(number)
        self.phase = Phase.FENCING
        self._fault: PortFault | None = None
        self.positions: dict[str, int] = {}
        self.topic_ids: Mapping[str, str] = {}
        """Of the inputs that these count in, by topic kind."""
        self.read_until_ms: dict[str, int] = {}
        """Up to when what came is read, by topic kind: the last record's time stamp, or when none waited any more."""
        self.judged_told_ms = 0
        """Up to when its figures are judged, as the last commit says."""
        self.markers_looked_s = 0.0
        self.gate: Gate | None = None
        self.pace = Pace()
        self._services = services
        self._consumer = consumer
        self._started_s = services.steady_s()
        self._commit = CommitInHand(services, self.pace)
        self._recovery = Recovery(number, partitions, services, self.producer, copy)
        self._resuming: Future[object] | None = None

    @property
    def partition(self) -> Partition:
        """Its memory; a copy that is not believed gives way to another one, and must not be kept beside it."""
        return self._recovery.partition

    @property
    def fault(self) -> PortFault | None:
        """What it broke of, if it is broken."""
        return self._fault if self.phase is Phase.BROKEN else None

    @property
    def is_preparing(self) -> bool:
        return self.phase in PREPARING

    @property
    def is_settled(self) -> bool:
        """Whether what is in memory is what is committed."""
        return self._commit.is_settled

    @property
    def is_warm(self) -> bool:
        """It was taken over with a copy that had followed."""
        return self._recovery.is_warm

    @property
    def unused_copy(self) -> Copy | None:
        """The copy that was given for this lease, as long as it can be given to another one."""
        return self._recovery.unused_copy

    def advance(self) -> None:
        """Take the next step towards deciding; faults end up in `fault`, never with the caller."""
        try:
            if self._resuming is not None:
                if self._resuming.done():
                    committed, self._resuming = self._resuming.result(), None
                    self._resume_if_unmoved(cast(Committed, committed))
                return
            starting = self._recovery.advance()
            self.phase = self._recovery.phase
            if starting is not None:
                self._go_live(starting)
        except PortFault as fault:
            self.fail(fault)
        except RestoreFault as fault:
            self.stop(str(fault))

    def commit_beside(self, commit: Callable[[], PortFault | None]) -> None:
        """Let the rest of a transaction run beside the flow."""
        self._commit.begin(commit)

    def wait_a_little(self) -> None:
        """Wait for the commit in hand until it is time to decide what has arrived meanwhile."""
        self._heed(self._commit.wait_a_little())

    def settle(self, *, wait: bool = True) -> None:
        """Learn how the last commit ended; without `wait` only if it has.

        Called before the partition changes hands and before the next transaction begins.
        """
        self._heed(self._commit.settle(wait=wait))

    def _heed(self, fault: PortFault | None) -> None:
        if fault is not None and self.phase is not Phase.STOPPED:
            self.fail(fault)

    def fail(self, fault: PortFault) -> None:
        """What is in memory may differ from what is committed: it is to be thrown away."""
        # Without its history: the traceback holds the calls on its way, and those the lease with all its memory, which
        # nobody would free while the partition is restored.
        self._fault = PortFault(fault.remedy, fault.sentence, passes=fault.passes)
        self.phase = Phase.BROKEN

    def stop(self, sentence: str) -> None:
        """Decide nothing any more; the sentence tells a person why and what to do."""
        self._consumer.pause(self.places)
        self.phase = Phase.STOPPED
        self._services.metrics.partition_stopped(self.number)
        self._services.log.error(
            "stopped", f"partition {self.number} stops: {sentence}", partition=self.number
        )

    def park(self) -> bool:
        """The partition was revoked: keep what a quick return can use; False when there is nothing to keep."""
        self.settle()
        if self.phase is not Phase.LIVE or self.gate is not None:
            return False
        self.phase = Phase.PARKED
        return True

    def resume(self) -> None:
        """The partition came back: use what was kept, if nobody committed meanwhile."""
        self.phase = Phase.RESUMING
        self._started_s = self._services.steady_s()
        timeout_s = self._services.config.request_timeout_ms / 1000
        self._resuming = self._services.background(
            lambda: self._services.port.committed(self.places, timeout_s)
        )

    def close(self) -> None:
        self.settle()
        self._recovery.close()
        # Beside the flow: the client's threads are waited for, and one of them may be looking up a broker's name.
        self._services.background(self.producer.close)

    def open_gate(self) -> None:
        """On a cold start, let the next inputs in when the ones before them are read."""
        if self.gate is None:
            return
        reached = {place.topic: self._consumer.position(place) or 0 for place in self.places}
        positions = {topic: max(offset, self.positions[topic]) for topic, offset in reached.items()}
        try:
            for topic in self.gate.advance(positions):
                self._consumer.start_at(Place(topic, self.number), self.positions[topic])
        except PortFault as fault:
            self.fail(fault)
        if self.gate.is_open:
            self.gate = None

    def _go_live(self, starting: StartingOffsets) -> None:
        partition = self.partition
        if not partition.sequence:
            partition.format = self._services.first_format
        if starting.is_cold:
            self.gate = Gate(starting.ends)
            partition.positions = dict(starting.positions)
        now_ms = self._services.clock.now_ms()
        if partition.decided_at_ms > now_ms:
            # Both routers agreed with the broker's clock, and may have been on either side of it.
            require_agreement(
                now_ms, partition.decided_at_ms, "the last decision in the journal",
                2 * self._services.config.clock_difference_ms_max,
            )  # fmt: skip
        self.positions, self.topic_ids = dict(starting.positions), starting.topic_ids
        open_topics = self.gate.open_topics if self.gate else INPUT_TOPICS
        for topic in open_topics:
            self._consumer.start_at(Place(topic, self.number), self.positions[topic])
        self.phase = Phase.LIVE
        self._report_restored(resumed=False, judged_ms=starting.judged_ms)

    def _resume_if_unmoved(self, committed: Committed) -> None:
        # If another process owned the partition meanwhile without committing anything, it fenced this producer,
        # and the next commit says so: equal offsets and sequence are a quick look, the fence is the proof.
        ours: dict[Place, int | None] = {
            place: self.partition.positions.get(place.topic) if self.partition.sequence else None
            for place in self.places
        }
        note = commit_note.read(committed.note)
        if committed.offsets != ours or note.sequence not in {None, self.partition.sequence}:
            raise PortFault(Remedy.RETRY, "another process decided for it meanwhile")
        self.positions = dict(self.partition.positions)
        for place in self.places:
            self._consumer.start_at(place, self.positions[place.topic])
        self.phase = Phase.LIVE
        self._report_restored(resumed=True, judged_ms=note.judged_ms)

    def _report_restored(self, *, resumed: bool, judged_ms: int | None) -> None:
        self.judged_told_ms = judged_ms or 0
        duration_s = self._services.steady_s() - self._started_s
        self._services.metrics.partition_restored(
            self.partition, duration_s, self._services.clock.now_ms(), judged_ms
        )
        is_warm = self.is_warm and not resumed
        done = (
            f"took over warm: {self.partition.row_count:,} rows, {self._recovery.records_read:,} read after fencing, "
            if is_warm
            else f"{'resumed' if resumed else 'restored'}: {self.partition.row_count:,} rows in "
        )
        self._services.log.info(
            "restored",
            f"partition {self.number} {done}{duration_s:.1f} s, at sequence {self.partition.sequence:,}, "
            f"in format {self.partition.format}" + ("" if self.partition.format == FORMAT else f": {UNFINISHED}"),
            partition=self.number, resumed=resumed, warm=is_warm, rows=self.partition.row_count,
            read=self._recovery.records_read, seconds=round(duration_s, 3), sequence=self.partition.sequence,
            format=self.partition.format,
            networks=self.partition.network_names,
        )  # fmt: skip
