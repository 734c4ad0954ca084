"""What a rule is: a figure that Prometheus keeps ready, or an alert with all that a person at 3 a.m. needs."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from infra.prometheus.durations import Scale

RUNBOOKS = "docs/runbooks/"
PAGE = "page"
"""Somebody gets up: customers are hurt now, or soon will be, and it does not mend itself."""
TICKET = "ticket"
"""Somebody looks at it in working hours, or whoever was paged looks here for the cause."""
HANGS_AFTER_S = 60
"""A process that has not asked for input for so long does not come back by itself, as a rule."""


@dataclass(frozen=True)
class Recording:
    """A figure under a name `level:metric:operations`: what it is summed by, what it is, what was done to it."""

    name: str
    expression: str

    def as_mapping(self, scale: Scale, runbooks: str) -> dict[str, object]:
        return {"record": self.name, "expr": scale.in_expression(_laid_out(self.expression))}


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alert: `lasting` is how long it must hold before anybody hears of it.

    The description carries the figures; `command` is the first thing to type. Its runbook page is named after it.
    """

    name: str
    severity: str
    expression: str
    lasting: str
    summary: str
    description: str
    command: str

    @property
    def page(self) -> str:
        return f"{self.name}.md"

    def as_mapping(self, scale: Scale, runbooks: str) -> dict[str, object]:
        return {
            "alert": self.name,
            "expr": scale.in_expression(_laid_out(self.expression)),
            "for": scale.waiting(self.lasting),
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "command": self.command,
                "runbook_url": runbooks + self.page,
            },
        }


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated together, one after the other; each group is a file of its name."""

    name: str
    rules: tuple[Recording | Alert, ...]

    def as_mapping(self, scale: Scale, runbooks: str) -> dict[str, object]:
        return {
            "groups": [
                {
                    "name": f"sluice-{self.name}",
                    "rules": [rule.as_mapping(scale, runbooks) for rule in self.rules],
                }
            ]
        }


def grown(counter: str, window: str, by: str, *, of_young: bool = True) -> str:
    """How much a counter has grown within a window, summed `by` labels, from its very first event on.

    A counter with labels does not exist before its first event, and `increase` takes the value that it is first seen
    with for where it began: a burst of 500 in one bundle would not be seen at all. So the first value of a counter that
    was not there a window ago counts too, provided that its process answered then: neither a Prometheus that is new nor
    one whose scrape failed at that moment must take the whole history of a process for news.

    A process that has begun since then could not answer, under a name that is new with each start or the first time
    that it is started; all that it has counted is news. `of_young` asks for those too, which needs a window with a
    number: Grafana's own have none.
    """
    answered = f'up{{job="sluice"}} offset {window} == 1'
    if of_young:
        # A tenth more, so that nothing is missing between its start and the first time that it was asked.
        began = f'min_over_time(process_start_time_seconds{{job="sluice"}}[{window}])'
        answered = f"({answered} or {began} > time() - 1.1 * seconds({window}))"
    # Each mention of a window reads all of its samples, so there are but two. A label of its own keeps each part apart
    # until the sum. Instead of nothing at all, a counter of which just one sample is known is to be a zero.
    return f"""
    sum by ({by}) (
      increase({counter}[{window}])
      or label_replace(
        min_over_time({counter}[{window}]) unless {counter} offset {window} and on (instance) {answered},
        "part", "news", "", ""
      )
      or label_replace(0 * {counter}, "part", "nothing", "", "")
    )
    """


def goes_on(counter: str, window: str, by: str) -> str:
    """Whether a counter has grown within a window and in the one before, summed `by` labels: one event does not."""
    within, before = (
        f"sum by ({by}) (increase({counter}[{window}]{ago})) > 0" for ago in ("", f" offset {window}")
    )
    return f"{within} and on ({by}) {before}"


def seconds_since_last_poll(labels: str = "") -> str:
    """How long ago each process last asked for input; nothing of one that waits for its brokers to ask at all."""
    return f"time() - (sluice_last_poll_timestamp_seconds{_chosen(labels)} > 0)"


def hangs() -> str:
    """Processes that answer and have long ceased to ask for input: what they say of themselves is from before."""
    return f"{seconds_since_last_poll()} > {HANGS_AFTER_S}"


def deciding_by_partition() -> str:
    """1 of each partition that somebody decides for, 0 where its owner does not; nothing where nobody owns it.

    A process that hangs goes on saying that it decides, and does not: it is believed as little as one that is gone.
    """
    return f"max by (partition) (sluice_partition_live unless on (instance) {hangs()})"


def broken_off(recorded: str, least: int) -> str:
    """Where nothing has come for 40 minutes of what, at this hour, comes without a break; `recorded` is by ten minutes.

    "At this hour" is an hour before and after, because clocks are set; a week ago, because some rest on Sundays; and
    the day before or two weeks ago, because a week ago may have been a day of its own, and yesterday a Sunday. What
    has not come in the last eight hours either was closed before: it is a holiday, or over for good. There may be a
    figure for each of 2,000 pools, so of what is long ago one for each ten minutes is read.
    """
    usual = f"min_over_time({recorded}[2h:10m] offset %s) > {least}"
    return f"""
    max_over_time({recorded}[30m]) == 0
    and max_over_time({recorded}[8h:10m]) > {least}
    and {usual % "167h"}
    and ({usual % "23h"} or {usual % "335h"})
    """.strip()


def silence_of_pools(labels: str = "") -> str:
    """Seconds since each pool was last heard of; of several pools of one name, those of the longest silent one.

    Networks may have pools of the same name, in several processes. A process that hangs goes on telling of pools which
    another one has long taken over: it is believed only where nobody else knows of the pool.
    """
    heard = f"sluice_stock_event_timestamp_seconds{_chosen(labels)}"
    believed = f"min by (pool) ({heard} unless on (instance) {hangs()})"
    return f"time() - (\n  {believed}\n  or min by (pool) ({heard})\n)"


def silence_allowed() -> str:
    """Seconds that a pool may be silent: longer by as much as a router is behind, for what waits may well be of it."""
    behind = "scalar(max(sluice_lag_seconds) or vector(0))"
    return f"(scalar(max(sluice_stock_freshness_limit_seconds)) + {behind})"


def _chosen(labels: str) -> str:
    return f"{{{labels}}}" if labels else ""


def _laid_out(expression: str) -> str:
    return dedent(expression).strip()
