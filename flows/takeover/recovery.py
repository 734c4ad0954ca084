"""From the fence to a partition that is read back, checked, and knows where to read on.

    FENCING -> RESTORING -> CHECKING        with a warm copy at hand only what it has not read is left to restore; when
                                            it fails a check, it is thrown away and everything is restored

What waits for the broker runs beside the flow, all but the slices of the restore itself.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import cast

from flows.clock import nearest, require_agreement
from flows.phase import Phase
from flows.port import Place, PortFault, Remedy, TransactionalProducer
from flows.services import Services
from flows.takeover.restore import Restore
from flows.takeover.standby_copy import Copy
from flows.takeover.starting_offsets import StartingOffsets, find_starting_offsets
from schemas.kinds import INPUT_TOPICS, JOURNAL
from state.partition import Partition, RestoreFault

SLICE_WAIT_S = 0.02


class Recovery:
    """One partition on its way into the hands of this process."""

    def __init__(
        self,
        number: int,
        partitions: int,
        services: Services,
        producer: TransactionalProducer,
        copy: Copy | None,
    ) -> None:
        self.partition = copy.partition if copy else Partition(number, partitions, services.limits)
        self.phase = Phase.FENCING
        self.records_read = 0
        """After the fence."""
        self._number = number
        self._partitions = partitions
        self._services = services
        self._producer = producer
        self._restore: Restore | None = None
        self._copy = copy
        """As long as it is believed."""
        self._is_closed = False
        self._read_before = 0
        self._task: Future[object] = services.background(self._fence)

    @property
    def is_warm(self) -> bool:
        """It goes on from a copy that had followed."""
        return self._copy is not None and self._copy.is_warm

    @property
    def unused_copy(self) -> Copy | None:
        """It is whole, and can be given to somebody else, until the fence has held."""
        return self._copy if self.phase is Phase.FENCING else None

    def advance(self) -> StartingOffsets | None:
        """The next step; where to read on, once everything is read back and agrees.

        Raises `PortFault` and `RestoreFault`.
        """
        try:
            return self._advance()
        except (PortFault, RestoreFault) as fault:
            if self._copy is None or self.phase is Phase.FENCING:
                self.close()
                raise
            # This process holds the fence already, so what it reads now is final.
            self._drop_copy(str(fault))
            return None

    def close(self) -> None:
        """Nothing more will be asked of it."""
        if self.phase is Phase.RESTORING and not self._is_closed:
            self._close_restore()
        self._is_closed = True

    def _advance(self) -> StartingOffsets | None:
        if self._restore is not None:
            self._read_slice(self._restore)
        elif self._task.done():
            result = self._task.result()
            if self.phase is Phase.FENCING:
                self._begin(cast(str, result))
            elif self.phase is Phase.RESTORING:
                self._restore = cast(Restore, result)
            else:
                return cast(StartingOffsets, result)
        return None

    def _fence(self) -> object:
        """Only after this nobody else can commit for the partition, so only now is what is read final."""
        config = self._services.config
        if self._is_closed:
            raise PortFault(Remedy.RETRY, "the partition was given away before it was fenced")
        self._producer.init(config.init_timeout_ms / 1000)
        self._require_broker_time()
        return self._copy.settle() if self._copy is not None else ""

    def _require_broker_time(self) -> None:
        """Its clock and ours must agree; at which moment it told the time, only question and answer say."""
        config, clock = self._services.config, self._services.clock
        asked_ms = clock.now_ms()
        theirs_ms = self._producer.broker_time_ms(
            Place(JOURNAL, self._number), config.request_timeout_ms / 1000
        )
        if theirs_ms is not None:
            ours_ms = nearest(theirs_ms, asked_ms, clock.now_ms())
            require_agreement(ours_ms, theirs_ms, "the broker's", config.clock_difference_ms_max)

    def _begin(self, why_not_warm: str) -> None:
        """Where a copy is at hand, only what it has not read yet is left to read."""
        if self._copy is None:
            self._open()
        elif why_not_warm:
            self._drop_copy(why_not_warm)
        else:
            self.phase = Phase.RESTORING
            self._restore = self._copy.taken_over()
            self._read_before = self._restore.records_read

    def _open(self) -> None:
        self.phase = Phase.RESTORING
        port, partition, limits = self._services.port, self.partition, self._services.limits
        timeout_s = self._services.config.request_timeout_ms / 1000
        self._task = self._services.background(lambda: Restore(port, partition, limits, timeout_s))

    def _drop_copy(self, why: str) -> None:
        self._services.log.warning(
            "copy_dropped", f"partition {self._number}: the warm copy is dropped, everything is read back: {why}",
            partition=self._number,
        )  # fmt: skip
        if self._restore is not None:
            self._close_restore()
        self._copy = None
        self._read_before = 0
        self.partition = Partition(self._number, self._partitions, self._services.limits)
        self._open()

    def _close_restore(self) -> None:
        """Beside the flow: the client's threads are waited for."""
        restore, self._restore = self._restore, None
        task = self._task
        self._services.background(restore.close if restore else lambda: cast(Restore, task.result()).close())

    def _read_slice(self, restore: Restore) -> None:
        if not restore.step(self._services.config.restore_slice_records, SLICE_WAIT_S):
            return
        self.records_read = restore.records_read - self._read_before
        self._close_restore()
        self.phase = Phase.CHECKING
        places = [Place(topic, self._number) for topic in INPUT_TOPICS]
        self._task = self._services.background(
            lambda: find_starting_offsets(self.partition, places, self._services.port, self._services.config)
        )
