"""What a case of the rules is: a healthy deployment, what is different in it, and every alert that fires then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.prometheus.durations import milliseconds_of
from infra.prometheus.rule import Alert
from infra.prometheus.rules import ALERTS, GROUPS
from tests.infra.prometheus.healthy import healthy_series

JOB = 'job="sluice"'
WITHOUT_OBJECTIVES = ("symptoms", "causes")
"""The groups of stories that no objective is touched by, which are most of the rules to evaluate."""


@dataclass(frozen=True)
class Fires:
    """One alert as whoever is on call sees it."""

    alert: str
    labels: Mapping[str, str]
    summary: str
    description: str

    def as_mapping(self) -> dict[str, object]:
        rule = ALERTS[self.alert]
        command = re.sub(r"\{\{ \$labels\.(\w+) }}", lambda match: self.labels[match[1]], rule.command)
        return {
            "exp_labels": {"severity": rule.severity, **self.labels},
            "exp_annotations": {
                "summary": self.summary,
                "description": self.description,
                "command": command,
                "runbook_url": f"docs/runbooks/{rule.page}",
            },
        }


@dataclass(frozen=True, kw_only=True)
class Case:
    """A story in series, in Prometheus' own notation: `3x4` is 3 and then 3 four times more, `0+5x4` counts up by 5.

    Every alert that is not named in `fires` must be silent. `nearly` names those that the story comes close to.
    """

    story: str
    at: str
    interval: str = "30s"
    series: Mapping[str, str] = field(default_factory=dict)
    """Series that replace healthy ones of the same name and labels, or come on top; `_x9` is one that is absent."""
    dead: Mapping[str, int] = field(default_factory=dict)
    """Routers that end after so many scrapes: Prometheus forgets what they said."""
    fires: Sequence[Fires] = ()
    nearly: Sequence[str] = ()
    evaluated_every: str = "1m"
    """A story of seconds needs to be looked at more often; one of days is looked at once for each scrape."""
    healthy: bool = True
    """Whether there is a deployment at all."""
    groups: Sequence[str] = tuple(group.name for group in GROUPS)
    """The groups that are looked at.  A story of days is told in few scrapes, which other rules cannot do with."""

    def as_file(self, rules: Path) -> dict[str, object]:
        """A test file of promtool's, for the rules in this directory; JSON is YAML too."""
        interval_s = milliseconds_of(self.interval) // 1000
        scrapes = milliseconds_of(self.at) // 1000 // interval_s + 1
        series = dict(healthy_series(interval_s, scrapes, self.dead) if self.healthy else {}) | dict(
            self.series
        )
        return {
            "rule_files": [str(rules / f"{group}.yaml") for group in self.groups],
            "evaluation_interval": max(self.evaluated_every, self.interval, key=milliseconds_of),
            "tests": [
                {
                    "name": self.story,
                    "interval": self.interval,
                    "input_series": [
                        {"series": with_job(name), "values": values} for name, values in series.items()
                    ],
                    "alert_rule_test": [self._expectation(name) for name in self._alerts()],
                }
            ],
        }

    def _alerts(self) -> list[str]:
        rules = [rule for group in GROUPS if group.name in self.groups for rule in group.rules]
        return [rule.name for rule in rules if isinstance(rule, Alert)]

    def _expectation(self, name: str) -> dict[str, object]:
        expected = [each.as_mapping() for each in self.fires if each.alert == name]
        return {"eval_time": self.at, "alertname": name, "exp_alerts": expected}


def with_job(series: str) -> str:
    """Every series is of the job that the rules ask for."""
    return series.replace("{", "{" + JOB + ", ", 1) if "{" in series else f"{series}{{{JOB}}}"
