"""A warm copy, whenever and however it has read, is what a restore from nothing gives."""

from __future__ import annotations

import io
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from flows.config import RouterConfig
from flows.logs.log import Log
from flows.port import Place
from flows.services import Services
from flows.takeover.restore import Restore
from flows.takeover.standby_copy import Copy
from schemas.reference import AnyEntity, NetworkEntity
from state.limits import Limits
from state.partition import Partition
from state.timers import Timer
from tests.audit.small_network import NUMBER, PARTITIONS, POOLS, entities
from tests.memory import unpacked
from tests.promises import promise
from tests.side_by_side import takes
from tests.simulation.process import simulated_services
from tests.simulation.test_simulation import STATE, Simulation

WINDOW = 60


class Followed(Simulation):
    """A world with all its troubles, and one who looks on: now and then it takes a slice, and topics are compacted."""

    def __init__(self, seed: int, looks: float, compacts: float) -> None:
        super().__init__(seed)
        self._luck = Random(f"looks/{seed}")
        self._looks, self._compacts = looks, compacts
        self.copy: Copy | None = None

    def services(self) -> Services:
        services = simulated_services(
            self.kafka,
            "looker-on",
            self._luck,
            lambda _step: None,
            RouterConfig(),
            Log("text", io.StringIO()),
        )
        return services_with(services, Limits(identities_max=WINDOW))

    def act(self) -> None:
        super().act()
        if self._luck.random() < 0.1:
            self.world.apply(self._changed())
        if self._luck.random() < self._compacts:
            for topic in STATE:
                self.kafka.compact(Place(topic, NUMBER))
        if self._luck.random() < self._looks:
            self.copy = self.copy or Copy(NUMBER, PARTITIONS, self.services())
            self.copy.step(self._luck.choice((1, 7, 1_000)))

    def _changed(self) -> list[AnyEntity]:
        """What a pool and its lanes are, and the network, said anew: until all of it is read, one names another that is
        gone.
        """
        pool = self._luck.choice(POOLS)
        said_anew = [
            entity
            for entity in entities()
            if getattr(entity, "pool", None) == pool and self._luck.random() < 0.7
        ]
        return [NetworkEntity(currency="EUR", capacity_price=self._luck.randint(0, 2_000_000)), *said_anew]

    def cold(self) -> Partition:
        """The last value of each row, read back at once."""
        for topic in STATE:
            self.kafka.compact(Place(topic, NUMBER))
        partition = Partition(NUMBER, PARTITIONS, Limits(identities_max=WINDOW))
        read_all(Restore(self.services().port, partition, partition.limits, 1.0))
        return partition

    def warm(self) -> Partition:
        """The copy, taken over: the fence, then the rest."""
        copy = self.copy or Copy(NUMBER, PARTITIONS, self.services())
        # In the middle of a transaction, as a slice ends.
        copy.step(self._luck.choice((1, 2, 3)))
        self.kafka.init(f"router.{NUMBER}")
        assert copy.settle() == ""
        read_all(copy.taken_over())
        return copy.partition


def services_with(services: Services, limits: Limits) -> Services:
    return replace(services, limits=limits)


def read_all(restore: Restore) -> None:
    for _ in range(100_000):
        if restore.step(1_000, 0.0):
            return
    raise AssertionError("the restore never ended")


def remembered(partition: Partition) -> dict[str, Any]:
    """All that decisions rest on, timers apart."""
    for network in partition.networks.values():
        unpacked(network)
    found: dict[str, Any] = {
        "digest": partition.digest,
        "rows": partition.row_hashes,
        "sequence": partition.sequence,
        "decided at": partition.decided_at_ms,
        "positions": partition.positions,
        "window": list(partition.seen.contents.items())[-WINDOW:],
    }
    for name, network in partition.networks.items():
        orders, routes = network.orders, network.catalog.routes
        found[name] = {
            "stock": (network.ledger.good, network.ledger.other),
            "available": network.ledger.available,
            "orders": orders.rows,
            "indexes": (orders.holders, orders.waiting, orders.waiting_orders, orders.undecided),
            "slots": network.slots,
            "sets": network.catalog.sets,
            "members": network.catalog.members,
            "items": sorted(routes.items) if routes else None,
            "safety": routes.safety if routes else None,
        }
    return found


def timers(partition: Partition) -> Iterator[tuple[str, Timer]]:
    for name, network in partition.networks.items():
        yield from ((name, timer) for timer in network.timers.due(2**62))


@promise("P6")
# A failing world is as good an example as a smaller one, and shrinking it takes minutes.
@takes(10)
@settings(max_examples=6, phases=(Phase.explicit, Phase.generate))
@given(
    seed=st.integers(0, 10_000),
    looks=st.sampled_from((0.02, 0.3, 1.0)),
    compacts=st.sampled_from((0.0, 0.1)),
)
def test_a_copy_that_is_taken_over_equals_a_restore_from_nothing(
    seed: int, looks: float, compacts: float
) -> None:
    world = Followed(seed, looks, compacts)
    world.run()
    warm, cold = world.warm(), world.cold()
    assert remembered(warm) == remembered(cold)
    assert len(cold.seen.contents) >= min(WINDOW, len(warm.seen.contents))
    # A copy may keep a timer that no row wants any more, as its owner does; it may not lack one.
    assert set(timers(cold)) <= set(timers(warm))


def test_timers_do_not_pile_up_while_a_copy_follows() -> None:
    world = Followed(seed=7, looks=1.0, compacts=0.0)
    world.run()
    copy = world.copy
    assert copy is not None
    while copy.step(1_000) or copy.lag():
        pass
    decided_at_ms = world.cold().decided_at_ms
    waiting = [timer for _, timer in timers(copy.partition)]
    assert waiting
    assert min(due_ms for due_ms, _, _ in waiting) > decided_at_ms


def test_routing_tables_are_derived_from_the_rows_of_one_moment() -> None:
    """Topics are read one by one: the copy meets what a second set drops before it meets the pointer to the first."""
    world = Followed(seed=3, looks=0.0, compacts=0.0)
    world.run()
    copy = Copy(NUMBER, PARTITIONS, world.services())
    while not copy.is_warm:
        copy.step(1_000)
    for price in (1, 2):
        world.world.apply([NetworkEntity(currency="EUR", capacity_price=price)])
        world.world.send_all()
        world.settle()
    assert copy.lag() > 2
    while copy.step(1) or copy.lag():
        pass
    assert not copy.partition.is_stale
    [network] = copy.partition.networks.values()
    assert network.catalog.routes is not None
    assert network.catalog.routes.network.capacity_price == 2
