"""A partition whose every bundle is committed and counted, as the router would."""

from __future__ import annotations

from typing import Any

from flows.metrics import Metrics, Spent
from tests.small_network import Entity, ms, network
from tests.world import Told, World

SPENT = Spent(0.01, 0.003, 0.02)
ALWAYS = {"stock_event_timestamp_seconds", "capacity_limit"}
"""Figures that every network has, whatever happens."""


class Counted:
    """A world and what its metrics show."""

    def __init__(self, entities: list[Entity] | None = None) -> None:
        self.world = World(None)
        self.metrics = Metrics()
        self.metrics.partition_restored(self.world.partition, 0.1, self.world.now_ms)
        self.commit(self.world.apply(*(entities or network())))

    def commit(self, *bundles: Told) -> None:
        """The bundles are on the topics."""
        for told in bundles:
            self.metrics.committed(self.world.partition, {}, told.outcome, SPENT, self.world.now_ms)
        self.metrics.catch_up()
        self.metrics.add_up()

    def send(self, *events: tuple[str, dict[str, Any]]) -> Told:
        """One bundle, committed."""
        told = self.world.send(*events)
        self.commit(told)
        return told

    def until(self, moment: str) -> None:
        """Time passes: timers fire, and what fell due is looked at, as it is once a second."""
        self.commit(*self.world.advance(moment))
        self.look()

    def look(self) -> None:
        now_ms = self.world.now_ms
        self.metrics.catch_up()
        self.metrics.look(0, now_ms, now_ms)

    def restart(self, *, catches_up: bool = True) -> None:
        """Another process takes over, and is told up to when this one has judged."""
        judged_ms = self.metrics.judged_ms(0)
        self.world.restart()
        self.metrics = Metrics()
        self.metrics.partition_restored(self.world.partition, 0.1, self.world.now_ms, judged_ms)
        if catches_up:
            self.metrics.catch_up()

    def value(self, name: str, **labels: str) -> float | None:
        """What a scrape would show, or None where there is no such series."""
        return self.metrics.registry.get_sample_value(f"sluice_{name}", labels)

    def shown(self) -> dict[str, float]:
        """Every business figure and symptom that is not zero: `name{value,value}`."""
        found: dict[str, float] = {}
        for family in self.metrics.registry.collect():
            for sample in family.samples:
                values = [sample.labels[name] for name in sorted(sample.labels)]
                if (
                    sample.value
                    and {"pool", "channel", "country", "carrier"} & sample.labels.keys()
                    and "le" not in sample.labels
                ):
                    found[f"{sample.name.removeprefix('sluice_')}{{{','.join(values)}}}"] = sample.value
        return found


def seconds(moment: str) -> float:
    """A time stamp as metrics show it."""
    return ms(moment) / 1000
