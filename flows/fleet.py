"""The partitions that the consumer group gave to this process, and what each poll means for them."""

from __future__ import annotations

from flows.bundle import Assigned, Item, Revoked
from flows.health import PartitionHealth
from flows.input_watch import InputWatch
from flows.lags import Lags
from flows.lease import Lease
from flows.mending import Mending
from flows.phase import Phase
from flows.port import Polled, PortFault, Remedy
from flows.services import Services
from flows.shares import bundles
from flows.stopping import Stopping
from flows.takeover.membership import Membership
from flows.takeover.standby import Standby
from operators.bundle import next_due_ms
from schemas.kinds import ORDERS

WAIT_WHILE_PREPARING_S = 0.005


class Fleet:
    """Owns the consumer and the leases; driven by `next_items`, between two bundles."""

    def __init__(self, services: Services, stopping: Stopping) -> None:
        self._services = services
        self._stopping = stopping
        self._mending = Mending(services)
        self._leases: dict[int, Lease] = {}
        self._told: set[Lease] = set()
        self._is_announced = True
        self._assigned_s = services.steady_s()
        self._polled_s = services.steady_s()
        self._partitions = services.topics.partitions(ORDERS)
        services.metrics.configured(services.config.stock_freshness_limit_ms, self._partitions)
        self._standby = Standby(services, self._partitions)
        self._consumer = services.port.consumer()
        self._lags = Lags(services, self._consumer)
        self._input_watch = InputWatch(services)
        self._membership = Membership(services, self._consumer, self._standby)

    def next_items(self) -> list[Item]:
        """Poll once and take every partition one step further."""
        if not any(lease.is_preparing for lease in self._leases.values()):
            # Before anything waits: so the copies' slice overlaps with the commit in hand.
            self._standby.step()
        for lease in self._live():
            lease.wait_a_little()
        items = self._mend()
        self._note_stall()
        self._membership.step()
        polled = self._consumer.poll(self._wait_s(), self._services.config.bundle_records_max)
        for sentence in polled.warnings:
            self._services.log.warning("membership", sentence)
        now_ms = self._services.clock.now_ms()
        # Rebalances happened inside the poll.  What they took is not live any more, so that records which the
        # same poll returned for it are left alone, and read again by whoever has it next.
        items += self._follow_rebalances()
        self._heed_faults(polled)
        self._input_watch.step(self._live())
        self._open_again()
        items += self._prepare()
        items += bundles(self._live(), polled.records, now_ms, self._consumer, self._services.steady_s())
        self._services.metrics.catch_up()
        self._services.log.catch_up()
        self._lags.measure(self._live(), now_ms)
        self._services.health.beat(self._state_of_health(), is_assigned=self._membership.is_assigned)
        return items

    def close(self) -> None:
        for lease in self._leases.values():
            lease.close()
            if lease.unused_copy is not None:
                self._standby.take_back(lease.unused_copy)
            if lease.fault is not None:
                self._services.log.warning(
                    "uncommitted", f"partition {lease.number}: the last bundle was not committed, so its records are "
                    f"read again by whoever has the partition next: {lease.fault.sentence}",
                    partition=lease.number,
                )  # fmt: skip
        self._standby.close()
        self._consumer.close()

    # --- rebalances -----------------------------------------------------------------------------------------

    def _follow_rebalances(self) -> list[Item]:
        items: list[Item] = []
        for is_assignment, numbers in self._membership.rebalances():
            if is_assignment:
                items += self._take(numbers)
            else:
                items += self._give(numbers)
        return items

    def _take(self, numbers: set[int]) -> list[Item]:
        items = self._drop([number for number in self._leases if number not in numbers])
        self._mending.forget(self._mending.waiting)
        for number in sorted(numbers):
            parked = self._leases.get(number)
            if parked is not None and parked.phase is Phase.PARKED:
                self._services.metrics.partition_owned(number)
                parked.resume()
            else:
                items += self._drop([number])
                self._open(number)
        self._standby.follow(numbers)
        self._is_announced = False
        self._assigned_s = self._services.steady_s()
        self._services.log.info(
            "assigned", f"assigned partitions {sorted(numbers) or 'none'}", partitions=sorted(numbers)
        )
        return items

    def _give(self, numbers: set[int]) -> list[Item]:
        """Park what can be resumed; the dataflow forgets it all the same."""
        items: list[Item] = []
        self._mending.forget(numbers)
        for number in sorted(numbers & set(self._leases)):
            lease = self._leases[number]
            if lease in self._told:
                self._told.discard(lease)
                items.append(Revoked(lease))
            if lease.park():
                self._lags.forget(number)
                self._services.metrics.partition_gone(number)
            else:
                if lease.fault is not None:
                    # The bundle in hand was not committed, most likely because somebody else owns it already.
                    self._mending.tell(number, lease.fault, "was given away while its last bundle failed")
                items += self._drop([number])
        if numbers:
            self._services.log.info(
                "revoked", f"revoked partitions {sorted(numbers)}", partitions=sorted(numbers)
            )
        return items

    def _open(self, number: int) -> None:
        self._services.metrics.partition_owned(number)
        copy = self._standby.give(number)
        self._leases[number] = Lease(number, self._partitions, self._services, self._consumer, copy)

    def _drop(self, numbers: list[int]) -> list[Item]:
        items: list[Item] = []
        for number in numbers:
            lease = self._leases.pop(number, None)
            if lease is None:
                continue
            if lease in self._told:
                self._told.discard(lease)
                items.append(Revoked(lease))
            lease.close()
            if lease.unused_copy is not None:
                self._standby.take_back(lease.unused_copy)
            self._lags.forget(number)
            self._services.metrics.partition_gone(number)
        return items

    # --- preparing and mending ------------------------------------------------------------------------------

    def _prepare(self) -> list[Item]:
        items: list[Item] = []
        for lease in self._leases.values():
            if lease.is_preparing:
                lease.advance()
                if lease.phase is Phase.LIVE:
                    self._told.add(lease)
                    items.append(Assigned(lease))
            elif lease.phase is Phase.LIVE:
                lease.open_gate()
        self._announce()
        return items

    def _announce(self) -> None:
        """Say once after each assignment that everything in hand decides."""
        live = self._live()
        if self._is_announced or not live or any(lease.is_preparing for lease in self._leases.values()):
            return
        self._is_announced = True
        if not all(lease.is_warm for lease in live):
            # Whoever took over warm has left nothing behind, and what waits for its decisions has waited enough.
            self._services.collect_garbage()
        rows = sum(lease.partition.row_count for lease in live)
        seconds = self._services.steady_s() - self._assigned_s
        numbers = sorted(lease.number for lease in live)
        self._services.log.info(
            "ready", f"ready: partitions {numbers}, {rows:,} rows in {seconds:.1f} s",
            partitions=numbers, rows=rows, seconds=round(seconds, 3),
        )  # fmt: skip

    def _mend(self) -> list[Item]:
        """Give up what broke in the last commit or on the way to deciding; it is opened again after the poll."""
        items: list[Item] = []
        for number, lease in list(self._leases.items()):
            lease.settle(wait=False)
            fault = lease.fault
            if fault is not None and self._mending.may_start_again(lease, fault):
                self._consumer.pause(lease.places)
                items += self._drop([number])
                if fault.remedy is Remedy.REJOIN:
                    self._membership.rejoin()
                self._is_announced = False
        if self._have_all_stopped():
            self._stopping.fail("every partition of this process has stopped; see the errors above")
        return items

    def _open_again(self) -> None:
        """After the poll, which may have said that a partition is another process's by now: it is not to be fenced."""
        for number in self._mending.take_due():
            self._open(number)

    def _have_all_stopped(self) -> bool:
        """Nothing is left to do: what is to be opened again, or to be given by the group, has not stopped."""
        if self._mending.waiting or self._membership.is_rejoining:
            return False
        return bool(self._leases) and all(lease.phase is Phase.STOPPED for lease in self._leases.values())

    def _heed_faults(self, polled: Polled) -> None:
        for fault in polled.faults:
            lease = self._leases.get(fault.place.partition)
            if lease is None or lease.phase is not Phase.LIVE:
                continue
            if fault.cut:
                lease.stop(
                    f"{fault.sentence}; what comes next is not there any more: its retention has cut records that "
                    "were never read, or the topic has lost its last ones or was made anew (started again, the router "
                    "says which). Have the sources send them again and move on under a new --prefix, or restore the "
                    "topic; nothing is skipped in silence"
                )
            else:
                lease.fail(PortFault(Remedy.OPERATOR, fault.sentence))

    # --- waiting ------------------------------------------------------------------------------------------

    def _live(self) -> list[Lease]:
        return [lease for lease in self._leases.values() if lease.phase is Phase.LIVE]

    def _wait_s(self) -> float:
        """How long a poll may wait for input: no longer than a timer, a restore, a copy or a tick allows."""
        if any(lease.phase is Phase.RESTORING for lease in self._leases.values()):
            return 0.0
        if any(lease.is_preparing for lease in self._leases.values()):
            return WAIT_WHILE_PREPARING_S
        if self._services.metrics.is_taking_over:
            return 0.0
        wait_ms = self._services.config.tick_ms
        now_ms = self._services.clock.now_ms()
        for lease in self._live():
            due_ms = next_due_ms(lease.partition)
            if due_ms is not None:
                wait_ms = min(wait_ms, due_ms - now_ms)
        return self._standby.wait_s(self._mending.wait_s(max(wait_ms, 0) / 1000))

    def _note_stall(self) -> None:
        now_s = self._services.steady_s()
        if now_s - self._polled_s > self._services.config.stall_ms / 1000:
            self._services.metrics.causes.stalls.inc()
        self._polled_s = now_s
        self._services.metrics.causes.last_poll.set(self._services.clock.wall_ms() / 1000)

    def _state_of_health(self) -> dict[int, PartitionHealth]:
        state = self._standby.state_of_health()
        # A lease that broke is gone until it is opened again; the partition is this process's all the same.
        state.update(
            {number: PartitionHealth("waiting to restore again") for number in self._mending.waiting}
        )
        for number, lease in self._leases.items():
            if lease.phase is Phase.PARKED:
                continue  # Somebody else has it now.
            state[number] = self._lags.health_of(lease)
        return state
