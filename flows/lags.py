"""How far the input of each partition is away: measured once a second, for metrics and health."""

from __future__ import annotations

from collections.abc import Iterable

from flows.lease import Lease
from flows.port import GroupConsumer
from flows.services import Services

MEASURE_EVERY_S = 1.0


class Lags:
    """Records that wait, and how long the oldest has waited, by partition; nothing is asked of the broker."""

    def __init__(self, services: Services, consumer: GroupConsumer) -> None:
        self._services = services
        self._consumer = consumer
        self._measured_s = 0.0
        self._lags: dict[int, tuple[int, float]] = {}

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

    def _measure(self, lease: Lease, now_ms: int) -> None:
        metrics = self._services.metrics
        waiting = 0
        for place in lease.places:
            end = self._consumer.end_last_seen(place)
            lag = max(0, (end or 0) - lease.positions[place.topic])
            metrics.lag(lease.number, place.topic, lag)
            gap = self._consumer.stable_gap(place)
            if gap is not None:
                metrics.stable_gap(lease.number, place.topic, gap)
            waiting += lag
        age_s = max(0, now_ms - lease.last_record_ms) / 1000 if waiting and lease.last_record_ms else 0.0
        metrics.lag_age(lease.number, age_s)
        self._lags[lease.number] = (waiting, age_s)
        if lease.is_settled:
            metrics.look(lease.number, now_ms - round(age_s * 1000), now_ms)
