"""One router process in the simulation: the real flow code, stepped by the test instead of by bytewax."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import Future
from random import Random
from typing import Any, TypeVar

from flows.bundle import Decided, Item
from flows.clock import Clock
from flows.config import RouterConfig
from flows.fleet import Fleet
from flows.health import Health
from flows.logs.bundle_log import BundleLog
from flows.logs.log import Log
from flows.metrics import Metrics
from flows.port import PortFault
from flows.route import RouteLogic
from flows.services import Services
from flows.sink import commit_all
from flows.stopping import Stopping
from flows.topic_book import TopicBook
from infra.redaction import Redactor
from schemas.formats import FORMAT
from state.limits import Limits
from tests.audit.small_network import PARTITIONS
from tests.simulation.log import SimulatedKafka
from tests.simulation.port import SimulatedPort

Result = TypeVar("Result")


class Hang(BaseException):
    """The client does not come back from this call."""


def at_once(task: Callable[[], Result]) -> Future[Result]:
    """Run a task here and now: nothing waits in a simulation, and the order must repeat."""
    future: Future[Result] = Future()
    try:
        future.set_result(task())
    except BaseException as error:
        future.set_exception(error)
    return future


class Beside:
    """What runs beside the flow, and gets its turn when the test lets it: by then anything may have happened.

    A process that waits for a result, or is gone, has it run there and then; a task outlives whoever began it.
    """

    def __init__(self, chance: Random, is_calm: Callable[[], bool]) -> None:
        self._chance = chance
        self._is_calm = is_calm
        self._tasks: list[Task] = []

    def begin(self, task: Callable[[], object]) -> Future[object]:
        """At once, or later."""
        if self._is_calm() or self._chance.random() < 0.5:
            return at_once(task)
        future = Task(task)
        self._tasks.append(future)
        return future

    def go_on(self) -> None:
        """Some of the tasks have their turn; all of them when nothing goes wrong any more."""
        due, self._tasks = self._tasks, []
        for task in due:
            if self._is_calm() or self._chance.random() < 0.5:
                task.run()
            else:
                self._tasks.append(task)


class Task(Future[object]):
    """Runs once: when it has its turn, or when somebody waits for it."""

    def __init__(self, task: Callable[[], object]) -> None:
        super().__init__()
        self._task = task
        self._is_begun = False

    def run(self) -> None:
        if self._is_begun:
            return
        self._is_begun = True
        try:
            self.set_result(self._task())
        except BaseException as error:
            self.set_exception(error)

    def result(self, timeout: float | None = None) -> object:
        self.run()
        return super().result(timeout)


class Late(Future[PortFault | None]):
    """A commit that ends when somebody waits for it, or by chance before; or never."""

    def __init__(self, task: Callable[[], PortFault | None], chance: Random) -> None:
        super().__init__()
        self._task = task
        self._chance = chance
        self._hangs = False

    def done(self) -> bool:
        if not super().done() and self._chance.random() < 0.5:
            self._run()
        return super().done()

    def result(self, timeout: float | None = None) -> PortFault | None:
        if not super().done():
            self._run()
        if self._hangs:
            raise TimeoutError
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Somebody waits a little: it may have ended by then."""
        if not self.done():
            raise TimeoutError
        return super().exception()

    def _run(self) -> None:
        if self._hangs:
            return
        try:
            self.set_result(self._task())
        except Hang:
            self._hangs = True
        except BaseException as error:
            self.set_exception(error)


def simulated_services(
    kafka: SimulatedKafka,
    member: str,
    chance: Random,
    trouble: Callable[[str], None],
    config: RouterConfig,
    log: Log,
    first_format: int = FORMAT,
    ahead_ms: int = 0,
    background: Callable[[Callable[[], object]], Future[object]] | None = None,
) -> Services:
    """What the flow needs of a process, without a thread, and on the simulated clock; its own is so far ahead."""
    port = SimulatedPort(kafka, member, trouble)
    return Services(
        port=port, config=config, limits=Limits(), log=log, bundle_log=BundleLog(log, config), metrics=Metrics(),
        clock=Clock(10**9, lambda: kafka.now_ms + ahead_ms, lambda: kafka.now_ms),
        topics=TopicBook(port, 1.0), health=Health(config, lambda: kafka.now_ms / 1000),
        background=background or at_once, beside=lambda task: Late(task, chance),
        steady_s=lambda: kafka.now_ms / 1000, collect_garbage=lambda: None, first_format=first_format,
    )  # fmt: skip


class SimulatedRouter:
    """What a process is between its start and its crash; `settings` are of its configuration, else by chance."""

    def __init__(
        self,
        kafka: SimulatedKafka,
        member: str,
        chance: Random,
        trouble: Callable[[str], None],
        first_format: int = FORMAT,
        style: str = "text",
        redactor: Redactor | None = None,
        ahead_ms: int = 0,
        background: Callable[[Callable[[], object]], Future[object]] | None = None,
        **settings: Any,
    ) -> None:
        self.member = member
        self.output = io.StringIO()
        self.stopping = Stopping()
        by_chance: dict[str, Any] = {
            "bundle_records_max": chance.choice((1, 3, 10, 100)),
            "restore_slice_records": chance.choice((1, 20, 1_000)),
            "standby": chance.random() < 0.7,
            "standby_partitions": chance.choice((1, PARTITIONS)),
            "standby_slice_records": chance.choice((1, 50, 1_000)),
            "standby_join_ms_max": chance.choice((1, 600_000)),
        }
        ours: dict[str, Any] = {
            "metrics": "off",
            "setbacks_max": 1_000,
            "head_wait_ms": 1,
            "setback_pause_ms": 1,
        }
        config = RouterConfig(**ours | by_chance | settings)
        # Everything is said: whoever looks for what must not be there finds it.
        log = Log(style, self.output, level="debug", instance=member, redactor=redactor)
        self.services = simulated_services(
            kafka, member, chance, trouble, config, log, first_format, ahead_ms, background
        )
        self.metrics = self.services.metrics
        self.fleet = Fleet(self.services, self.stopping)
        self._logics: dict[int, RouteLogic] = {}

    def step(self) -> None:
        """What one activation of the dataflow does: poll, decide, commit."""
        by_partition: dict[int, list[Item]] = {}
        for item in self.fleet.next_items():
            by_partition.setdefault(item.lease.number, []).append(item)
        decided: list[Decided] = []
        for number, items in sorted(by_partition.items()):
            logic = self._logics.setdefault(number, RouteLogic(self.services))
            outputs, is_over = logic.on_batch(items)
            decided += outputs
            if is_over:
                del self._logics[number]
        if decided:
            commit_all(decided, self.services)

    def has_said(self, words: str) -> bool:
        """Whether its log holds this."""
        return words in self.output.getvalue()

    def close(self) -> None:
        self.fleet.close()
