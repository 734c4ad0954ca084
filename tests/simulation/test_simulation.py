"""The real flow on a simulated Kafka: crashes at any call, lost and late answers, aborts, frozen owners, rebalances.

Everything repeats from the seed.  Afterwards the auditor looks at what is on the topics.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

import pytest

from cli.audit.history import PartitionTopics, audit_partition
from cli.audit.journal import Letter
from cli.audit.report import AuditReport
from flows.port import Place, PortFault, Remedy
from schemas.codec import decode_journal
from schemas.formats import FORMAT
from schemas.kinds import (
    ALLOCATIONS,
    CATALOG,
    DEAD_LETTERS,
    DECISIONS,
    EXCEPTIONS,
    INPUT_TOPICS,
    JOURNAL,
    LEDGER,
    ORDER_BOOK,
    ROUTER_STATE,
)
from schemas.records import Record
from tests.audit.small_network import NUMBER, PARTITIONS, START_MS, entities
from tests.promises import promise
from tests.side_by_side import takes, together
from tests.simulation.log import SimulatedKafka
from tests.simulation.process import Beside, Hang, SimulatedRouter
from tests.simulation.world import World

STATE = (LEDGER, ORDER_BOOK, CATALOG, ROUTER_STATE)
NOTICES = (DECISIONS, EXCEPTIONS, f"{ALLOCATIONS}east", f"{ALLOCATIONS}west")
WORLDS = 12
ROUNDS = 120
UNREADABLE = "the copy cannot be read"
TAKE_OVERS = ("took over warm", "restored", "resumed", "is followed")
PROCESSES_MAX = 3


class Crash(BaseException):
    """The process is gone at this call: nothing of it runs any more, no `except Exception` sees it."""


class Simulation:
    """A world that sends events, and router processes that come to grief."""

    def __init__(self, seed: int, first_format: int = FORMAT, *, in_transactions: bool = False) -> None:
        self.chance = Random(seed)
        self._first_format = first_format
        topics = (*INPUT_TOPICS, *STATE, *NOTICES, JOURNAL, DEAD_LETTERS)
        self.kafka = SimulatedKafka(dict.fromkeys(topics, PARTITIONS), START_MS)
        self.world = World(seed, self.kafka, in_transactions=in_transactions)
        self.happened: Counter[str] = Counter()
        self.routers: list[SimulatedRouter] = []
        self.frozen: list[SimulatedRouter] = []
        self.started: list[SimulatedRouter] = []
        self.beside = Beside(self.chance, lambda: self.is_calm)
        self._running: SimulatedRouter | None = None
        self._is_inside = False
        self.is_calm = False

    # --- the world ------------------------------------------------------------------------------------------

    def pass_time(self) -> None:
        self.kafka.now_ms = self.world.now_ms = self.kafka.now_ms + self.chance.choice((1, 5, 1_000, 600_000))

    # --- the processes --------------------------------------------------------------------------------------

    def trouble(self, step: str) -> None:
        """Told of each call before it happens, and of a commit after it."""
        if self.is_calm:
            return
        luck = self.chance.random()
        if step == "follow":
            if luck < 0.003:
                self.happened["copy lost"] += 1
                raise PortFault(Remedy.ABORT, UNREADABLE)
            return
        # A bundle produces many records and commits once.
        if luck < (0.002 if step == "produce" else 0.015):
            self.happened[f"crash at {step}"] += 1
            raise Crash
        if step in {"commit", "committed", "send_offsets"} and luck < 0.04:
            self.happened[f"no answer at {step}"] += 1
            raise PortFault(Remedy.RETRY, "no answer")
        if step != "begin" and luck < (0.007 if step == "produce" else 0.05):
            self.happened[f"abort at {step}"] += 1
            raise PortFault(Remedy.ABORT, "must abort")
        if step in {"commit", "committed", "send_offsets"} and 0.05 < luck < 0.06:
            self.happened[f"hang at {step}"] += 1
            raise Hang
        if 0.06 < luck < (0.062 if step == "produce" else 0.08) and step != "init":
            self.freeze_inside(step)
        if step == "begin" and luck < 0.03:
            self.happened["coordinator gave up"] += 1
            raise PortFault(Remedy.REJOIN, "given up")

    def freeze_inside(self, step: str) -> None:
        """The process stands still in the middle of a bundle, while the others go on: then it wakes up."""
        if self._running is None or self._is_inside:
            return
        self.happened[f"freeze at {step}"] += 1
        sleeper, self._is_inside = self._running, True
        self.kafka.group.leave(sleeper.member)
        others = [router for router in self.routers if router is not sleeper]
        self.routers = others
        for _ in range(self.chance.choice((1, 10, 40))):
            if not self.routers:
                self.start()
            for router in list(self.routers):
                self.step(router)
        self.routers.append(sleeper)
        self._running, self._is_inside = sleeper, False

    def start(self) -> None:
        name = f"router-{len(self.started) + 1}"
        router = SimulatedRouter(
            self.kafka, name, self.chance, self.trouble, self._first_format, background=self.beside.begin
        )
        self.routers.append(router)
        self.started.append(router)

    def step(self, router: SimulatedRouter) -> None:
        self.beside.go_on()
        self._running = router
        try:
            router.step()
        except Crash:
            self.routers.remove(router)
            # The session time-out: the group notices later, or never before the next process joins.
            self.kafka.group.leave(router.member)

    def close(self, router: SimulatedRouter) -> None:
        """A process ends in order, and commits what it has in hand; even then it may crash."""
        self._running = router
        try:
            router.close()
        except Crash:
            self.kafka.group.leave(router.member)

    def act(self) -> None:
        luck = self.chance.random()
        if luck < 0.02 and len(self.routers) < PROCESSES_MAX:
            self.happened["start"] += 1
            self.start()
        elif luck < 0.03 and len(self.routers) > 1:
            self.happened["close"] += 1
            self.close(self.routers.pop())
        elif luck < 0.045 and self.routers:
            # Frozen, and taken for dead; it wakes up later and believes that no time has passed.
            self.happened["freeze"] += 1
            router = self.routers.pop(0)
            self.frozen.append(router)
            self.kafka.group.leave(router.member)
        elif luck < 0.06 and self.frozen:
            self.happened["wake"] += 1
            self.routers.append(self.frozen.pop())
        elif luck < 0.09:
            self.happened["compaction"] += 1
            for topic in STATE:
                self.kafka.compact(Place(topic, NUMBER))
        if not self.routers:
            self.start()
        for router in list(self.routers):
            if router not in self.routers:
                continue  # It crashed while another one stood still.
            if self.chance.random() < 0.2:
                continue  # Not every process is equally quick: a copy may be behind when its owner dies.
            self.step(router)
            assert router.stopping.fault is None, router.output.getvalue()

    def run(self, rounds: int = ROUNDS) -> None:
        self.world.apply(entities())
        for number in range(rounds):
            if number == rounds // 2 and self._first_format < FORMAT:
                self.world.finalise()
            self.world.live()
            self.world.send_all()
            self.pass_time()
            for _ in range(self.chance.choice((1, 4, 12))):
                self.act()
        self.settle()

    def settle(self) -> None:
        """Nothing goes wrong any more: everything that was sent is decided within a bound."""
        self.is_calm = True
        self.beside.go_on()
        if not self.routers:
            self.start()
        self.settle_with(*self.routers)

    def settle_with(self, *routers: SimulatedRouter) -> None:
        """Let these decide everything that was sent; what hung just before is waited for until its time-out."""
        for _ in range(10_000):
            self.kafka.now_ms += 1
            for router in routers:
                router.step()
            if all(
                self.kafka.committed.get(Place(topic, NUMBER), 0)
                >= len(self.kafka.logs[Place(topic, NUMBER)])
                for topic in INPUT_TOPICS
            ):
                return
        raise AssertionError("the inputs were never decided:\n" + routers[0].output.getvalue())

    def said(self, words: str) -> list[str]:
        """What any process has said with these words in it."""
        return [
            line for router in self.started for line in router.output.getvalue().splitlines() if words in line
        ]

    def refuted_copies(self) -> list[str]:
        """Warm copies that were not believed.  Here nothing ever spoils one, so all that was read must agree."""
        return [line for line in self.said("is dropped") if UNREADABLE not in line]

    # --- what came out --------------------------------------------------------------------------------------

    def records(self, topic: str) -> list[Record]:
        place = Place(topic, NUMBER)
        found, _ = self.kafka.read(place, 0, 1_000_000)
        return [Record(topic, offset, each.timestamp_ms, each.key, each.value) for offset, each in found]

    def audit(self) -> AuditReport:
        letters = []
        for _, stored in self.kafka.read(Place(DEAD_LETTERS, NUMBER), 0, 1_000_000)[0]:
            said = {name: text.decode() for name, text in stored.headers}
            letters.append(
                Letter(
                    int(said["sequence"]), said["topic"], int(said["offset"]), stored.key, stored.value,
                    said["reason"], said["detail"],
                )
            )  # fmt: skip
        topics = PartitionTopics(
            partition=NUMBER,
            partitions=PARTITIONS,
            inputs={topic: self.records(topic) for topic in INPUT_TOPICS},
            journal=self.records(JOURNAL),
            notices={topic: self.records(topic) for topic in NOTICES},
            letters=letters,
            rows=[record for topic in STATE for record in self.records(topic)],
        )
        report = AuditReport()
        audit_partition(topics, report, complete=True)
        return report


@cache
def lived(seed: int) -> Simulation:
    """A world at its end; it takes a second, and two tests look at it."""
    simulation = Simulation(seed, in_transactions=seed % 2 == 1)
    simulation.run()
    return simulation


@promise("P1")
@promise("P2")
@promise("P3")
@together("simulation")
@takes(1)
@pytest.mark.parametrize("seed", range(WORLDS))
def test_whatever_happens_the_audit_holds(seed: int) -> None:
    simulation = lived(seed)
    report = simulation.audit()
    assert report.violations == [], simulation.happened
    assert simulation.refuted_copies() == []
    assert report.counts["decisions"] > 50


@promise("P2")
@promise("P6")
@pytest.mark.parametrize("seed", range(2))
def test_an_upgrade_is_finalised_in_the_middle_of_it(seed: int) -> None:
    simulation = Simulation(200 + seed, first_format=FORMAT - 1)
    simulation.run()
    assert simulation.audit().violations == [], simulation.happened
    formats = [decode_journal(record.value or b"").format for record in simulation.records(JOURNAL)]
    assert set(formats) == {FORMAT - 1, FORMAT}
    assert formats == sorted(formats)


@together("simulation")
@takes(1)
def test_every_trouble_was_met() -> None:
    happened: Counter[str] = Counter()
    for seed in range(WORLDS):
        simulation = lived(seed)
        happened += simulation.happened
        for words in TAKE_OVERS:
            happened[words] += len(simulation.said(f"partition {NUMBER} {words}"))
    steps = ("begin", "produce", "send_offsets", "commit", "committed")
    expected = {f"crash at {step}" for step in steps} | {"freeze", "wake", "start", "close", "compaction"}
    expected |= {f"freeze at {step}" for step in ("produce", "commit")}
    expected |= {f"hang at {step}" for step in ("send_offsets", "commit", "committed")}
    expected |= {f"abort at {step}" for step in ("produce", "send_offsets", "commit")} | {"copy lost"}
    assert expected <= set(happened)
    assert min(happened[words] for words in TAKE_OVERS) > 10, "each kind of take-over is met often"
