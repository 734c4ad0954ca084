"""How far the input of each partition is away: measured once a second, for metrics and health."""

from __future__ import annotations

from collections.abc import Iterable

from flows.lease import Lease
from flows.phase import Phase
from flows.port import GroupConsumer
from flows.services import Services

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
        """Once a second: what was committed, how far input is away, and what fell due."""
        now_s = self._services.steady_s()
        if now_s - self._measured_s < MEASURE_EVERY_S:
            return
        self._measured_s = now_s
        self._services.metrics.add_up()
        self._services.metrics.broker_errors(self._services.port.broker_errors())
        for lease in live:
            self._measure(lease, now_ms)

    def of(self, number: int) -> tuple[int, float]:
        """Records and seconds; none before the first measurement."""
        return self._lags.get(number, (0, 0.0))

    def forget(self, number: int) -> None:
        """The partition is not this process's any more."""
        self._lags.pop(number, None)
        self._looked_ms.pop(number, None)

    def _measure(self, lease: Lease, now_ms: int) -> None:
        metrics = self._services.metrics
        waiting = 0
        is_known = True
        for place in lease.places:
            end = self._consumer.end_last_seen(place)
            is_known = is_known and end is not None
            lag = max(0, (end or 0) - lease.positions[place.topic])
            metrics.lag(lease.number, place.topic, lag)
            gap = self._consumer.stable_gap(place)
            if gap is not None:
                metrics.stable_gap(lease.number, place.topic, gap)
            waiting += lag
        age_s = max(0, now_ms - lease.last_record_ms) / 1000 if waiting and lease.last_record_ms else 0.0
        metrics.lag_age(lease.number, age_s)
        self._lags[lease.number] = (waiting, age_s)
        # Under load a commit is always in hand: now and then it is waited for, or nothing that falls due would be seen.
        if now_ms - self._looked_ms.get(lease.number, 0) >= LOOK_EVERY_MS_MAX:
            lease.settle()
        # Nothing is judged before it is known how old what has been read is.
        if not is_known or (waiting and not lease.last_record_ms):
            return
        if lease.is_settled and lease.phase is Phase.LIVE:
            self._looked_ms[lease.number] = now_ms
            metrics.look(lease.number, now_ms - round(age_s * 1000), now_ms)
