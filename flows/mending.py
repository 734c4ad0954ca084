"""What becomes of a partition whose lease broke: whether it starts again, and when."""

from __future__ import annotations

from collections.abc import Iterable, KeysView

from flows.lease import Lease
from flows.port import PortFault, Remedy
from flows.services import Services
from flows.setbacks import Setbacks


class Mending:
    """Knows the partitions that are to be opened again; those that the group gives anew are opened then."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._setbacks = Setbacks(services.config)
        self._again_at_s: dict[int, float] = {}

    @property
    def waiting(self) -> KeysView[int]:
        """Partitions of this process that are to be opened again."""
        return self._again_at_s.keys()

    def may_start_again(self, lease: Lease, fault: PortFault) -> bool:
        """Whether it is to be given up for another lease; one that has failed too often waits for a person instead."""
        number, now_s = lease.number, self._services.steady_s()
        count = self._setbacks.note(number, fault, now_s)
        if self._setbacks.is_too_many(count, fault):
            self._count(fault)
            lease.stop(f"{fault.sentence} ({count} times in a row)")
            return False
        pause_s = self._setbacks.pause_s(count, fault)
        self.tell(number, fault, "starts again" + (f" in {pause_s:.1f} s" if pause_s else ""), count)
        # Somebody else may own the partition by now: fencing them before the group has said so would start a fight
        # over it that nobody wins.
        if fault.remedy is not Remedy.REJOIN:
            self._again_at_s[number] = now_s + pause_s
        return True

    def tell(self, number: int, fault: PortFault, what: str, count: int = 1) -> None:
        """Say and count what happened to the partition."""
        self._count(fault)
        self._services.log.warning(
            "setback", f"partition {number} {what}: {fault.sentence}", partition=number, count=count,
            remedy=fault.remedy.value,
        )  # fmt: skip

    def take_due(self) -> list[int]:
        """Those whose time has come."""
        now_s = self._services.steady_s()
        due = [number for number, at_s in self._again_at_s.items() if now_s >= at_s]
        self.forget(due)
        return due

    def forget(self, numbers: Iterable[int]) -> None:
        """They are not this process's to open again: that would fence whoever has them next."""
        for number in list(numbers):
            self._again_at_s.pop(number, None)

    def wait_s(self, otherwise_s: float) -> float:
        """How long a poll may wait with regard to them."""
        left_s = min(self._again_at_s.values(), default=float("inf")) - self._services.steady_s()
        return min(otherwise_s, max(left_s, 0.0))

    def _count(self, fault: PortFault) -> None:
        self._services.metrics.causes.setbacks.labels(fault.remedy.value).inc()
