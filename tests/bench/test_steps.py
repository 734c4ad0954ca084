"""The steps: every probe finds its function, and the parts add up to the whole."""

import pytest

from bench.probes import Probe, Probes, planted
from bench.steps import STEPS, measure_steps, steps_table
from bench.workload import Size


def test_the_parts_add_up_to_the_whole() -> None:
    steps = measure_steps(Size(skus=200, orders=400), orders=400, runs=1, bundle_records=100)
    assert steps.missing == [], "the core was refactored: name the functions anew in bench/steps.py"
    assert sum(steps.outcomes.values()) >= 400
    assert sum(steps.microseconds.values()) == pytest.approx(steps.speed.microseconds_per_order)
    assert set(steps.microseconds) == set(STEPS)
    assert steps.calls["decode"] == 1
    assert "orders/s" in steps_table(steps)[0]


class Watch:
    """A clock that only the functions under the probes advance."""

    now_ns = 0


def inner() -> None:
    Watch.now_ns += 20


def outer() -> None:
    Watch.now_ns += 10
    inner()


def test_a_probe_leaves_out_what_probes_below_it_count() -> None:
    book = Probes(["inner", "outer"], now_ns=lambda: Watch.now_ns)
    probes = (
        Probe(__name__, "inner", "inner"),
        Probe(__name__, "outer", "outer"),
        Probe(__name__, "gone", "outer"),
    )
    with planted(probes, book) as missing:
        outer()
        outer()
    assert [probe.name for probe in missing] == ["gone"]
    assert (book.times["inner"].calls, book.times["inner"].own_ns) == (2, 40)
    assert (book.times["outer"].calls, book.times["outer"].own_ns) == (2, 20)


def test_probes_leave_nothing_behind() -> None:
    before = inner
    with planted((Probe(__name__, "inner", "inner"),), Probes(["inner"])):
        assert inner is not before
    assert inner is before
