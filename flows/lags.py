"""How far the input of each partition is away: measured once a second, for metrics and health."""

from __future__ import annotations

from collections.abc import Iterable

from flows.health import LIVE, MEASURING, PartitionHealth
from flows.lease import Lease
from flows.phase import Phase
from flows.port import GroupConsumer
from flows.services import Services
from flows.sink import tell_judged

MEASURE_EVERY_S = 1.0
LOOK_EVERY_MS_MAX = 5_000


class Lags:
    """Records that wait, and how long the oldest has waited, by partition; nothing is asked of the broker."""

    def __init__(self, services: Services, consumer: GroupConsumer) -> None:
        self._services = services
        self._consumer = consumer
        self._measured_s = 0.0
        self._lags: dict[int, tuple[int, float]] = {}
        self._looked_ms: dict[int, int] = {}

    def measure(self, live: Iterable[Lease], now_ms: int) -> None:
        """Once a second: what was committed, how far input is away, and what fell due.

        Where the lag is not known yet it is looked for each time: somebody may wait for the partition to be ready.
        """
        now_s = self._services.steady_s()
        is_time = now_s - self._measured_s >= MEASURE_EVERY_S
        if is_time:
            self._measured_s = now_s
            self._services.metrics.add_up()
            self._services.metrics.broker_errors(self._services.port.broker_errors())
        for lease in live:
            if is_time or lease.number not in self._lags:
                self._measure(lease, now_ms)

    def health_of(self, lease: Lease) -> PartitionHealth:
        """The phase of a partition, and its lag where it decides and that is known."""
        if lease.phase is not Phase.LIVE:
            return PartitionHealth(lease.phase.value)
        lag = self._lags.get(lease.number)
        return PartitionHealth(MEASURING) if lag is None else PartitionHealth(LIVE, *lag)

    def forget(self, number: int) -> None:
        """The partition is not this process's any more."""
        self._lags.pop(number, None)
        self._looked_ms.pop(number, None)

    def _measure(self, lease: Lease, now_ms: int) -> None:
        metrics = self._services.metrics
        waiting = 0
        is_known = True
        as_of_ms = now_ms
        for place in lease.places:
            end = self._consumer.end_last_seen(place)
            # Behind the last record there may be the marker of its transaction, which nobody reads.
            read = max(lease.positions[place.topic], self._consumer.position(place) or 0)
            lag = max(0, (end or 0) - read)
            metrics.lag(lease.number, place.topic, lag)
            gap = self._consumer.stable_gap(place)
            if gap is not None:
                metrics.stable_gap(lease.number, place.topic, gap)
            waiting += lag
            if not lag and end is not None:
                lease.read_until_ms[place.topic] = now_ms
            # Each input by itself: one that is at its end says nothing of another one's backlog.
            elif lag and place.topic in lease.read_until_ms:
                as_of_ms = min(as_of_ms, lease.read_until_ms[place.topic])
            else:
                is_known = False
        age_s = (now_ms - as_of_ms) / 1000
        metrics.lag_age(lease.number, age_s)
        # Nothing is judged, nor called ready, before it is known how old what has been read is.
        if not is_known:
            return
        self._lags[lease.number] = (waiting, age_s)
        # Under load a commit is always in hand: now and then it is waited for, or nothing that falls due would be seen.
        if now_ms - self._looked_ms.get(lease.number, 0) >= LOOK_EVERY_MS_MAX:
            lease.settle()
        if lease.is_settled and lease.phase is Phase.LIVE:
            self._looked_ms[lease.number] = now_ms
            # What was counted at the look before is told by the bundles since, if there were any.
            if metrics.counted_ms(lease.number) > lease.judged_told_ms:
                tell_judged(lease, self._consumer.membership(), self._services)
            metrics.look(lease.number, as_of_ms, now_ms)
