"""Figures of random histories: they add up, and taking a partition over loses nothing and counts nothing twice."""

from __future__ import annotations

from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.metrics import Metrics
from operators.bundle import Outcome
from schemas.times import DAY_MS
from tests.audit.rehearsal import Rehearsal
from tests.audit.small_network import NUMBER
from tests.flows.metrics.figures import SPENT

LABELS = {"pool", "channel", "country", "carrier"}


class Processes:
    """One process after another that counts what is committed."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self._sums: dict[str, float] = {}

    def take_over(self, history: History) -> None:
        """The next one, which is told up to when the one before has judged."""
        judged_ms = self.metrics.judged_ms(NUMBER)
        self.end()
        self.metrics = Metrics()
        self.metrics.partition_restored(history.partition, 0.1, history.now_ms, judged_ms)

    def end(self) -> None:
        """What it committed stays counted."""
        self.metrics.partition_gone(NUMBER)
        for family in self.metrics.registry.collect():
            for sample in family.samples:
                if sample.name.endswith(("_total", "_count")) and LABELS & sample.labels.keys():
                    name = f"{sample.name}{sorted(sample.labels.values())}"
                    self._sums[name] = self._sums.get(name, 0) + sample.value

    def together(self, name: str) -> float:
        """One figure, over all of its labels."""
        return round(
            sum(value for each, value in self._sums.items() if each.startswith(f"sluice_{name}_total[")), 3
        )

    def figures(self) -> dict[str, float]:
        """What all of them have counted together."""
        return {name: round(value, 6) for name, value in self._sums.items() if value}


class History(Rehearsal):
    """Counted by one process alone, and by others that relieve one another at random moments."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.alone, self.relieved = Processes(), Processes()
        self._moments = Random(seed + 1)
        for each in (self.alone, self.relieved):
            each.take_over(self)

    def bundle(self) -> Outcome:
        moments = self._moments
        if moments.random() < 0.05:
            self.relieved.take_over(self)
        outcome = super().bundle()
        for each in (self.alone, self.relieved):
            each.metrics.committed(self.partition, {}, outcome, SPENT, self.now_ms)
        self.alone.metrics.catch_up()
        if moments.random() < 0.8:
            self.relieved.metrics.catch_up()
        if moments.random() < 0.9:
            self.look()
        if moments.random() < 0.05:
            self.relieved.take_over(self)
        return outcome

    def look(self) -> None:
        """Both look at the same moment, if the one that took over knows everything of before."""
        if not self.relieved.metrics.is_taking_over:
            for each in (self.alone, self.relieved):
                each.metrics.look(NUMBER, self.now_ms, self.now_ms)

    def until_everything_is_judged(self) -> None:
        """Weeks in which nothing comes in."""
        self.relieved.metrics.catch_up()
        for _ in range(20 * 8):
            self.now_ms += DAY_MS // 8
            self.bundle()
            self.look()
        for each in (self.alone, self.relieved):
            each.end()


@settings(max_examples=20)
@given(seed=st.integers(0, 1_000_000))
@example(seed=5_244)
def test_figures_over_take_overs_are_those_of_one_process(seed: int) -> None:
    history = lived(seed)
    assert history.relieved.figures() == history.alone.figures()


@settings(max_examples=20)
@given(seed=st.integers(0, 1_000_000))
def test_figures_of_one_thing_add_up_whichever_way_they_are_counted(seed: int) -> None:
    figures = lived(seed).alone
    together = figures.together
    for what in ("due", "on_time", "told"):
        assert together(f"delivery_{what}") == together(f"carrier_delivery_{what}")
        assert together(f"channel_delivery_{what}") == together(f"delivery_{what}_by_country")
    assert together("channel_delivery_due") >= together("delivery_due"), "some units have no package"
    assert together("channel_delivery_on_time") == together("delivery_on_time")
    assert together("dispatch_due") == together("dispatch_on_time") + together("cutoffs_missed")
    assert together("channel_dispatch_due") <= together("dispatch_due"), (
        "what is planned later has no channel"
    )
    assert together("units_filled") <= together("units_due") <= together("ordered_units")
    assert together("orders") == together("orders_by_country")
    assert together("ordered_units") == together("units_by_country")
    assert together("path_cost") == together("channel_path_cost")
    assert together("dispatched_shipments") == together("packages") >= together("shipped_orders")


def lived(seed: int) -> History:
    """A history, all of which is judged."""
    history = History(seed)
    history.run(60)
    history.until_everything_is_judged()
    return history
