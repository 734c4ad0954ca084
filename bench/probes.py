"""Times functions of the core by wrapping them, so that the product carries no code for it.

A probe counts the time spent in its function but not in probed functions below it; what the probes themselves cost
is measured with an empty function and taken off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, NamedTuple
from unittest.mock import patch

from msgspec import Struct

CALIBRATION_CALLS = 200_000


class Probe(NamedTuple):
    """Where a function is looked up by its caller (`operators.step`, `book`), and the step it belongs to."""

    module: str
    name: str
    step: str


class Times(Struct):
    """Calls and own nanoseconds of one step."""

    calls: int = 0
    own_ns: int = 0


class Probes:
    """Own times by step; `inner_ns` and `outer_ns` are what one probed call adds to itself and to its caller."""

    def __init__(self, steps: Sequence[str], now_ns: Callable[[], int] = time.perf_counter_ns) -> None:
        self._now_ns = now_ns
        self.times = {step: Times() for step in steps}
        self._below: list[list[int]] = []
        """For each call under way: nanoseconds and number of probed calls directly below it."""
        self.inner_ns, self.outer_ns = 0.0, 0.0
        self.inner_ns, self.outer_ns = self._calibrate()

    def wrap(self, function: Callable[..., Any], step: str) -> Callable[..., Any]:
        times = self.times[step]
        below = self._below
        now_ns = self._now_ns

        def probed(*arguments: Any, **named: Any) -> Any:
            mine = [0, 0]
            below.append(mine)
            started_ns = now_ns()
            try:
                return function(*arguments, **named)
            finally:
                took_ns = now_ns() - started_ns
                below.pop()
                times.calls += 1
                times.own_ns += took_ns - mine[0] - int(self.inner_ns + mine[1] * self.outer_ns)
                if below:
                    above = below[-1]
                    above[0] += took_ns
                    above[1] += 1

        return probed

    def _calibrate(self) -> tuple[float, float]:
        """An empty function inside a probed loop: the loop's own excess is what each call costs its caller."""
        calls = range(CALIBRATION_CALLS)

        def empty() -> None:
            return None

        def loop(function: Callable[[], None]) -> None:
            for _ in calls:
                function()

        started_ns = self._now_ns()
        loop(empty)
        plain_ns = self._now_ns() - started_ns
        self.times["calibration"] = Times()
        self.times["loop"] = Times()
        self.wrap(loop, "loop")(self.wrap(empty, "calibration"))
        inner_ns = self.times.pop("calibration").own_ns / CALIBRATION_CALLS
        outer_ns = (self.times.pop("loop").own_ns - plain_ns) / CALIBRATION_CALLS
        return inner_ns, max(0.0, outer_ns)


@contextmanager
def planted(probes: Sequence[Probe], book: Probes) -> Iterator[list[Probe]]:
    """Wrap for as long as the block lasts; what it yields are the probes whose function is not there any more."""
    missing: list[Probe] = []
    with ExitStack() as wrapped:
        for probe in probes:
            owner = _owner(probe.module)
            function = vars(owner).get(probe.name)
            if function is None:
                missing.append(probe)
            else:
                wrapped.enter_context(patch.object(owner, probe.name, book.wrap(function, probe.step)))
        yield missing


def _owner(path: str) -> Any:
    """A module, or a class in one: `state.network:Network`."""
    module, _, name = path.partition(":")
    owner = import_module(module)
    return getattr(owner, name) if name else owner
