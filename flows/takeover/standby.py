"""The warm standby: copies of partitions that other processes own, so that taking one over need not read it back.

Copies get one slice between two polls, all of them together, so that partitions which this process owns are delayed by
no more than that.  Memory is bounded by the number of copies: each takes no more than the partition does at its owner.
"""

from __future__ import annotations

from flows.health import COPYING, FOLLOWING, PartitionHealth
from flows.port import PortFault
from flows.services import Services
from flows.takeover.standby_copy import Copy
from state.partition import RestoreFault

WAIT_WHILE_COPYING_S = 0.005
MEASURE_EVERY_S = 1.0
STUCK_S = 30.0
"""A copy that has read nothing for so long, and is not warm, keeps the next one waiting no longer."""
RETRY_PAUSE_S = 5.0
RETRY_PAUSE_S_MAX = 600.0


class Standby:
    """Owns the copies; driven by `step`, between two polls.  Without `standby` in the configuration it has none."""

    def __init__(self, services: Services, partitions: int) -> None:
        self._services = services
        self._partitions = partitions
        causes = services.metrics.causes
        self._rows, self._lag_records = causes.standby_rows, causes.standby_lag
        self._copies: dict[int, Copy] = {}
        self._lags: dict[int, int] = {}
        self._moved_s: dict[int, float] = {}
        self._retries: dict[int, tuple[int, float]] = {}
        self._wanted: list[int] = []
        self._turn = 0
        self._is_behind = False
        self._measured_s = 0.0
        self.follow(set())

    def follow(self, owned: set[int]) -> None:
        """These partitions are this process's own; of the others, choose which to follow."""
        config = self._services.config
        copies_max = config.standby_partitions if config.standby else 0
        self._wanted = nearest(owned, self._partitions)[:copies_max]
        for number in list(self._copies):
            if number not in self._wanted:
                self._drop(number)

    def give(self, number: int) -> Copy | None:
        """This process takes the partition over: its copy, if there is one."""
        copy = self._copies.pop(number, None)
        self._forget(number)
        return copy

    def take_back(self, copy: Copy) -> None:
        """It was not used after all: it follows on, from now on as a new one does."""
        self._copies[copy.number] = copy
        self._moved_s[copy.number] = self._services.steady_s()

    def step(self) -> None:
        """One slice, dealt out to the copies in turn."""
        self._is_behind = False
        if not self._wanted and not self._copies:
            return
        self._open_next()
        left = self._services.config.standby_slice_records
        self._turn += 1
        numbers = sorted(self._copies)
        start = self._turn % max(1, len(numbers))
        for number in numbers[start:] + numbers[:start]:
            left -= self._advance(self._copies[number], left)
            if left <= 0:
                break
        self._is_behind = left <= 0
        self._measure()

    @property
    def is_warm(self) -> bool:
        """Every partition that is to be followed is."""
        return all(number in self._copies and self._copies[number].is_warm for number in self._wanted)

    def wait_s(self, otherwise_s: float) -> float:
        """How long a poll may wait with regard to the copies."""
        if self._is_behind:
            return 0.0
        is_copying = any(not copy.is_warm for copy in self._copies.values())
        return min(otherwise_s, WAIT_WHILE_COPYING_S) if is_copying else otherwise_s

    def state_of_health(self) -> dict[int, PartitionHealth]:
        """Phase and lag of each copy."""
        return {
            number: PartitionHealth(FOLLOWING if copy.is_warm else COPYING, self._lags.get(number, 0))
            for number, copy in self._copies.items()
        }

    def close(self) -> None:
        for number in list(self._copies):
            self._drop(number)

    def _open_next(self) -> None:
        """One after another: the first is of use before the last has begun.  One whose topics cannot be read, because a
        broker is away, holds up no other.
        """
        now_s = self._services.steady_s()
        for number, copy in self._copies.items():
            if not copy.is_warm and now_s - self._moved_s[number] < STUCK_S:
                return
        for number in self._wanted:
            if number not in self._copies and now_s >= self._retries.get(number, (0, 0.0))[1]:
                self.take_back(Copy(number, self._partitions, self._services))
                return

    def _advance(self, copy: Copy, records_max: int) -> int:
        was_warm = copy.is_warm
        try:
            read = copy.step(records_max)
        except (PortFault, RestoreFault) as fault:
            self._give_up(copy, str(fault))
            return 0
        if read:
            self._moved_s[copy.number] = self._services.steady_s()
        if copy.is_warm and not was_warm:
            self._retries.pop(copy.number, None)
            self._tell_warm(copy)
        return read

    def _give_up(self, copy: Copy, why: str) -> None:
        count = self._retries.get(copy.number, (0, 0.0))[0] + 1
        pause_s = min(RETRY_PAUSE_S * 2 ** (count - 1), RETRY_PAUSE_S_MAX)
        self._drop(copy.number)
        self._retries[copy.number] = (count, self._services.steady_s() + pause_s)
        self._services.log.warning(
            "copy_dropped", f"the copy of partition {copy.number} is dropped and begun again in {pause_s:.0f} s; its "
            f"owner goes on: {why}", partition=copy.number, count=count,
        )  # fmt: skip

    def _tell_warm(self, copy: Copy) -> None:
        rows, seconds = copy.partition.row_count, self._services.steady_s() - copy.started_s
        self._services.log.info(
            "following", f"partition {copy.number} is followed: its copy is warm, {rows:,} rows in {seconds:.1f} s",
            partition=copy.number, rows=rows, seconds=round(seconds, 3),
        )  # fmt: skip

    def _drop(self, number: int) -> None:
        self._copies.pop(number).close()
        self._forget(number)

    def _forget(self, number: int) -> None:
        self._lags.pop(number, None)
        self._moved_s.pop(number, None)
        for gauge in (self._rows, self._lag_records):
            gauge.remove_by_labels({"partition": str(number)})

    def _measure(self) -> None:
        now_s = self._services.steady_s()
        if now_s - self._measured_s < MEASURE_EVERY_S:
            return
        self._measured_s = now_s
        for number, copy in self._copies.items():
            self._lags[number] = copy.lag()
            self._rows.labels(str(number)).set(copy.partition.row_count)
            self._lag_records.labels(str(number)).set(self._lags[number])


def nearest(owned: set[int], partitions: int) -> list[int]:
    """The partitions of others, those first which this process is likely to be given when another one dies.

    The group deals in ranges: when a member goes, the ranges of its neighbours grow towards it.  A process that owns
    nothing stands last in the deal, and so it would get the last ones.
    """
    others = [number for number in reversed(range(partitions)) if number not in owned]
    return sorted(others, key=lambda number: min((abs(number - own) for own in owned), default=0))
