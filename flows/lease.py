"""An owned partition: its state, its producer, and how far it is on the way to deciding.

    FENCING -> RESTORING -> CHECKING -> LIVE        after an assignment; with a warm copy at hand only what it has
                                                    not read is left to restore, and when it fails a check, all is
    LIVE -> PARKED -> RESUMING -> LIVE              when a rebalance gives it back and nothing moved meanwhile
    any -> BROKEN                                   a call failed: the source replaces the lease
    any -> STOPPED                                  only a person can mend it; the other partitions go on

Nothing here runs inside a rebalance callback, and nothing waits but for the commit in hand: what else waits for the
broker runs beside the flow.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from enum import Enum
from typing import cast

from flows.clock import require_agreement
from flows.gate import Gate
from flows.pace import Pace
from flows.port import GroupConsumer, Place, PortFault, Remedy, TransactionalProducer
from flows.restore import Restore
from flows.services import Services
from flows.standby_copy import Copy
from flows.starts import Starts, find_starts
from schemas.codec import INPUT_TOPICS
from schemas.formats import FORMAT
from schemas.notices import JOURNAL
from state.partition import Partition, RestoreFault


class Phase(Enum):
    FENCING = "fencing"
    RESTORING = "restoring"
    CHECKING = "checking"
    LIVE = "live"
    PARKED = "parked"
    RESUMING = "resuming"
    BROKEN = "broken"
    STOPPED = "stopped"


UNFINISHED = "the release before can still be started again; `sluice finalise` ends the upgrade"

PREPARING = {Phase.FENCING, Phase.RESTORING, Phase.CHECKING, Phase.RESUMING}


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
        self.partition = copy.partition if copy else Partition(number, partitions, services.limits)
        self.unused_copy = copy
        self.is_warm = copy is not None and copy.is_warm
        self.producer: TransactionalProducer = services.port.producer(number)
        self.phase = Phase.FENCING
        self.fault: PortFault | None = None
        self.positions: dict[str, int] = {}
        self.last_record_ms = 0
        self.gate: Gate | None = None
        self._partitions = partitions
        self._services = services
        self._consumer = consumer
        self._started_s = services.steady_s()
        self._restore: Restore | None = None
        self._from_copy = False
        self._read_before = 0
        self._read_after = 0
        # The last bundle's commit while it is under way; at most one more bundle is decided meanwhile.
        self._committing: Future[PortFault | None] | None = None
        self._committing_since_s = 0.0
        self._committed_by_s = 0.0
        self.pace = Pace()
        self._task: Future[object] = services.background(self._fence)

    @property
    def is_preparing(self) -> bool:
        return self.phase in PREPARING

    @property
    def is_settled(self) -> bool:
        """Whether what is in memory is what is committed."""
        return self._committing is None

    def advance(self) -> None:
        """Take the next step towards deciding; faults end up in `fault`, never with the caller."""
        try:
            if self.phase is Phase.RESTORING:
                self._restore_slice()
            elif self._task.done():
                self._take_result()
        except PortFault as fault:
            if not self._restore_cold(fault.sentence):
                self.fail(fault)
        except RestoreFault as fault:
            if not self._restore_cold(str(fault)):
                self.stop(str(fault))

    def commit_beside(self, commit: Callable[[], PortFault | None]) -> None:
        """Let the rest of a transaction run beside the flow."""
        config = self._services.config
        patience_ms = config.transaction_timeout_ms + 2 * config.commit_timeout_ms
        self._committing_since_s = self._services.steady_s()
        self._committed_by_s = self._committing_since_s + patience_ms / 1000
        self._committing = self._services.beside(commit)

    def wait_a_little(self) -> None:
        """Wait for the commit in hand until it is time to decide what has arrived meanwhile."""
        if self._committing is None:
            return
        patience_s = self.pace.patience_s(self._services.steady_s() - self._committing_since_s)
        with suppress(TimeoutError):
            self._committing.exception(patience_s)
        self.settle(wait=False)

    def settle(self, *, wait: bool = True) -> None:
        """Learn how the last commit ended; without `wait` only if it has.

        Called before the partition changes hands and before the next transaction begins.
        """
        if self._committing is None:
            return
        left_s = max(0.0, self._committed_by_s - self._services.steady_s())
        if not wait and left_s and not self._committing.done():
            return
        try:
            fault = self._committing.result(left_s)
        except TimeoutError:
            # librdkafka 2.16 may never come back when the coordinator goes away (its issue 5456). By now the broker
            # has ended the transaction by itself; a new producer fences this one, whatever becomes of its call. A
            # process that stood still comes here too, so the group is asked first who owns the partition now.
            fault = PortFault(Remedy.REJOIN, "the client did not come back from a commit; it is replaced")
        self._committing = None
        if fault is not None and self.phase is not Phase.STOPPED:
            self.fail(fault)

    def fail(self, fault: PortFault) -> None:
        """What is in memory may differ from what is committed: it is to be thrown away."""
        self.fault = fault
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
        """The partition was revoked: keep what a quick return can use; False when there is nothing to
        keep.
        """
        self.settle()
        if self.phase is not Phase.LIVE or self.gate is not None:
            return False
        self.phase = Phase.PARKED
        return True

    def resume(self) -> None:
        """The partition came back: use what was kept, if nobody committed meanwhile."""
        self.phase = Phase.RESUMING
        self._started_s = self._services.steady_s()
        self._task = self._services.background(self._committed_positions)

    def close(self) -> None:
        self.settle()
        if self._restore is not None:
            self._restore.close()
        with suppress(PortFault):
            self.producer.close()

    def open_gate(self) -> None:
        """On a cold start, let the next inputs in when the ones before them are read."""
        if self.gate is None:
            return
        reached = {place.topic: self._consumer.position(place) or 0 for place in self.places}
        positions = {topic: max(offset, self.positions[topic]) for topic, offset in reached.items()}
        for topic in self.gate.advance(positions):
            self._consumer.start_at(Place(topic, self.number), self.positions[topic])
        if self.gate.is_open:
            self.gate = None

    # --- the steps ------------------------------------------------------------------------------------------

    def _fence(self) -> object:
        """Only after this nobody else can commit for the partition, so only now is what is read final."""
        config = self._services.config
        self.producer.init(config.init_timeout_ms / 1000)
        theirs_ms = self.producer.broker_time_ms(
            Place(JOURNAL, self.number), config.request_timeout_ms / 1000
        )
        if theirs_ms is not None:
            ours_ms = self._services.clock.now_ms()
            require_agreement(ours_ms, theirs_ms, "the broker's", config.clock_difference_ms_max)
        return self.unused_copy.settle() if self.unused_copy is not None else ""

    def _take_result(self) -> None:
        result = self._task.result()
        if self.phase is Phase.FENCING:
            self._begin_restore(cast(str, result))
        elif self.phase is Phase.CHECKING:
            self._go_live(cast(Starts, result))
        elif self.phase is Phase.RESUMING:
            self._resume_if_unmoved(cast(dict[Place, int | None], result))

    def _begin_restore(self, why_not_warm: str) -> None:
        """Where a copy is at hand, only what it has not read yet is left to read."""
        copy, self.unused_copy = self.unused_copy, None
        self.phase = Phase.RESTORING
        self._from_copy = copy is not None
        if copy is None:
            self._open_restore()
        elif why_not_warm:
            self._restore_cold(why_not_warm)
        else:
            self._restore = copy.taken_over()
            self._read_before = self._restore.records_read

    def _open_restore(self) -> None:
        timeout_s = self._services.config.request_timeout_ms / 1000
        self._restore = Restore(self._services.port, self.partition, self._services.limits, timeout_s)
        self._read_before = 0

    def _restore_cold(self, why: str) -> bool:
        """A copy that failed a check is thrown away and everything is read back; False when there was no copy.

        This process holds the fence already, so what it reads is final.
        """
        if not self._from_copy:
            return False
        self._services.log.warning(
            "copy_dropped", f"partition {self.number}: the warm copy is dropped, everything is read back: {why}",
            partition=self.number,
        )  # fmt: skip
        if self._restore is not None:
            self._restore.close()
        self._from_copy = self.is_warm = False
        self.partition = Partition(self.number, self._partitions, self._services.limits)
        self.phase = Phase.RESTORING
        try:
            self._open_restore()
        except PortFault as fault:
            self.fail(fault)
        return True

    def _restore_slice(self) -> None:
        assert self._restore is not None
        if not self._restore.step(self._services.config.restore_slice_records, timeout_s=0.02):
            return
        self._read_after = self._restore.records_read - self._read_before
        self._restore = None
        self.phase = Phase.CHECKING
        self._task = self._services.background(
            lambda: find_starts(self.partition, self.places, self._consumer, self._services.config)
        )

    def _go_live(self, starts: Starts) -> None:
        partition = self.partition
        if not partition.sequence:
            partition.format = self._services.first_format
        if starts.is_cold:
            self.gate = Gate(starts.ends)
            partition.positions = dict(starts.positions)
        now_ms = self._services.clock.now_ms()
        if partition.decided_at_ms > now_ms:
            require_agreement(
                now_ms, partition.decided_at_ms, "the last decision in the journal",
                self._services.config.clock_difference_ms_max,
            )  # fmt: skip
        self.positions = dict(starts.positions)
        open_topics = self.gate.open_topics if self.gate else INPUT_TOPICS
        for topic in open_topics:
            self._consumer.start_at(Place(topic, self.number), self.positions[topic])
        self.phase = Phase.LIVE
        self._from_copy = False
        self._report_restored(resumed=False)

    def _committed_positions(self) -> object:
        return self._consumer.committed(self.places, self._services.config.request_timeout_ms / 1000)

    def _resume_if_unmoved(self, committed: dict[Place, int | None]) -> None:
        # If another process owned the partition meanwhile without moving an offset, it fenced this producer,
        # and the next commit says so: equal offsets are a quick look, the fence is the proof.
        ours: dict[Place, int | None] = {
            place: self.partition.positions.get(place.topic) if self.partition.sequence else None
            for place in self.places
        }
        if committed != ours:
            raise PortFault(Remedy.RETRY, "another process decided for it meanwhile")
        self.positions = dict(self.partition.positions)
        for place in self.places:
            self._consumer.start_at(place, self.positions[place.topic])
        self.phase = Phase.LIVE
        self._report_restored(resumed=True)

    def _report_restored(self, *, resumed: bool) -> None:
        duration_s = self._services.steady_s() - self._started_s
        self._services.metrics.partition_restored(self.partition, duration_s, self._services.clock.now_ms())
        is_warm = self.is_warm and not resumed
        done = (
            f"took over warm: {self.partition.row_count:,} rows, {self._read_after:,} read after fencing, "
            if is_warm
            else f"{'resumed' if resumed else 'restored'}: {self.partition.row_count:,} rows in "
        )
        self._services.log.info(
            "restored",
            f"partition {self.number} {done}{duration_s:.1f} s, at sequence {self.partition.sequence:,}, "
            f"in format {self.partition.format}" + ("" if self.partition.format == FORMAT else f": {UNFINISHED}"),
            partition=self.number, resumed=resumed, warm=is_warm, rows=self.partition.row_count,
            read=self._read_after, seconds=round(duration_s, 3), sequence=self.partition.sequence,
            format=self.partition.format,
            networks=self.partition.network_names,
        )  # fmt: skip
